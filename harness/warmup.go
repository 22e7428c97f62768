package harness

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

const (
	// firstRequests is the first block of each endpoint: enough to see that it
	// answers, few enough to fail at once.
	firstRequests = 10
	// probeGrowth is the ratio of one probe to the one before it.
	probeGrowth = 6
	// probeTime ends the probes: a block as long as this gives a throughput.
	probeTime = 250 * time.Millisecond
	// warmBlock is the length of a block in the warm-up's rounds.
	warmBlock = time.Second
	// warmMixed is that of the mixed block in each, which has little to warm up but
	// the code that sees several endpoints at once.
	warmMixed = 500 * time.Millisecond
	// maxWarmRounds bounds the warm-up, as a leak never levels off. What still
	// drifts after it is the verdict's to see.
	maxWarmRounds = 3
	// steadyGrowth is how far growth may be from that of the round before, as a part of it, to
	// count as steady.
	steadyGrowth = 0.25
)

// warmUp takes the baseline, probes each endpoint with growing blocks (which
// also shows anything countable that stays open, while it is still few), and
// repeats rounds until growth per request has levelled off.
func (r *run) warmUp(ctx context.Context) error {
	r.tell(Progress{Stage: WarmingUp, Rounds: recording.MinRounds})
	if _, err := r.observe(ctx, recording.WarmUp, 0, nil, 0); err != nil {
		return err
	}
	if r.plan.header.Screened {
		return r.warmUpTogether(ctx)
	}
	for _, e := range r.endpoints {
		if err := r.probe(ctx, e); err != nil {
			return err
		}
	}
	prev := r.unknownGrowth()
	for round := 1; round <= maxWarmRounds; round++ {
		cur, err := r.warmRound(ctx, round)
		if err != nil {
			return err
		}
		if r.grows(cur) { // a small backlog is soon worked off, a large one is not
			if _, err := r.workOff(ctx, 0, recording.WarmUp); err != nil {
				return err
			}
		}
		if r.level(prev, cur) {
			return nil
		}
		prev = cur
	}
	r.event(recording.WarmUpCut, fmt.Sprintf("memory was still growing or shrinking after %d warm-up rounds", maxWarmRounds))
	return nil
}

// probe drives one endpoint with growing blocks until one is long enough to
// tell its throughput.
func (r *run) probe(ctx context.Context, e *endpoint) error {
	for n := firstRequests; ; n *= probeGrowth {
		allowed := e.most(r.room())
		obs, err := r.observe(ctx, recording.WarmUp, 0, e, min(n, allowed))
		if err != nil {
			return err
		}
		if obs.Block.Elapsed >= probeTime || n >= allowed {
			return nil
		}
	}
}

func (r *run) unknownGrowth() []float64 {
	g := make([]float64, len(r.endpoints))
	for i := range g {
		g[i] = math.Inf(1)
	}
	return g
}

// warmRound loads each endpoint once, and all together where they will be, and
// returns the growth per request of each.
func (r *run) warmRound(ctx context.Context, round int) ([]float64, error) {
	growth := make([]float64, len(r.endpoints))
	for _, i := range r.rng.Perm(len(r.endpoints)) {
		e := r.endpoints[i]
		if _, err := r.observe(ctx, recording.WarmUp, round, e, e.requestsFor(warmBlock, r.room())); err != nil {
			return nil, err
		}
		growth[i] = e.growth
	}
	if r.plan.mixed() || r.plan.measuresInteraction() {
		return growth, r.mix(ctx, recording.WarmUp, round, r.mixedLoad.usual(), warmMixed)
	}
	return growth, nil
}

// grows reports whether an endpoint grows by more than its budget allows.
func (r *run) grows(cur []float64) bool {
	for i, g := range cur {
		h := r.rec.Header.Endpoints[i]
		if g > float64(h.Budget.PerRequest(h.Rate)) {
			return true
		}
	}
	return false
}

// level reports whether each endpoint grows by less than its budget allows, or as
// steadily as in the round before (which is a leak, and no warm-up ends it).
func (r *run) level(prev, cur []float64) bool {
	for i, g := range cur {
		h := r.rec.Header.Endpoints[i]
		allowed := float64(h.Budget.PerRequest(h.Rate)) / 2
		if g > allowed && math.Abs(g-prev[i]) > steadyGrowth*g {
			return false
		}
	}
	return true
}
