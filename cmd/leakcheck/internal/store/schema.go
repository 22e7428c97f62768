package store

import (
	"context"
	"database/sql"
	"fmt"
)

// migration is the statements that lead from one version of the schema to the
// next. Types are written so that both databases read them. A migration that
// was released is never changed.
type migration []string

var migrations = []migration{
	{ // 1
		`CREATE TABLE leakcheck_runs (
			id          TEXT PRIMARY KEY,
			started_ms  BIGINT NOT NULL,
			tool        TEXT NOT NULL,
			outcome     TEXT NOT NULL,
			exit_code   BIGINT NOT NULL,
			scenario    TEXT NOT NULL,
			hash        TEXT NOT NULL,
			commit_hash TEXT NOT NULL,
			commit_ms   BIGINT NOT NULL,
			dirty       BIGINT NOT NULL,
			node        TEXT NOT NULL,
			os          TEXT NOT NULL,
			arch        TEXT NOT NULL,
			cpus        BIGINT NOT NULL,
			cpu_model   TEXT NOT NULL,
			seed        TEXT NOT NULL,
			rounds      BIGINT NOT NULL,
			dir         TEXT NOT NULL
		)`,
		`CREATE INDEX leakcheck_runs_by_time ON leakcheck_runs (scenario, started_ms)`,
		`CREATE INDEX leakcheck_runs_by_commit ON leakcheck_runs (commit_hash)`,
		`CREATE TABLE leakcheck_endpoints (
			run_id          TEXT NOT NULL,
			position        BIGINT NOT NULL,
			name            TEXT NOT NULL,
			outcome         TEXT NOT NULL,
			waived          BIGINT NOT NULL,
			value           DOUBLE PRECISION NOT NULL,
			low             DOUBLE PRECISION NOT NULL,
			high            DOUBLE PRECISION NOT NULL,
			fit_mean        DOUBLE PRECISION NOT NULL,
			fit_err         DOUBLE PRECISION NOT NULL,
			fit_dof         DOUBLE PRECISION NOT NULL,
			rate            DOUBLE PRECISION NOT NULL,
			budget          DOUBLE PRECISION NOT NULL,
			detection_limit DOUBLE PRECISION NOT NULL,
			requests        BIGINT NOT NULL,
			PRIMARY KEY (run_id, position)
		)`,
	},
	{ // 2: why an endpoint was judged so, and the whole verdict as it was printed
		`ALTER TABLE leakcheck_endpoints ADD COLUMN reason TEXT NOT NULL DEFAULT ''`,
		`ALTER TABLE leakcheck_runs ADD COLUMN document TEXT NOT NULL DEFAULT ''`,
	},
	{ // 3: each endpoint's identity, and which runs were of a selection of endpoints
		`ALTER TABLE leakcheck_endpoints ADD COLUMN identity TEXT NOT NULL DEFAULT ''`,
		`ALTER TABLE leakcheck_runs ADD COLUMN selected_of BIGINT NOT NULL DEFAULT 0`,
		`ALTER TABLE leakcheck_runs ADD COLUMN quick BIGINT NOT NULL DEFAULT 0`,
	},
}

// migrate brings the schema to the newest version, in one transaction: of
// several processes one migrates, and the others find it done.
func (s *Store) migrate(ctx context.Context, to []migration) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		if s.dialect.lock != "" {
			if _, err := tx.ExecContext(ctx, s.dialect.lock); err != nil {
				return fmt.Errorf("lock schema: %w", err)
			}
		}
		version, err := schemaVersion(ctx, tx)
		if err != nil {
			return fmt.Errorf("read schema version: %w", err)
		}
		if version > len(to) {
			return fmt.Errorf("schema version %d: %w", version, ErrNewer)
		}
		for i := version; i < len(to); i++ {
			if err := to[i].apply(ctx, tx, i+1); err != nil {
				return fmt.Errorf("migrate schema to version %d: %w", i+1, err)
			}
		}
		return nil
	})
}

func (m migration) apply(ctx context.Context, tx *sql.Tx, version int) error {
	for _, statement := range m {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE leakcheck_schema SET version = $1`, version)
	return err
}

// schemaVersion is 0 for a database that has none of our tables.
func schemaVersion(ctx context.Context, tx *sql.Tx) (int, error) {
	for _, statement := range []string{
		`CREATE TABLE IF NOT EXISTS leakcheck_schema (version BIGINT NOT NULL)`,
		`INSERT INTO leakcheck_schema (version) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM leakcheck_schema)`,
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return 0, err
		}
	}
	var version int
	err := tx.QueryRowContext(ctx, `SELECT version FROM leakcheck_schema`).Scan(&version)
	return version, err
}
