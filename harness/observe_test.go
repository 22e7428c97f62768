package harness

import (
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// A single timeout in a small part of a block ends no run; what always fails does.
func TestTooManyFailures(t *testing.T) {
	for _, c := range []struct {
		endpoint         int
		requests, failed int
		want             bool
	}{
		{0, 10, 2, false}, // one in five, and too few to tell
		{0, 10, 3, true},
		{0, 30, 3, false}, // 10 %
		{0, 2, 2, true},   // nothing else
		{0, 0, 0, false},
		{recording.Mixed, 1, 1, false},
		{recording.Mixed, 2, 2, false},
		{recording.Mixed, 3, 3, true},
		{recording.Mixed, 40, 4, false},
		{recording.Mixed, 40, 5, true},
	} {
		l := recording.Load{Requests: c.requests, Failed: c.failed}
		if got := tooMany(&recording.Block{Endpoint: c.endpoint}, &l); got != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}

// A block that begins does not take back what was told of the round.
func TestProgressGoesForward(t *testing.T) {
	var told []Progress
	r := &run{
		hooks: Hooks{Progress: func(p Progress) { told = append(told, p) }},
		rec:   &recording.Recording{Observations: make([]recording.Observation, 1)},
	}
	r.tellRound(1, 0.5, time.Second, 2)
	r.tellBlock(recording.Measure, 1, "root", 10)
	if told[0].Done != 0.25 || told[0].Left != 9*time.Second || told[1].Done != told[0].Done || told[1].Left != told[0].Left {
		t.Errorf("told %v, %v, then %v, %v; want 0.25 of six rounds done, and 9s left, twice", told[0].Done, told[0].Left, told[1].Done, told[1].Left)
	}
}
