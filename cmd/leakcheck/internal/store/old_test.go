package store

import (
	"database/sql"
	"testing"
)

func openDB(t *testing.T, d dialect) *sql.DB {
	t.Helper()
	db, err := sql.Open(d.driver, d.source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// insertV1 stores run("old", 1) as version 1 of the schema has it.
func insertV1(t *testing.T, s *Store) {
	t.Helper()
	r := run("old", 1)
	_, err := s.db.Exec(`INSERT INTO leakcheck_runs VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		r.ID, r.StartedAt.UnixMilli(), r.Tool, string(r.Outcome), r.ExitCode, r.Scenario, r.Hash, r.Commit, r.CommitTime.UnixMilli(), 0,
		r.Node, r.Machine.OS, r.Machine.Arch, r.Machine.CPUs, r.Machine.CPUModel, "9007199254740991", r.Rounds, r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, values := range []string{
		"0, 'upload', 'leak', 1, 40.5, 38, 43, 40.5, 0.7, 8, 20, 2, 0.3, 12345",
		"1, 'list', 'inconclusive', 0, 0, 0, 0, 0, 0, 0, 150, 5, 0, 0",
	} {
		if _, err := s.db.Exec(`INSERT INTO leakcheck_endpoints VALUES ('` + r.ID + `', ` + values + `)`); err != nil {
			t.Fatal(err)
		}
	}
}
