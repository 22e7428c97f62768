package verdict

import (
	"fmt"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// What an allocator keeps for the next peak looks like a native leak for a while: it
// comes with the first blocks, with each that is much longer than those before, and
// comes to an end. Resident memory alone misleads, so that a leak of it must show all
// that is asked for here.

const (
	// nativeFloor is how much resident memory must have grown before it counts:
	// allocators keep and return arenas of this order without any leak.
	nativeFloor = 24 << 20
	// nativeDoubt is how much of such growth forbids a pass until it has come to
	// the floor, or to an end.
	nativeDoubt = nativeFloor / 8
	// nativeRising is the share of an endpoint's blocks that must have grown.
	nativeRising = 0.8
	// stretch is how much longer than any before it a block must be to reach a peak
	// that the allocator has not seen; less than that is jitter.
	stretch = 1.5
)

// nativeLeak says that resident memory grows by itself: the interval lies above the
// budget, the growth is beyond what an allocator keeps, and it goes on through the
// whole run.
func (j *judge) nativeLeak(i int, low, allowed float64) bool {
	_, exact := look(len(j.measured.of(i)))
	return j.nativeGrown(i) >= nativeFloor && j.nativeRises(i, low, 0, allowed) && (exact || j.ended())
}

// nativeGrown is how much resident memory grew in the endpoint's blocks, and no
// more than in all.
func (j *judge) nativeGrown(i int) float64 {
	grown := func(steps []step) float64 { return total(j.series.changes(j.series.unstretched(steps), native)) }
	own := grown(j.series.of(i))
	if own < nativeDoubt {
		return own // too little already
	}
	return min(own, grown(j.series.steps))
}

// nativeRises says that resident memory grows beyond the budget at this rate, by more
// than least in nearly every block, and beyond the budget in the second half of them as well.
func (j *judge) nativeRises(i int, rate, least, allowed float64) bool {
	steps := j.series.unstretched(j.series.of(i))
	if rate <= allowed || len(steps) == 0 {
		return false
	}
	changes, sent := j.series.changes(steps, native), requests(steps)
	rising := 0
	for k, c := range changes {
		if c > least*sent[k] {
			rising++
		}
	}
	half := len(steps) / 2
	mean := total(changes) / total(sent)
	late := total(changes[half:]) / total(sent[half:])
	return float64(rising) >= nativeRising*float64(len(steps)) && late > max(allowed, persistEven*mean)
}

// holdForNative takes a pass back while resident memory grows as a leak's would, and
// has not yet grown by more than an allocator may keep. Where its interval does not say so
// yet, nearly every block must.
func (j *judge) holdForNative(e *Endpoint, i int, allowed float64) {
	grown := j.nativeGrown(i)
	if e.Outcome != Pass || grown < nativeDoubt {
		return
	}
	for _, m := range e.Metrics {
		low, value := float64(m.Estimate.Low), float64(m.Estimate.Value)
		if m.Name == NativeMetric && (j.nativeRises(i, low, 0, allowed) || j.nativeRises(i, value, allowed, allowed)) {
			e.Outcome, e.Reason = Inconclusive, fmt.Sprintf(
				"resident memory outside the heap rose in nearly every block, by %s in all: so little may be the allocator's, or a native leak", unit.Bytes(grown))
		}
	}
}

// unstretched leaves out the steps of blocks that were much longer than those before.
func (s *series) unstretched(steps []step) []step {
	var out []step
	for _, st := range steps {
		if !s.isStretched(st) {
			out = append(out, st)
		}
	}
	return out
}

func (s *series) isStretched(st step) bool {
	if st.terms == nil {
		return s.stretched[st.index]
	}
	for _, t := range st.terms {
		if s.stretched[t.index] {
			return true
		}
	}
	return false
}
