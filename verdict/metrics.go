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
