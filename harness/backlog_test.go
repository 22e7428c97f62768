package harness_test

import (
	"testing"

	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/sampler/recording"
)

// An app that queues work faster than it does it is waited for, and then sent no more
// than it does: what it holds at the end is what it held before the load.
func TestBacklog(t *testing.T) {
	rec, err := harness.Run(t.Context(), compile(t, scenario(t, "node", "queues.js")), harness.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if !has(rec, recording.Backlog) {
		t.Fatalf("no backlog was seen: %v", rec.Events)
	}
	var fast, slow float64
	for _, o := range rec.Observations {
		switch {
		case o.Block.Endpoint != 0:
		case o.Block.Load.OpenRate == 0:
			fast = max(fast, float64(o.Block.Load.Rate))
		default:
			slow = max(slow, float64(o.Block.Load.OpenRate))
		}
	}
	const done = 500 // jobs a second
	if fast < 2*done || slow == 0 || slow > done {
		t.Errorf("loaded at %.0f/s, then at %.0f/s, want more than the %d/s that are done, then no more", fast, slow, done)
	}
}
