package verdict

import (
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
	// nativeRising is the share of an endpoint's blocks that must have grown.
	nativeRising = 0.8
)

// nativeLeak says that resident memory grows by itself: the interval lies
// above the budget, the growth is beyond what an allocator keeps, and it goes
// on through the whole run. Resident memory alone misleads, so that each of
// these must hold.
func (j *judge) nativeLeak(i int, low, allowed float64) bool {
	steps := j.series.of(i)
	changes := j.series.changes(steps, native)
	if low <= allowed || total(changes) < nativeFloor || j.series.grown(native) < nativeFloor {
		return false
	}
	rising := 0
	for _, c := range changes {
		if c > 0 {
			rising++
		}
	}
	late := steps[len(steps)/2:]
	mean := total(changes) / total(requests(steps))
	lateRate := total(j.series.changes(late, native)) / total(requests(late))
	_, exact := look(len(j.measured.of(i)))
	return float64(rising) >= nativeRising*float64(len(steps)) &&
		lateRate > max(allowed, persistEven*mean) && (exact || j.ended())
}

// grown is how much m moved over the whole measured stretch.
func (s *series) grown(m metric) float64 {
	sum := 0.0
	for _, st := range s.steps {
		sum += s.change(st, m)
	}
	return sum
}
