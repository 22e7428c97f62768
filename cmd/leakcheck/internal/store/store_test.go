package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/leakcheck/leakcheck/tools/testenv"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/history"
)

// writerVariable makes this test binary a writer that adds runs to the history
// it names until it is killed.
const writerVariable = "LEAKCHECK_TEST_WRITER"

func TestMain(m *testing.M) {
	if location := os.Getenv(writerVariable); location != "" {
		writeUntilKilled(location)
	}
	code := m.Run()
	if server != nil {
		if err := server.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// server is the tests' PostgreSQL, nil where none was needed or installed.
var server *testenv.Postgres

// locations are a fresh history in each database.
func locations(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{"sqlite": filepath.Join(t.TempDir(), "new", "history.db")}
	if server == nil {
		var err error
		server, err = testenv.StartPostgres(context.Background())
		if errors.Is(err, testenv.ErrNoPostgres) {
			t.Log(err)
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	db := openDB(t, dialect{driver: "pgx", source: server.URL()})
	name := strings.ToLower(t.Name())
	if _, err := db.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	all["postgres"] = strings.Replace(server.URL(), "/"+server.Database+"?", "/"+name+"?", 1)
	return all
}

// each runs a test against a history of its own in both databases.
func each(t *testing.T, test func(t *testing.T, location string)) {
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) { test(t, location) })
	}
}

func open(t *testing.T, location string) *Store {
	t.Helper()
	s, err := Open(t.Context(), location)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

var day = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

// run is the n-th run of a scenario, one a day.
func run(scenario string, n int) history.Run {
	return history.Run{
		ID: fmt.Sprintf("%s-%04d", scenario, n), StartedAt: day.AddDate(0, 0, n), Tool: "v1.2.3",
		Outcome: verdict.Leak, ExitCode: 1, Scenario: scenario, Hash: "aa", Commit: fmt.Sprintf("c%039d", n),
		CommitTime: day.AddDate(0, 0, n-1), Dirty: n%2 == 0, Node: "v24.21.0", Seed: 1<<53 - 1, Rounds: 6, Dir: "/runs/x", Of: 7, Quick: true,
		Machine: history.Machine{OS: "linux", Arch: "amd64", CPUs: 2, CPUModel: "Some 'CPU'"},
		Endpoints: []history.Endpoint{
			{
				Name: "upload", Outcome: verdict.Leak, Waived: true, Retained: verdict.Estimate{Value: 40.5, Low: 38, High: 43},
				Fit: verdict.Fit{Mean: 40.5, StdErr: 0.7, DoF: 8}, Rate: 20, Budget: 2, MinDetectable: 0.3, Requests: 12345, Reason: "each…",
				Identity: "3f2a1bc0.9c0d1e2f.77aa00bb",
			},
			{Name: "list", Outcome: verdict.Inconclusive, Rate: 150, Budget: 5},
		},
	}
}

func add(t *testing.T, s *Store, runs ...history.Run) {
	t.Helper()
	for i := range runs {
		added, err := s.Add(t.Context(), &runs[i], []byte(`{"schema": 1}`))
		if err != nil || !added {
			t.Fatalf("Add(%s) = %v, %v", runs[i].ID, added, err)
		}
	}
}

func ids(runs []history.Run) string {
	var all []string
	for _, r := range runs {
		all = append(all, r.ID)
	}
	return strings.Join(all, " ")
}

func TestStore(t *testing.T) {
	each(t, func(t *testing.T, location string) {
		s := open(t, location)
		a1, a2, b1 := run("a", 1), run("a", 2), run("b", 1)
		a3 := run("a", 3)
		a3.CommitTime, a3.Commit, a3.Endpoints = time.Time{}, "", nil
		add(t, s, a2, b1, a1, a3)
		for _, tt := range []struct {
			name   string
			filter Filter
			want   []history.Run
		}{
			{"all", Filter{}, []history.Run{a1, b1, a2, a3}},
			{"scenario", Filter{Scenario: "a"}, []history.Run{a1, a2, a3}},
			{"commit", Filter{Commit: a2.Commit}, []history.Run{a2}},
			{"since", Filter{Since: a2.StartedAt}, []history.Run{a2, a3}},
			{"last", Filter{Last: 2, Scenario: "a"}, []history.Run{a2, a3}},
			{"none", Filter{Scenario: "it's"}, nil},
		} {
			got, err := s.Runs(t.Context(), tt.filter)
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", tt.name, err, diff)
			}
		}
		if added, err := s.Add(t.Context(), &a1, nil); added || err != nil {
			t.Errorf("Add of a run that is there = %v, %v", added, err)
		}
		got, err := s.Run(t.Context(), "a-0003")
		if diff := cmp.Diff(a3, got); err != nil || diff != "" {
			t.Errorf("Run: %v (-want +got):\n%s", err, diff)
		}
		if got, err := s.Run(t.Context(), "b"); err != nil || got.ID != b1.ID {
			t.Errorf(`Run("b") = %s, %v`, got.ID, err)
		}
		for _, id := range []string{"a", "a-0009", "", "a%"} {
			if got, err := s.Run(t.Context(), id); !errors.Is(err, ErrNotFound) {
				t.Errorf("Run(%q) = %s, %v", id, got.ID, err)
			}
		}
		if got, err := s.Document(t.Context(), a1.ID); err != nil || string(got) != `{"schema": 1}` {
			t.Errorf("Document = %s, %v", got, err)
		}
		if _, err := s.Document(t.Context(), "none"); !errors.Is(err, ErrNotFound) {
			t.Errorf("Document of no run: %v", err)
		}
	})
}

func TestPrune(t *testing.T) {
	each(t, func(t *testing.T, location string) {
		s := open(t, location)
		for n := range 5 {
			add(t, s, run("a", n), run("b", n))
		}
		for _, tt := range []struct {
			keep    Retention
			deleted int
			left    string
		}{
			{Retention{}, 0, "a-0000 b-0000 a-0001 b-0001 a-0002 b-0002 a-0003 b-0003 a-0004 b-0004"},
			{Retention{Runs: 3}, 4, "a-0002 b-0002 a-0003 b-0003 a-0004 b-0004"},
			{Retention{Runs: 3, Before: day.AddDate(0, 0, 3)}, 2, "a-0003 b-0003 a-0004 b-0004"},
			{Retention{Runs: 1}, 2, "a-0004 b-0004"},
		} {
			deleted, err := s.Prune(t.Context(), tt.keep)
			left, readErr := s.Runs(t.Context(), Filter{})
			if err != nil || readErr != nil || deleted != tt.deleted || ids(left) != tt.left {
				t.Errorf("Prune(%v) = %d, %v; left %s (%v); want %d and %s", tt.keep, deleted, err, ids(left), readErr, tt.deleted, tt.left)
			}
		}
		var endpoints int
		if err := s.db.QueryRow(`SELECT COUNT(*) FROM leakcheck_endpoints`).Scan(&endpoints); err != nil || endpoints != 4 {
			t.Errorf("%d endpoints left (%v), want those of 2 runs", endpoints, err)
		}
	})
}

// Runs of selections keep no run of all endpoints out.
func TestPruneSelections(t *testing.T) {
	each(t, func(t *testing.T, location string) {
		s := open(t, location)
		for n := range 6 {
			r := run("a", n)
			if n < 2 {
				r.Of = 0
			}
			add(t, s, r)
		}
		if _, err := s.Prune(t.Context(), Retention{Runs: 2}); err != nil {
			t.Fatal(err)
		}
		left, err := s.Runs(t.Context(), Filter{})
		if want := "a-0000 a-0001 a-0004 a-0005"; err != nil || ids(left) != want {
			t.Errorf("left %s (%v), want %s", ids(left), err, want)
		}
	})
}

// Eight writers, each with connections of its own as eight processes have,
// open a history that is not there yet and lose nothing.
func TestConcurrentWriters(t *testing.T) {
	const writers, runs = 8, 25
	each(t, func(t *testing.T, location string) {
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				s, err := Open(t.Context(), location)
				if err != nil {
					t.Error(err)
					return
				}
				defer s.Close()
				for n := range runs {
					r := run(fmt.Sprintf("writer%d", w), n)
					if added, err := s.Add(t.Context(), &r, nil); err != nil || !added {
						t.Errorf("Add(%s) = %v, %v", r.ID, added, err)
					}
				}
			})
		}
		wg.Wait()
		got, err := open(t, location).Runs(t.Context(), Filter{})
		if err != nil || len(got) != writers*runs {
			t.Fatalf("%d runs are there, %v; want %d", len(got), err, writers*runs)
		}
		for _, r := range got {
			if len(r.Endpoints) != 2 {
				t.Errorf("%s has %d endpoints, want 2", r.ID, len(r.Endpoints))
			}
		}
	})
}

func writeUntilKilled(location string) {
	ctx := context.Background()
	s, err := Open(ctx, location)
	for n := 0; err == nil; n++ {
		r := run("killed", n)
		if _, err = s.Add(ctx, &r, []byte(strings.Repeat("x", 20_000))); err == nil {
			fmt.Println(r.ID)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// What a writer that is killed in mid-write had said to be stored is there,
// and the history is whole.
func TestKilledWriter(t *testing.T) {
	each(t, func(t *testing.T, location string) {
		acknowledged := killWriter(t, location)
		s := open(t, location)
		for _, id := range acknowledged {
			r, err := s.Run(t.Context(), id)
			if err != nil || len(r.Endpoints) != 2 {
				t.Errorf("run %s: %v, %d endpoints", id, err, len(r.Endpoints))
			}
		}
		all, err := s.Runs(t.Context(), Filter{})
		if err != nil || len(all) > len(acknowledged)+1 {
			t.Errorf("%d runs are there (%v), %d were acknowledged", len(all), err, len(acknowledged))
		}
		add(t, s, run("after", 1))
		if s.dialect.driver == "sqlite" {
			var said string
			if err := s.db.QueryRow(`PRAGMA integrity_check`).Scan(&said); err != nil || said != "ok" {
				t.Errorf("integrity_check: %q, %v", said, err)
			}
		}
	})
}

// killWriter starts a writer, kills it after some runs, and returns those that
// it had said to be stored.
func killWriter(t *testing.T, location string) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), writerVariable+"="+location)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said []byte
	buffer := make([]byte, 4096)
	for strings.Count(string(said), "\n") < 20 && err == nil {
		var n int
		n, err = out.Read(buffer)
		said = append(said, buffer[:n]...)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for err == nil { // what it said until it was gone
		var n int
		n, err = out.Read(buffer)
		said = append(said, buffer[:n]...)
	}
	_ = cmd.Wait() // killed
	lines := strings.Split(string(said), "\n")
	if len(lines) < 20 {
		t.Fatalf("the writer ended before it was killed: %q", said)
	}
	return lines[:len(lines)-1]
}

// A history that an older leakcheck wrote is migrated and keeps its runs; one
// of a newer leakcheck is left alone.
func TestMigrate(t *testing.T) {
	each(t, func(t *testing.T, location string) {
		d, err := dialectOf(location)
		if err != nil {
			t.Fatal(err)
		}
		old := &Store{db: openDB(t, d), dialect: d}
		if err := old.migrate(t.Context(), migrations[:1]); err != nil {
			t.Fatal(err)
		}
		insertV1(t, old)
		s := open(t, location)
		want := run("old", 1)
		want.Of, want.Quick = 0, false // not known to version 1
		for i := range want.Endpoints {
			want.Endpoints[i].Reason, want.Endpoints[i].Identity = "", ""
		}
		got, err := s.Run(t.Context(), want.ID)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		add(t, s, run("new", 1))
		if err := old.migrate(t.Context(), migrations[:1]); !errors.Is(err, ErrNewer) {
			t.Errorf("an old leakcheck on a new history: %v, want ErrNewer", err)
		}
	})
}

// TestMigrateAtOnce opens a new history many times at once.
func TestMigrateAtOnce(t *testing.T) {
	each(t, func(t *testing.T, location string) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				s, err := Open(t.Context(), location)
				if err != nil {
					t.Error(err)
					return
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

func TestOpenFails(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database ", 100)), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, location := range []string{text, text + "/history.db", dir, "postgres://127.0.0.1:1/none?sslmode=disable"} {
		s, err := Open(t.Context(), location)
		if err == nil || !strings.HasPrefix(err.Error(), "open history: ") {
			t.Errorf("Open(%s) = %v, %v", location, s, err)
		}
	}
}

// A history that another process keeps locked is told from one that cannot be
// read, after a wait of some seconds.
func TestLocked(t *testing.T) {
	t.Parallel()
	location := filepath.Join(t.TempDir(), "history.db")
	holder, err := Open(t.Context(), location)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	tx, err := holder.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), location); !errors.Is(err, ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), location)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

// Put takes the place of what was there, where Add leaves it.
func TestPut(t *testing.T) {
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			s, err := Open(t.Context(), location)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			r := run("shop", 1)
			for _, outcome := range []verdict.Outcome{verdict.Leak, verdict.Inconclusive} {
				r.Outcome = outcome
				if err := s.Put(t.Context(), &r, []byte(outcome)); err != nil {
					t.Fatal(err)
				}
				got, err := s.Run(t.Context(), r.ID)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(r, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", outcome, diff)
				}
			}
		})
	}
}
