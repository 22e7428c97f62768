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

// quantity is what is measured of the memory, with its common noise.
type quantity struct {
	name  string // "" of what is retained, which is judged
	read  metric
	noise noise
}

// quantitiesOf are what is retained, and the parts of the memory.
func (j *judge) quantitiesOf() []quantity {
	all := []quantity{{read: retained}, {name: HeapMetric, read: heapUsed}, {name: ExternalMetric, read: external}, {name: NativeMetric, read: native}}
	for i := range all {
		all[i].noise = j.noiseOf(all[i].read)
	}
	return all
}

// metrics are the fits of each part of the memory by itself, to show which one moved.
func (j *judge) metrics(i int, allowed float64, fits []drift, steps []step) []Metric {
	if len(steps) < minLook {
		return nil
	}
	var out []Metric
	for k, fit := range fits {
		name := j.quantities[k].name
		if name == "" {
			continue
		}
		b := boundsOf(fit, j.tail(len(j.measured.of(i))))
		m := Metric{
			Name: name, Estimate: b.estimate(),
			DetectionLimit: unit.BytesPerRequest(b.limit), Outcome: NotJudged,
		}
		if name == NativeMetric && i != recording.Mixed && j.nativeLeak(i, b.low, allowed) {
			m.Outcome = Leak
		}
		out = append(out, m)
	}
	return out
}
