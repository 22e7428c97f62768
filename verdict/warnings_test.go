package verdict

import (
	"slices"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// Captured values that were renewed end no run: looks stay as far apart as the
// error that they spend wants.
func TestLooksAfterSetupAgain(t *testing.T) {
	s := simulate.Run{Seed: 1, Endpoints: 2, PerBlock: 12000, Noise: 5e3, Budget: 1}
	for s.Rounds = minLook; ; s.Rounds++ {
		if _, exact := look(s.Rounds); !exact {
			break
		}
	}
	rec := s.Record()
	for _, kind := range []recording.EventKind{"", recording.SetupAgain, recording.WarmUpCut} {
		if kind != "" {
			rec.Events = append(rec.Events, recording.Event{Kind: kind})
		}
		v, err := Judge(rec, Options{Live: true})
		if err != nil {
			t.Fatal(err)
		}
		if v.Outcome != Inconclusive {
			t.Errorf("%d rounds with events %+v: got %s, want no look yet", s.Rounds, rec.Events, v.Outcome)
		}
	}
}

// A target that once fell behind, in a round which is no longer fitted, may pass.
func TestSaturationIsOutlived(t *testing.T) {
	s := simulate.Run{Seed: 1, Endpoints: 2, Rounds: 12, PerBlock: 12000, Noise: 5e3, Budget: 1}
	for _, tt := range []struct {
		round int
		want  Outcome
	}{{1, Pass}, {10, Inconclusive}} {
		rec := s.Record()
		for i := range rec.Observations {
			b := &rec.Observations[i].Block
			b.Load.Saturated = b.Phase == recording.Measure && b.Round == tt.round && b.Endpoint == 0
		}
		if v := mustJudge(t, rec); v.Outcome != tt.want {
			t.Errorf("saturated in round %d: got %s, want %s", tt.round, v.Outcome, tt.want)
		}
	}
}

// A cache that has filled by the end of the run, and grew beyond its budget
// before, is said to be one.
func TestStillFilling(t *testing.T) {
	s := simulate.Run{Seed: 1, Endpoints: 1, Rounds: 6, PerBlock: 16000, Noise: 5e3, Budget: 0.25}
	s.Apps = []simulate.Memory{&simulate.Bounded{Entry: 300, Most: 90000}}
	e := mustJudge(t, s.Record()).Endpoints[0]
	if e.Outcome != Inconclusive || !slices.ContainsFunc(e.Warnings, func(w Warning) bool { return w.Code == WarnStillFilling }) {
		t.Errorf("got %s (%s) with %+v, want inconclusive, and a warning that it still fills", e.Outcome, e.Reason, e.Warnings)
	}
}

// An endpoint that only ever redirects passes, with a footnote: whatever is
// behind its address was not measured. One other answer takes it away.
func TestRedirected(t *testing.T) {
	s := simulate.Run{Seed: 1, Endpoints: 2, Rounds: 8, PerBlock: 12000, Noise: 5e3, Budget: 1}
	for _, tt := range []struct {
		statuses map[string]int
		want     bool
	}{
		{map[string]int{"301": 12000}, true},
		{map[string]int{"302": 1, "308": 11999}, true},
		{map[string]int{"301": 11999, "200": 1}, false},
		{map[string]int{"304": 12000}, false},
		{nil, false},
	} {
		rec := s.Record()
		for i := range rec.Observations {
			if b := &rec.Observations[i].Block; b.Endpoint == 0 {
				b.Load.Statuses = tt.statuses
			}
		}
		v := mustJudge(t, rec)
		for i, e := range v.Endpoints {
			got := slices.ContainsFunc(e.Warnings, func(w Warning) bool { return w.Code == WarnRedirected })
			if got != (tt.want && i == 0) {
				t.Errorf("%v: endpoint %d is said to redirect: %v", tt.statuses, i, got)
			}
		}
	}
}
