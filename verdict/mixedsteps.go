package verdict

import (
	"fmt"
	"math"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// A table that grows while endpoints are loaded together may be any one's. The
// endpoints' own steps do not show it: beside separate blocks it is in no block
// of theirs, and where all blocks are mixed, a round's solution divides it among
// them. So none passes until enough requests came after it.

// holdForMixedSteps takes a pass back while a step in a mixed block may be the
// endpoint's. Where one leaks, the steps are taken to be its.
func (j *judge) holdForMixedSteps(all []Endpoint) {
	if j.transient || slices.ContainsFunc(all, func(e Endpoint) bool { return e.Outcome == Leak }) {
		return
	}
	steps, rest := j.mixedRest()
	least := stepSDs * max(j.noise.of(steps).sd(), spreadOf(rest))
	for i := range all {
		e := &all[i]
		allowed := float64(e.Budget.PerRequest(e.Rate))
		if at, ok := j.stepInMixed(i, allowed, steps, rest, least); ok && e.Outcome == Pass {
			e.Outcome, e.Reason = Inconclusive, fmt.Sprintf(
				"memory grew at once while all endpoints were loaded: a table of this one's could hide a leak until about %.0f requests", tableGrowth*at)
		}
	}
}

// mixedRest are the mixed blocks, and what they left behind beyond what their
// endpoints usually do.
func (j *judge) mixedRest() (steps []step, rest []float64) {
	if !j.series.mixed {
		steps = j.series.of(recording.Mixed)
		return steps, residuals(j.series.changes(steps, retained), requests(steps))
	}
	var usual []float64
	for e := range j.rec.Header.Endpoints {
		own := j.series.of(e)
		usual = append(usual, median(ratios(j.series.changes(own, retained), requests(own))))
	}
	for _, st := range j.series.steps {
		if st.endpoint != recording.Mixed {
			continue
		}
		left := j.series.change(st, retained)
		for e := range usual {
			left -= usual[e] * j.series.sent(st, e)
		}
		steps, rest = append(steps, st), append(rest, left)
	}
	return steps, rest
}

// stepInMixed is pendingStep in mixed blocks.
func (j *judge) stepInMixed(endpoint int, allowed float64, steps []step, rest []float64, least float64) (at float64, pending bool) {
	sent := j.series.sentBy(endpoint, steps)
	own := j.series.of(endpoint)
	if len(sent) == 0 || len(own) == 0 {
		return 0, false
	}
	end := own[len(own)-1].cum
	for i, cum := range sent {
		if rest[i] > least && stepImplies(rest[i], cum) > allowed && end < tableGrowth*cum {
			return cum, true
		}
	}
	return 0, false
}

// stepImplies is the rate of a leak whose table grew by so much after cum
// requests: enlarged by half at c entries, it had grown by c/2 entries' room.
func stepImplies(change, cum float64) float64 { return 2 * change / cum }

// spreadOf is the standard deviation of residuals, were there no steps in them.
func spreadOf(rest []float64) float64 {
	off := make([]float64, len(rest))
	for i, r := range rest {
		off[i] = math.Abs(r)
	}
	return max(noiseFloor, normalMAD*median(off))
}
