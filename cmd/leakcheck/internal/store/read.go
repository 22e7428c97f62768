package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/leakcheck/leakcheck/verdict/history"
)

const runColumns = `id, started_ms, tool, outcome, exit_code, scenario, hash, commit_hash, commit_ms, dirty,
	node, os, arch, cpus, cpu_model, seed, rounds, dir, selected_of, quick`

// runs reads the chosen runs and their endpoints in one transaction, so that
// none is seen without the other.
func (s *Store) runs(ctx context.Context, f Filter) ([]history.Run, error) {
	last := f.Last
	if last <= 0 {
		last = 1<<31 - 1
	}
	return s.read(ctx, `SELECT `+runColumns+` FROM leakcheck_runs
		WHERE started_ms >= $1 AND ($2 = '' OR scenario = $2) AND ($3 = '' OR commit_hash = $3)
		ORDER BY started_ms DESC, id DESC LIMIT $4`,
		millis(f.Since), f.Scenario, f.Commit, last)
}

// byID reads the run of an id, or else (the latest two of) those that begin with
// it.
func (s *Store) byID(ctx context.Context, id string) ([]history.Run, error) {
	exact, err := s.read(ctx, `SELECT `+runColumns+` FROM leakcheck_runs WHERE id = $1`, id)
	if len(exact) > 0 || err != nil || id == "" {
		return exact, err
	}
	return s.read(ctx, `SELECT `+runColumns+` FROM leakcheck_runs WHERE substr(id, 1, $2) = $1
		ORDER BY started_ms DESC LIMIT 2`, id, len(id))
}

func (s *Store) read(ctx context.Context, query string, args ...any) ([]history.Run, error) {
	var runs []history.Run
	err := s.transact(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		if runs, err = scanAll(rows, scanRun); err != nil {
			return err
		}
		for i := range runs {
			if runs[i].Endpoints, err = endpointsOf(ctx, tx, runs[i].ID); err != nil {
				return fmt.Errorf("endpoints of %s: %w", runs[i].ID, err)
			}
		}
		return nil
	})
	slices.Reverse(runs)
	return runs, err
}

// Document is the verdict's JSON document of a run, nil when none was stored
// with it.
func (s *Store) Document(ctx context.Context, id string) ([]byte, error) {
	var text string
	err := s.db.QueryRowContext(ctx, `SELECT document FROM leakcheck_runs WHERE id = $1`, id).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read verdict of %s: %w", id, err)
	}
	return []byte(text), nil
}

func endpointsOf(ctx context.Context, tx *sql.Tx, id string) ([]history.Endpoint, error) {
	rows, err := tx.QueryContext(ctx, `SELECT name, outcome, waived, value, low, high, fit_mean, fit_err, fit_dof,
			rate, budget, detection_limit, requests, reason, identity
		FROM leakcheck_endpoints WHERE run_id = $1 ORDER BY position`, id)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, func(rows *sql.Rows) (e history.Endpoint, err error) {
		err = rows.Scan(&e.Name, &e.Outcome, &e.Waived, &e.Retained.Value, &e.Retained.Low, &e.Retained.High,
			&e.Fit.Mean, &e.Fit.StdErr, &e.Fit.DoF, &e.Rate, &e.Budget, &e.MinDetectable, &e.Requests, &e.Reason, &e.Identity)
		return e, err
	})
}

func scanRun(rows *sql.Rows) (history.Run, error) {
	var r history.Run
	var started, committed int64
	var seed string
	err := rows.Scan(&r.ID, &started, &r.Tool, &r.Outcome, &r.ExitCode, &r.Scenario, &r.Hash, &r.Commit, &committed,
		&r.Dirty, &r.Node, &r.Machine.OS, &r.Machine.Arch, &r.Machine.CPUs, &r.Machine.CPUModel, &seed, &r.Rounds, &r.Dir,
		&r.Of, &r.Quick)
	if err != nil {
		return r, err
	}
	r.StartedAt, r.CommitTime = timeOf(started), timeOf(committed)
	r.Seed, err = strconv.ParseUint(seed, 10, 64)
	return r, err
}

func scanAll[T any](rows *sql.Rows, scan func(*sql.Rows) (T, error)) ([]T, error) {
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		all = append(all, one)
	}
	return all, errors.Join(rows.Err(), rows.Close())
}

func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
