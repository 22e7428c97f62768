package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/leakcheck/leakcheck/verdict/history"
)

// Add stores a run with the verdict's JSON document. A run that is there
// already is left as it is; added says whether it was not. When Add returns
// without an error the run is on the disk.
func (s *Store) Add(ctx context.Context, r *history.Run, document []byte) (added bool, err error) {
	err = s.transact(ctx, func(tx *sql.Tx) error {
		added, err = insert(ctx, tx, r, document)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("add run %s to history: %w", r.ID, err)
	}
	return added, nil
}

// Put is Add, but takes the place of a run that is there already.
func (s *Store) Put(ctx context.Context, r *history.Run, document []byte) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		for _, statement := range []string{
			`DELETE FROM leakcheck_endpoints WHERE run_id = $1`, `DELETE FROM leakcheck_runs WHERE id = $1`,
		} {
			if _, err := tx.ExecContext(ctx, statement, r.ID); err != nil {
				return err
			}
		}
		_, err := insert(ctx, tx, r, document)
		return err
	})
	if err != nil {
		return fmt.Errorf("add run %s to history: %w", r.ID, err)
	}
	return nil
}

func insert(ctx context.Context, tx *sql.Tx, r *history.Run, document []byte) (added bool, err error) {
	result, err := tx.ExecContext(ctx, `INSERT INTO leakcheck_runs (
				id, started_ms, tool, outcome, exit_code, scenario, hash, commit_hash, commit_ms, dirty,
				node, os, arch, cpus, cpu_model, seed, rounds, dir, document, selected_of, quick)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
			ON CONFLICT (id) DO NOTHING`,
		r.ID, millis(r.StartedAt), r.Tool, string(r.Outcome), r.ExitCode, r.Scenario, r.Hash, r.Commit,
		millis(r.CommitTime), bit(r.Dirty), r.Node, r.Machine.OS, r.Machine.Arch, r.Machine.CPUs,
		r.Machine.CPUModel, strconv.FormatUint(r.Seed, 10), r.Rounds, r.Dir, string(document), r.Of, bit(r.Quick))
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	if err != nil || n == 0 {
		return false, err
	}
	return true, addEndpoints(ctx, tx, r)
}

func addEndpoints(ctx context.Context, tx *sql.Tx, r *history.Run) error {
	for i := range r.Endpoints {
		e := &r.Endpoints[i]
		_, err := tx.ExecContext(ctx, `INSERT INTO leakcheck_endpoints (
				run_id, position, name, outcome, waived, value, low, high, fit_mean, fit_err, fit_dof,
				rate, budget, detection_limit, requests, reason, identity)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
			r.ID, i, e.Name, string(e.Outcome), bit(e.Waived),
			float64(e.Retained.Value), float64(e.Retained.Low), float64(e.Retained.High),
			float64(e.Fit.Mean), float64(e.Fit.StdErr), e.Fit.DoF,
			float64(e.Rate), float64(e.Budget), float64(e.MinDetectable), e.Requests, e.Reason, e.Identity)
		if err != nil {
			return fmt.Errorf("endpoint %s: %w", e.Name, err)
		}
	}
	return nil
}

// Retention is how much to keep of each scenario. The zero value keeps all.
type Retention struct {
	// Runs is the latest so many, of all endpoints and of selections each; 0 for all.
	Runs   int
	Before time.Time // runs that began earlier go; zero for none
}

// Prune deletes the runs that r does not keep, and says how many.
func (s *Store) Prune(ctx context.Context, r Retention) (deleted int, err error) {
	err = s.transact(ctx, func(tx *sql.Tx) error {
		doomed := `SELECT id FROM (SELECT id, started_ms,
				ROW_NUMBER() OVER (PARTITION BY scenario, CASE WHEN selected_of > 0 THEN 1 ELSE 0 END ORDER BY started_ms DESC, id DESC) AS place
			FROM leakcheck_runs) AS ranked
			WHERE started_ms < $1 OR ($2 > 0 AND place > $2)`
		args := []any{millis(r.Before), r.Runs}
		if _, err := tx.ExecContext(ctx, `DELETE FROM leakcheck_endpoints WHERE run_id IN (`+doomed+`)`, args...); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `DELETE FROM leakcheck_runs WHERE id IN (`+doomed+`)`, args...)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		deleted = int(n)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("prune history: %w", err)
	}
	return deleted, nil
}

// millis is 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
