package diagnose

import (
	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
)

// symptoms are what the verdict says of a leak.
type symptoms struct {
	endpoint string // "" for the background
	unit     string // "request" or "second"
	// heap, external and native are the growth of each part of the memory.
	heap, external, native unit.BytesPerRequest
	// retained is the verdict's heap and external memory, 0 without a verdict.
	retained unit.BytesPerRequest
	open     map[string]float64 // countable things left open per request
}

// nativeFloor is how far resident memory must have gone in a few blocks before
// it says anything: allocators keep and return arenas of this order.
const nativeFloor = 32 << 20

// symptomsOf takes them from the verdict, and from the extra blocks what the
// verdict does not say.
func symptomsOf(v *verdict.Verdict, e *evidence.Evidence) symptoms {
	s := symptoms{unit: "request", open: make(map[string]float64)}
	if units := e.Moved.Units(); units > 0 {
		s.heap = unit.BytesPerRequest(e.Moved.Heap / units)
		s.external = unit.BytesPerRequest(e.Moved.External / units)
		if v == nil && e.Moved.Native >= nativeFloor { // a verdict knows better: it saw more blocks
			s.native = unit.BytesPerRequest(e.Moved.Native / units)
		}
	}
	switch {
	case e.Subject == recording.Idle:
		s.unit = "second"
	case v != nil:
		for i, judged := range v.All() {
			if recording.Subject(i) == e.Subject {
				s.judged(v, i, judged)
			}
		}
	}
	return s
}

func (s *symptoms) judged(v *verdict.Verdict, endpoint int, e *verdict.Endpoint) {
	s.endpoint = e.Name
	for _, m := range e.Metrics {
		switch m.Name {
		case verdict.HeapMetric:
			s.heap = m.Estimate.Value
		case verdict.ExternalMetric:
			s.external = m.Estimate.Value
		case verdict.NativeMetric:
			if m.Outcome == verdict.Leak { // else it is an allocator's coming and going
				s.native = m.Estimate.Value
			}
		}
	}
	s.retained = s.heap + s.external
	for _, r := range v.Resources {
		if r.Endpoint == endpoint {
			s.open[r.Name] = r.PerRequest
		}
	}
}

// outside says that most of what is retained lies in buffers outside the heap.
func (s symptoms) outside() bool { return s.external > s.heap && s.external > 0 }

// behind says that native memory grows by far more than the heap explains.
func (s symptoms) behind() bool { return s.native > 4*max(0, s.heap+s.external) && s.native > 0 }
