package target_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/harness/target/proctree"
	"github.com/leakcheck/leakcheck/harness/target/watchdog"
)

func TestMain(m *testing.M) {
	watchdog.Main()
	if mode := os.Getenv(helperVariable); mode != "" {
		helper(mode)
		return
	}
	goleak.VerifyTestMain(m)
}

// options start command in testdata under a mark of the test's own.
func options(t *testing.T, command ...string) target.Options {
	t.Helper()
	return target.Options{
		Command: command,
		Dir:     "testdata",
		LogPath: filepath.Join(t.TempDir(), "target.log"),
		RunID:   uuid.NewString(),
		Ready:   target.Ready{Timeout: 20 * time.Second},
	}
}

// start fails the test unless the target starts, and afterwards unless it
// stops and leaves nothing behind.
func start(t *testing.T, o target.Options) *target.Process {
	t.Helper()
	p, err := target.Start(t.Context(), o)
	if err != nil {
		t.Fatalf("Start: %v%s", err, explain(err))
	}
	t.Cleanup(func() {
		if err := p.Stop(context.Background()); err != nil {
			t.Errorf("Stop: %v", err)
		}
		wantGone(t, o.RunID)
	})
	return p
}

// refuse returns the error of a start that must fail, and checks that it left
// nothing behind.
func refuse(t *testing.T, o target.Options) *target.Error {
	t.Helper()
	p, err := target.Start(t.Context(), o)
	if err == nil {
		p.Stop(context.Background())
		t.Fatal("Start: got no error")
	}
	wantGone(t, o.RunID)
	e, ok := errors.AsType[*target.Error](err)
	if !ok {
		t.Fatalf("Start: got %T (%v), want *target.Error", err, err)
	}
	return e
}

func explain(err error) string {
	if e, ok := errors.AsType[*target.Error](err); ok {
		return fmt.Sprintf("\nhint: %s\n%s", e.Hint, e.Detail)
	}
	return ""
}

func wantGone(t *testing.T, runID string) {
	t.Helper()
	if left := members(t, runID); len(left) > 0 {
		t.Errorf("processes left behind: %v", left)
	}
}

func members(t *testing.T, runID string) []int {
	t.Helper()
	pids, err := proctree.Tree{Marker: "LEAKCHECK_RUN_ID=" + runID}.PIDs()
	if err != nil {
		t.Fatal(err)
	}
	return pids
}
