package catalogtest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/scenarios"
)

// drive runs e's driver as leakcheck does, for ten operations, and fails unless
// it reports all of them as done.
func drive(t *testing.T, base string, s *scenarios.Scenario, e *scenarios.Endpoint) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), e.Exec[0], e.Exec[1:]...)
	cmd.Dir = filepath.Dir(s.Path)
	cmd.Env = append(os.Environ(),
		"LEAKCHECK_URL="+base, "LEAKCHECK_OPERATIONS=10", "LEAKCHECK_WORKERS=3", "LEAKCHECK_SEED=1", "LEAKCHECK_FIRST=1", "LEAKCHECK_CAPTURES={}")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", e.Name, err, said.String())
	}
	done := 0
	for line := range strings.Lines(string(out)) {
		var report struct{ Done int }
		if err := json.Unmarshal([]byte(line), &report); err != nil {
			t.Errorf("%s: line %q: %v", e.Name, line, err)
		}
		done += report.Done
	}
	if done != 10 {
		t.Errorf("%s: %d of 10 operations done:\n%s%s", e.Name, done, out, said.String())
	}
}
