package harness_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/harness/examine"
	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/scenarios"
)

// look accuses the endpoint of an app that keeps secrets after a short run, and
// returns what was found and the run's folder.
func look(t *testing.T, s *scenarios.Scenario, keep examine.Keep, accused func()) ([]evidence.Evidence, string) {
	t.Helper()
	dir := t.TempDir()
	p, err := harness.Compile(s, harness.Options{Dir: dir, RunID: uuid.NewString(), Tool: "test", MaxDuration: 8 * time.Second, KeepSnapshots: keep})
	if err != nil {
		t.Fatal(err)
	}
	var found []evidence.Evidence
	if _, err := harness.Run(t.Context(), p, harness.Hooks{
		Accuse:   func(*recording.Recording) []recording.Subject { accused(); return []recording.Subject{0} },
		Evidence: func(e evidence.Evidence) { found = append(found, e) },
	}); err != nil {
		t.Fatal(err)
	}
	return found, dir
}

// pushes reports whether the line which keeps was seen.
func pushes(found []evidence.Evidence) bool {
	return len(found) == 1 && len(found[0].Watch.Stores) > 0 && found[0].Watch.Stores[0].Stack[0].Place() == "kept.js:7"
}

// What is kept of an app's heap is for its owner alone, and neither the snapshots
// nor the evidence hold what the app holds. Only raw ones do.
func TestSecretsStay(t *testing.T) {
	if testing.Short() {
		t.Skip("loads a live server")
	}
	for _, keep := range []examine.Keep{examine.KeepRedacted, examine.KeepRaw} {
		t.Run(string(keep), func(t *testing.T) {
			t.Parallel()
			s := scenario(t, "node", "kept.js")
			s.Diagnose.Timeout = 2 * time.Minute // a machine that does other work is slow
			found, dir := look(t, s, keep, func() {})
			text, err := json.Marshal(found)
			if err != nil || !pushes(found) || strings.Contains(string(text), "4111-secret") {
				t.Errorf("evidence: got %s, %v, want kept.js:7 and no secret", text, err)
			}
			for n := 1; n <= 3; n += 2 {
				path := filepath.Join(dir, fmt.Sprintf("heap-1-root-%d.heapsnapshot.gz", n))
				wantSnapshot(t, path, keep == examine.KeepRaw)
			}
		})
	}
}

// wantSnapshot wants a file of mode 0600 which names a property, and whose
// strings are there or not.
func wantSnapshot(t *testing.T, path string, raw bool) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("mode: got %v, want 0600", info.Mode())
	}
	text := unpacked(t, path)
	if !strings.Contains(string(text), `"owner"`) || strings.Contains(string(text), "4111-secret") != raw {
		t.Errorf("%s: a property's name in it: %v, a secret: %v; want the name, and the secret: %v", filepath.Base(path),
			strings.Contains(string(text), `"owner"`), strings.Contains(string(text), "4111-secret"), raw)
	}
}

// unpacked is what a file packed by gzip holds.
func unpacked(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Without snapshots the line is named all the same, and their absence is told.
func TestWithoutSnapshots(t *testing.T) {
	if testing.Short() {
		t.Skip("loads a live server")
	}
	t.Parallel()
	s := scenario(t, "node", "kept.js")
	s.Diagnose = scenarios.Diagnose{Snapshots: new(bool), Timeout: 2 * time.Minute}
	found, dir := look(t, s, examine.KeepRaw, func() {})
	if !pushes(found) || found[0].Growth != nil || len(found[0].Notes) != 1 || !strings.Contains(found[0].Notes[0], "left out, as the scenario says") {
		t.Errorf("evidence: got %+v, want kept.js:7 and a note on snapshots", found)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*.heapsnapshot*")); len(files) > 0 {
		t.Errorf("files: got %v, want no snapshot", files)
	}
}

// A target that hangs while it is looked at does not hold the run up for longer
// than the scenario allows.
func TestDiagnosisOfOneThatHangs(t *testing.T) {
	if testing.Short() {
		t.Skip("loads a live server")
	}
	t.Parallel()
	s := scenario(t, "node", "kept.js")
	s.Target.Port = freePort(t)
	s.Diagnose.Timeout = time.Second
	found, _ := look(t, s, examine.KeepNone, func() {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/hang", s.Target.Port), http.NoBody)
		if err != nil {
			t.Error(err)
			return
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			t.Error("the app does not hang")
		}
	})
	if len(found) != 1 || len(found[0].Notes) != 4 || !strings.Contains(found[0].Notes[0], "time for diagnosis was over") {
		t.Errorf("evidence: got %+v, want notes of four steps, and that the time was over", found)
	}
}

// What was seen by the end of the time is told, though the block did not end.
func TestWatchCutShort(t *testing.T) {
	if testing.Short() {
		t.Skip("loads a live server")
	}
	t.Parallel()
	s := scenario(t, "node", "stalls.js")
	s.Endpoints[0].Timeout = time.Minute
	s.Diagnose.Timeout = 20 * time.Second
	found, _ := look(t, s, examine.KeepNone, func() {})
	if len(found) != 1 || len(found[0].Watch.Stores) == 0 || found[0].Watch.Stores[0].Stack[0].Place() != "stalls.js:12" {
		t.Fatalf("evidence: got %+v, want what was seen at stalls.js:12", found)
	}
	if w := &found[0].Watch; w.Requests < 5 || w.Requests > 100 || !strings.Contains(strings.Join(found[0].Notes, "; "), "cut short") {
		t.Errorf("watch of %d requests, notes %q; want fewer than one for each of 100 stacks, and that they were cut short", w.Requests, found[0].Notes)
	}
}

// Nothing is looked into where the scenario says so.
func TestDiagnosisSwitchedOff(t *testing.T) {
	t.Parallel()
	s := scenario(t, "node", "kept.js")
	s.Diagnose.Enabled = new(bool)
	found, _ := look(t, s, examine.KeepNone, func() { t.Error("a leak was asked for") })
	if len(found) != 0 {
		t.Errorf("evidence: got %+v, want none", found)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
