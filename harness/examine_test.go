package harness

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/scenarios"
)

// contained is a process with the memory of a container that has room for load,
// and not for a snapshot.
type contained struct{ target.Target }

func (contained) Containers(context.Context) ([]recording.Container, error) {
	return []recording.Container{{Name: "target", WorkingSet: 100e6, Limit: 120e6}}, nil
}

// evidenceOf runs an app that leaks, looks into it twice, and returns what was found.
func evidenceOf(t *testing.T, env map[string]string, adjust func(*Plan)) []evidence.Evidence {
	t.Helper()
	if testing.Short() {
		t.Skip("loads a live server")
	}
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Compile(&scenarios.Scenario{
		Name:      t.Name(),
		Target:    scenarios.Target{Command: []string{"node", "kept.js"}, Dir: dir, Env: env},
		Endpoints: []scenarios.Endpoint{{Name: "root", Message: scenarios.Message{Request: "GET /", Method: "GET", URLPath: "/"}, Timeout: 10 * time.Second}},
		Run:       scenarios.Run{Confidence: 0.99, MaxDuration: time.Minute, Workers: 4, Seed: 1},
		Diagnose:  scenarios.Diagnose{Timeout: 2 * time.Minute},
	}, Options{Dir: t.TempDir(), RunID: uuid.NewString(), Tool: "test", MaxDuration: 8 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	adjust(p)
	var found []evidence.Evidence
	if _, err := Run(t.Context(), p, Hooks{
		Accuse:   func(*recording.Recording) []recording.Subject { return []recording.Subject{0, 0} },
		Evidence: func(e evidence.Evidence) { found = append(found, e) },
	}); err != nil {
		t.Fatal(err)
	}
	return found
}

// What is looked into second does not answer for what the first look has loaded.
func TestExaminedAgain(t *testing.T) {
	found := evidenceOf(t, nil, func(p *Plan) { p.examine.NoSnapshots = true })
	var each []float64
	for _, e := range found {
		each = append(each, e.Moved.Heap/float64(e.Moved.Requests))
	}
	if len(each) != 2 || each[0] < 50 || each[1] < each[0]/1.5 || each[1] > each[0]*1.5 {
		t.Errorf("bytes per request: got %.0f, want the same twice", each)
	}
}

// A container's room holds for a snapshot, however many blocks came before it.
func TestSnapshotInFullContainer(t *testing.T) {
	contain := func(p *Plan) {
		start := p.start
		p.start = func(ctx context.Context, say func(string)) (target.Target, error) {
			found, err := start(ctx, say)
			if err != nil {
				return nil, err
			}
			return contained{found}, nil
		}
	}
	for _, e := range evidenceOf(t, nil, contain) {
		if e.Growth != nil || !strings.Contains(strings.Join(e.Notes, "; "), "20 MB are left") {
			t.Errorf("notes: got %q, want no snapshot for want of room", e.Notes)
		}
	}
}

// What has filled its heap is looked into in a process of its own, where there is
// time for all of it.
func TestExaminedInFreshProcess(t *testing.T) {
	found := evidenceOf(t, map[string]string{"KEPT": "1000"}, func(p *Plan) { p.examine.FullHeap = 16 << 20 })
	for _, e := range found {
		if len(e.Notes) == 0 || !strings.Contains(e.Notes[0], "restarted process") || len(e.Watch.Stores) == 0 || len(e.Watch.Stores[0].Path) == 0 {
			t.Errorf("notes %q, stores %+v: want all of it, of a restarted process", e.Notes, e.Watch.Stores)
		}
	}
	if len(found) != 2 {
		t.Fatalf("got %d, want both", len(found))
	}
	// One cause is looked for in snapshots once.
	if found[0].Growth == nil || found[1].Growth != nil || !strings.Contains(strings.Join(found[1].Notes, "; "), "at the same place") {
		t.Errorf("notes %q: want snapshots for the first alone", found[1].Notes)
	}
}

// A target that dies of its leak is looked into all the same: another one, which
// is sent less than killed the first.
func TestExaminedAfterDeath(t *testing.T) {
	if testing.Short() {
		t.Skip("loads a live server")
	}
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	flag := filepath.Join(t.TempDir(), "flag")
	p, err := Compile(&scenarios.Scenario{
		Name:      t.Name(),
		Target:    scenarios.Target{Command: []string{"node", "exhausts.js"}, Dir: dir, Env: map[string]string{"FLAG": flag}, Ready: scenarios.Ready{Path: "/healthz"}},
		Endpoints: []scenarios.Endpoint{{Name: "attach", Message: scenarios.Message{Request: "GET /", Method: "GET", URLPath: "/"}, Timeout: 10 * time.Second, OpenRate: new(unit.PerSecond(200))}},
		Run:       scenarios.Run{Confidence: 0.99, MaxDuration: 3 * time.Minute, Workers: 1, Seed: 1},
		Diagnose:  scenarios.Diagnose{Timeout: time.Minute},
	}, Options{Dir: t.TempDir(), RunID: uuid.NewString(), Tool: "test"})
	if err != nil {
		t.Fatal(err)
	}
	var found []evidence.Evidence
	_, err = Run(t.Context(), p, Hooks{
		Accuse:   func(*recording.Recording) []recording.Subject { return []recording.Subject{0} },
		Evidence: func(e evidence.Evidence) { found = append(found, e) },
		Decide: func(*recording.Recording) Decision {
			if err := os.WriteFile(flag, nil, 0o600); err != nil {
				t.Error(err)
			}
			return Decision{}
		},
	})
	if err == nil || !strings.Contains(err.Error(), "ran out of file descriptors (EMFILE)") {
		t.Fatalf("got %v, want the target's death for want of descriptors", err)
	}
	if len(found) != 1 || len(found[0].Watch.Handles) == 0 || found[0].Watch.Handles[0].Type != "file" {
		t.Fatalf("got %+v, want the place that opens files", found)
	}
}
