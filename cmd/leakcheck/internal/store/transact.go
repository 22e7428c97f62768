package store

import (
	"context"
	"database/sql"
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrLocked says that another process kept the history locked for all the time that
// was waited.
var ErrLocked = errors.New("another process has locked the history")

// transact runs f in a transaction, which is undone when f fails.
func (s *Store) transact(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return lockedOr(err)
	}
	if err := f(tx); err != nil {
		return errors.Join(lockedOr(err), tx.Rollback())
	}
	return lockedOr(tx.Commit())
}

// lockedOr is ErrLocked for SQLite's way to say so.
func lockedOr(err error) error {
	const primary = 0xff // of an extended code
	if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code()&primary == sqlite3.SQLITE_BUSY {
		return ErrLocked
	}
	return err
}
