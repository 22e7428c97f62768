package verdict

import (
	"fmt"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Names of the parts of memory, in the order in which they are shown.
const (
	HeapMetric     = "heap"
	ExternalMetric = "external"
	NativeMetric   = "native"
)

// metrics fits each part of the memory by itself, to show which one moved.
func (j *judge) metrics(i int, allowed float64) []Metric {
	var out []Metric
	for _, part := range []struct {
		name string
		read metric
	}{{HeapMetric, heapUsed}, {ExternalMetric, external}, {NativeMetric, native}} {
		n := j.noiseOf(part.read)
		fit, steps, ok := j.growth(i, part.read, n)
		if !ok || len(steps) < minLook {
			continue
		}
		b := boundsOf(fit, j.tail(len(j.measured.of(i))))
		m := Metric{
			Name: part.name, Estimate: b.estimate(),
			DetectionLimit: unit.BytesPerRequest(b.limit), Outcome: NotJudged,
		}
		if part.name == NativeMetric && i != recording.Mixed && j.nativeLeak(i, b.low, allowed) {
			m.Outcome = Leak
		}
		out = append(out, m)
	}
	return out
}

const (
	// nativeFloor is how much resident memory must have grown before it counts:
	// allocators keep and return arenas of this order without any leak.
	nativeFloor = 24 << 20
	// nativeDoubt is how much of such growth forbids a pass until it has come to
	// the floor, or to an end.
	nativeDoubt = nativeFloor / 8
	// nativeRising is the share of an endpoint's blocks that must have grown.
	nativeRising = 0.8
)

// nativeLeak says that resident memory grows by itself: the interval lies
// above the budget, the growth is beyond what an allocator keeps, and it goes
// on through the whole run. Resident memory alone misleads, so that each of
// these must hold.
func (j *judge) nativeLeak(i int, low, allowed float64) bool {
	_, exact := look(len(j.measured.of(i)))
	return j.nativeGrown(i) >= nativeFloor && j.nativeRises(i, low, allowed) && (exact || j.ended())
}

// nativeGrown is how much resident memory grew in the endpoint's blocks, and no
// more than in all.
func (j *judge) nativeGrown(i int) float64 {
	return min(total(j.series.changes(j.series.of(i), native)), j.series.grown(native))
}

// nativeRises says that resident memory grows beyond the budget at this rate, in nearly
// every block, and in the second half of them as well.
func (j *judge) nativeRises(i int, rate, allowed float64) bool {
	steps := j.series.of(i)
	if rate <= allowed || len(steps) == 0 {
		return false
	}
	changes := j.series.changes(steps, native)
	rising := 0
	for _, c := range changes {
		if c > 0 {
			rising++
		}
	}
	late := steps[len(steps)/2:]
	mean := total(changes) / total(requests(steps))
	lateRate := total(j.series.changes(late, native)) / total(requests(late))
	return float64(rising) >= nativeRising*float64(len(steps)) && lateRate > max(allowed, persistEven*mean)
}

// holdForNative takes a pass back while resident memory grows as a leak's would, and
// has not yet grown by more than an allocator may keep. Where it is not even clear that
// it does, a warning says so.
func (j *judge) holdForNative(e *Endpoint, i int, allowed float64) {
	grown := j.nativeGrown(i)
	if e.Outcome != Pass || grown < nativeDoubt {
		return
	}
	for _, m := range e.Metrics {
		switch {
		case m.Name != NativeMetric:
		case j.nativeRises(i, float64(m.Estimate.Low), allowed):
			e.Outcome, e.Reason = Inconclusive, "resident memory outside the heap grows block by block, and not yet by more than an allocator may keep"
		case j.nativeRises(i, float64(m.Estimate.Value), allowed):
			e.Warnings = append(e.Warnings, Warning{WarnNativeUnclear, fmt.Sprintf(
				"resident memory outside the heap rose in nearly every block, by %s in all: so little may be the allocator's, or a native leak", unit.Bytes(grown))})
		}
	}
}

// grown is how much m moved over the whole measured stretch.
func (s *series) grown(m metric) float64 {
	sum := 0.0
	for _, st := range s.steps {
		sum += s.change(st, m)
	}
	return sum
}
