package harness_test

import (
	"testing"

	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/sampler/recording"
)

// What a request sweeps once in a while goes when time is let pass, too, and each
// sample from then on is taken after that.
func TestClockProbe(t *testing.T) {
	t.Parallel()
	const probeRequests, perRequest = 10, 400
	probed := false
	hooks := harness.Hooks{Decide: func(rec *recording.Recording) (d harness.Decision) {
		last := rec.Observations[len(rec.Observations)-1]
		probed = probed || last.Block.Phase == recording.ClockProbe
		d.Leaks = !probed
		d.ReleasedEnough = func(before, after, warmedUp *recording.Sample) bool {
			return before.Retained()-after.Retained() > (before.Retained()-warmedUp.Retained())/2
		}
		return d
	}}
	rec, err := harness.Run(t.Context(), compile(t, scenario(t, "node", "window.js")), hooks)
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.CheckValid(); err != nil {
		t.Error(err)
	}
	if end := rec.End; end.WarmUpTime > rec.WarmedUp().At {
		t.Errorf("the warm-up took %s, want no more than until %s", end.WarmUpTime, rec.WarmedUp().At)
	}
	sent, floor := 0, rec.WarmedUp().Retained()
	for i, o := range rec.Observations {
		switch {
		case o.Block.Phase == recording.ClockProbe:
			if o.Block.Parts[0].Requests != probeRequests {
				t.Errorf("the probe sent %d requests, want %d", o.Block.Parts[0].Requests, probeRequests)
			}
			before := rec.Observations[i-1].Sample.Retained()
			if gone := before - o.Sample.Retained(); sent == 0 || float64(gone) < 0.8*perRequest*float64(sent) {
				t.Errorf("%d bytes went of what %d requests left", int(gone), sent)
			}
			floor, sent = o.Sample.Retained(), -1
		case o.Block.Phase == recording.Measure && sent >= 0:
			sent += o.Block.Load.Requests
		case o.Block.Phase == recording.Measure && o.Block.Endpoint == 0:
			grown := o.Sample.Retained() - floor
			if n := o.Block.Load.Requests; !o.Sample.ClockAdvanced || n <= probeRequests || float64(grown) > 0.25*perRequest*float64(n) {
				t.Errorf("a block of %d requests left %d bytes (clocks advanced: %t), want what its last ones leave", n, int(grown), o.Sample.ClockAdvanced)
			}
		}
	}
	if sent >= 0 {
		t.Error("the clocks were never advanced")
	}
}
