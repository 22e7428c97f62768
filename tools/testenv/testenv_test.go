package testenv

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestParseMajor(t *testing.T) {
	for version, want := range map[string]int{"v24.21.0": 24, "v8.0.0": 8, "20.1.0": 20, "v20": 0, "": 0, "vx.1": 0} {
		got, err := parseMajor(version)
		if got != want || (err != nil) != (want == 0) {
			t.Errorf("parseMajor(%q) = %d, %v, want %d", version, got, err, want)
		}
	}
}

func TestFindNodeOnPath(t *testing.T) {
	path, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node on PATH")
	}
	want, err := OpenNode(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := FindNode(t.Context(), want.Major)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("FindNode (-want +got):\n%s", diff)
	}
}

func TestCachedFillsOnce(t *testing.T) {
	dir, fills := t.TempDir(), 0
	fill := func(tmp string) error {
		fills++
		return os.WriteFile(filepath.Join(tmp, "kept"), nil, 0o644)
	}
	for range 2 {
		got, err := cached(dir, "key", fill)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(got, "kept")); err != nil {
			t.Error(err)
		}
	}
	if fills != 1 {
		t.Errorf("filled %d times, want 1", fills)
	}
}

func TestCachedKeepsNothingOfAFailure(t *testing.T) {
	dir, broken := t.TempDir(), errors.New("no network")
	_, err := cached(dir, "key", func(string) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("cached = %v, want %v", err, broken)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestCachedWhenAnotherWasFaster(t *testing.T) {
	dir := t.TempDir()
	got, err := cached(dir, "key", func(string) error {
		theirs := filepath.Join(dir, "key")
		if err := os.Mkdir(theirs, 0o755); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(theirs, "theirs"), nil, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(got, "theirs")); err != nil {
		t.Error(err)
	}
}

func TestMariaDB(t *testing.T) {
	db, err := StartMariaDB(t.Context())
	if errors.Is(err, ErrNoMariaDB) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("mariadb", "--no-defaults", "--protocol=tcp", "--host=127.0.0.1",
		"--port="+strconv.Itoa(db.Port), "--user="+db.User, "--password="+db.Password,
		"--batch", "--skip-column-names", "--execute=SELECT 6 * 7", db.Database).CombinedOutput()
	if got := string(out); err != nil || got != "42\n" {
		t.Errorf("SELECT 6 * 7 = %q, %v", got, err)
	}
	closes(t, db, db.cmd.Process.Pid, db.dir)
}

func TestMariaDBStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	db, err := StartMariaDB(ctx)
	if errors.Is(err, ErrNoMariaDB) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-db.exited
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func TestPostgres(t *testing.T) {
	db, err := StartPostgres(t.Context())
	if errors.Is(err, ErrNoPostgres) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("psql", "--no-psqlrc", "--tuples-only", "--no-align", "--command=SELECT 6 * 7", db.URL()).CombinedOutput()
	if got := string(out); err != nil || got != "42\n" {
		t.Errorf("SELECT 6 * 7 = %q, %v", got, err)
	}
	closes(t, db, db.cmd.Process.Pid, db.dir)
}

// closes holds that nothing of a database is left, and that it may be closed
// again.
func closes(t *testing.T, db io.Closer, pid int, dir string) {
	t.Helper()
	for range 2 {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d after Close: %v, want it gone", pid, err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("data folder after Close: %v, want it gone", err)
	}
}
