package harness_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/harness/target/watchdog"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/scenarios"
)

func TestMain(m *testing.M) {
	watchdog.Main()
	goleak.VerifyTestMain(m)
}

// maxDuration is far above what a test takes, so that a run which hangs until
// then shows.
const maxDuration = time.Minute

// scenario loads one endpoint of an app in testdata.
func scenario(t *testing.T, command ...string) *scenarios.Scenario {
	t.Helper()
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return &scenarios.Scenario{
		Name:   t.Name(),
		Target: scenarios.Target{Command: command, Dir: dir},
		Endpoints: []scenarios.Endpoint{
			{Name: "root", Message: scenarios.Message{Request: "GET /", Method: "GET", URLPath: "/"}, Timeout: 10 * time.Second},
		},
		Run: scenarios.Run{Confidence: 0.99, MaxDuration: maxDuration, Workers: 4, Seed: 1},
	}
}

func compile(t *testing.T, s *scenarios.Scenario) *harness.Plan {
	t.Helper()
	p, err := harness.Compile(s, harness.Options{Dir: t.TempDir(), RunID: uuid.NewString(), Tool: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func has(rec *recording.Recording, kind recording.EventKind) bool {
	return slices.ContainsFunc(rec.Events, func(e recording.Event) bool { return e.Kind == kind })
}

// A target that ends in mid-run ends the run at once: neither Node, which
// waits for its debugger, nor the load's timeouts hold it up.
func TestTargetEnds(t *testing.T) {
	tests := []struct {
		name    string
		command []string
		event   recording.EventKind
		says    string // in the error
		detail  string
	}{
		{"exits", []string{"node", "app.js", "exit"}, recording.TargetExited, "exited with code 3", "app: serving"},
		{"throws", []string{"node", "app.js", "throw"}, recording.TargetExited, "exited with code 1", "Error: on purpose"},
		{"fills its heap", []string{"node", "--max-old-space-size=40", "app.js", "leak"}, recording.OutOfMemory, "ran out of heap memory", "JavaScript heap out of memory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			rec, err := harness.Run(t.Context(), compile(t, scenario(t, tt.command...)), harness.Hooks{})
			wantTargetFailed(t, err, tt.says, tt.detail)
			if took := time.Since(begin); took > maxDuration/2 {
				t.Errorf("the run went on for %s", took)
			}
			if !has(rec, tt.event) {
				t.Errorf("events: got %+v, want one of kind %s", rec.Events, tt.event)
			}
		})
	}
}

func wantTargetFailed(t *testing.T, err error, says, detail string) {
	t.Helper()
	e, ok := errors.AsType[*harness.Error](err)
	if !ok || e.Kind != harness.TargetFailed {
		t.Fatalf("error: got %v, want a target that failed", err)
	}
	if !strings.Contains(e.Error(), says) {
		t.Errorf("error: got %q, want %q in it", e, says)
	}
	if !strings.Contains(e.Detail, detail) || strings.Contains(strings.ToLower(e.Detail), "debugger") {
		t.Errorf("detail: got %q, want %q in it, and nothing of a debugger", e.Detail, detail)
	}
}

// A crash in the third round leaves a recording of the rounds before it.
func TestTargetEndsInRound3(t *testing.T) {
	t.Parallel()
	s := scenario(t, "node", "app.js", "throw", "-")
	s.Target.Command[3] = filepath.Join(t.TempDir(), "now")
	hooks := harness.Hooks{Progress: func(p harness.Progress) {
		if p.Stage == harness.Measuring && p.Round == 3 {
			if err := os.WriteFile(s.Target.Command[3], nil, 0o600); err != nil {
				t.Error(err)
			}
		}
	}}
	p := compile(t, s)
	rec, err := harness.Run(t.Context(), p, hooks)
	wantTargetFailed(t, err, "exited with code 1", "Error: on purpose")
	rounds := 0
	for i := range rec.Observations {
		if b := rec.Observations[i].Block; b.Phase == recording.Measure && b.Endpoint == 0 {
			rounds = b.Round + 1
		}
	}
	if rounds != 2 || !has(rec, recording.TargetExited) || rec.End == nil {
		t.Errorf("recording: got %d whole rounds, events %+v, end %v; want 2, the exit and an end", rounds, rec.Events, rec.End)
	}
}

// Of a cluster, one process is measured: the recording says so.
func TestClusterIsRecordedAsShared(t *testing.T) {
	t.Parallel()
	rec, err := harness.Run(t.Context(), compile(t, scenario(t, "node", "cluster.js", "exit")), harness.Hooks{})
	wantTargetFailed(t, err, "ended", "")
	if !has(rec, recording.MultipleProcesses) || !strings.HasPrefix(rec.Events[0].Message, "2 processes serve this port, but only pid ") {
		t.Errorf("events: got %+v, want the port shared by 2", rec.Events)
	}
}
