// Package store keeps the history of runs in a database: SQLite in a file, or
// PostgreSQL for runners that share one. Both have one schema, which is
// migrated forward when a store is opened.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/verdict/history"
)

// ErrNotFound says that the store has no such run.
var ErrNotFound = errors.New("no such run in the history")

// ErrNewer says that a newer leakcheck has migrated the database.
var ErrNewer = errors.New("the history was written by a newer leakcheck")

// Store is an open history. It is safe for concurrent use, and so is one
// database by several processes.
type Store struct {
	db      *sql.DB
	dialect dialect
}

// dialect is in what the databases differ.
type dialect struct {
	driver string
	// source is what the driver opens.
	source string
	// lock keeps other processes from migrating until the transaction ends; ""
	// where a transaction does so by itself.
	lock string
}

// IsURL reports whether a location names a PostgreSQL database rather than a file.
func IsURL(location string) bool {
	return strings.HasPrefix(location, "postgres://") || strings.HasPrefix(location, "postgresql://")
}

// openWithin bounds the first contact with a database server.
const openWithin = 15 * time.Second

// Open opens the history at location: a postgres:// URL, or the path of a
// SQLite file, which is made with its folder where it is missing. The schema is
// migrated to the newest.
func Open(ctx context.Context, location string) (*Store, error) {
	d, err := dialectOf(location)
	if err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	}
	db, err := sql.Open(d.driver, d.source)
	if err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	s := &Store{db: db, dialect: d}
	if err := s.migrate(ctx, migrations); err != nil {
		return nil, errors.Join(fmt.Errorf("open history: %w", err), db.Close())
	}
	return s, nil
}

// Close gives the connections back. It may be called twice.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close history: %w", err)
	}
	return nil
}

// Filter chooses runs. The zero value chooses all.
type Filter struct {
	Scenario string // its name
	Commit   string // the full hash
	Since    time.Time
	Last     int // the latest so many; 0 for all
}

// Runs lists the runs that f chooses, the oldest first.
func (s *Store) Runs(ctx context.Context, f Filter) ([]history.Run, error) {
	runs, err := s.runs(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	return runs, nil
}

// Run is the run of that id, or of the only id that begins so. The error is
// ErrNotFound when there is none.
func (s *Store) Run(ctx context.Context, id string) (history.Run, error) {
	runs, err := s.byID(ctx, id)
	switch {
	case err != nil:
		return history.Run{}, fmt.Errorf("read history: %w", err)
	case len(runs) == 0:
		return history.Run{}, fmt.Errorf("read history: %s: %w", id, ErrNotFound)
	case len(runs) > 1:
		return history.Run{}, fmt.Errorf("read history: %s and %s begin with %s: %w", runs[0].ID, runs[1].ID, id, ErrNotFound)
	}
	return runs[0], nil
}
