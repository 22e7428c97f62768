package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/tools/testenv"
)

// docs/first-hour.md holds: from an Express app with a login and PostgreSQL to a
// verdict on all its routes, by the commands that it shows.
func TestFirstHour(t *testing.T) {
	if testing.Short() {
		t.Skip("measures an app with a database")
	}
	db, err := testenv.StartPostgres(t.Context())
	if errors.Is(err, testenv.ErrNoPostgres) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	dir := filepath.Join(t.TempDir(), "notes")
	if err := os.CopyFS(dir, os.DirFS("testdata/first-hour")); err != nil {
		t.Fatal(err)
	}
	if err := testenv.InstallPackages(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DATABASE_URL", db.URL())
	t.Setenv("LOGIN_EMAIL", "ann@example.com")
	t.Setenv("LOGIN_PASSWORD", "secret")
	printed(t, dir, "init", "--run", "--all")
	text, err := os.ReadFile(filepath.Join(dir, "scenario.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, route := range []string{"GET /healthz", "GET /notes", "'GET /notes/:id'", "POST /notes"} {
		if !strings.Contains(string(text), "  - name: "+route+"\n") || strings.Contains(string(text), "# - name: "+route+"\n") {
			t.Errorf("%s is not drafted to run:\n%s", route, text)
		}
	}
	if os.Getenv(nightly) == "" {
		t.Skipf("drafted; the run takes minutes: make commits, or %s=1", nightly)
	}
	cmd := exec.Command("leakcheck", "run", "scenario.yaml", "--history", "off", "--quiet")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("got %v, want exit code 1:\n%s", err, out)
	}
	if got := string(out); !strings.Contains(got, "Leak: GET /notes/:id grows by more than the budget allows") || !strings.Contains(got, "routes/notes.js:20") {
		t.Errorf("the leak is not told:\n%s", got)
	}
}
