package verdict

import (
	"slices"
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// A worker that waits for work all along is told, and the rest may pass. One that
// answered and then did not may have grown since.
func TestUnresponsiveWorkers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		silent  func(part float64) bool // at that part of the run
		outcome Outcome
		warning string
	}{
		"answers":                    {func(float64) bool { return false }, Pass, ""},
		"never answers":              {func(float64) bool { return true }, Pass, "never answered"},
		"answered in the warm-up":    {func(part float64) bool { return part > 0 }, Pass, "never answered"},
		"stops in the fitted rounds": {func(part float64) bool { return part > 0.7 }, Inconclusive, "stopped answering"},
		"stops at the end":           {func(part float64) bool { return part == 1 }, Inconclusive, "stopped answering"},
		"is silent now and then":     {func(part float64) bool { return part > 0.7 && part < 0.8 }, Pass, ""},
	} {
		rec := simulate.Run{Seed: 1, Endpoints: 2, Rounds: 8, PerBlock: 12000, Noise: 5e3, Budget: 1}.Record()
		last := len(rec.Observations) - 1
		for k := range rec.Observations {
			rec.Observations[k].Sample.Isolates = []recording.Isolate{
				{Name: "main"}, {Name: "worker: a.js", Silent: c.silent(float64(k) / float64(last))},
			}
		}
		v := mustJudge(t, rec)
		at := slices.IndexFunc(v.Warnings, func(w Warning) bool { return w.Code == WarnWorkerUnresponsive })
		if v.Outcome != c.outcome || (at >= 0) != (c.warning != "") {
			t.Errorf("%s: %s with warnings %v, want %s", name, v.Outcome, v.Warnings, c.outcome)
			continue
		}
		if at >= 0 && (!strings.Contains(v.Warnings[at].Message, c.warning) || !strings.HasSuffix(v.Warnings[at].Message, "worker: a.js")) {
			t.Errorf("%s: warning %q, want %q and the worker's name", name, v.Warnings[at].Message, c.warning)
		}
	}
}
