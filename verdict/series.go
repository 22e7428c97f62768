package verdict

import (
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// metric reads one part of the memory from a sample, in bytes.
type metric func(*recording.Sample) float64

func heapUsed(s *recording.Sample) float64 { return float64(s.Heap.Used) }

func external(s *recording.Sample) float64 { return float64(s.Memory.External) }

// code is the space of compiled code in the heap. V8 throws code away that has not run
// for some collections, and compiles it again: what is hot moves with the endpoint
// that is loaded.
func code(s *recording.Sample) float64 {
	return float64(s.Heap.Spaces["code_space"] + s.Heap.Spaces["code_large_object_space"])
}

func hasCode(rec *recording.Recording) bool {
	return !slices.ContainsFunc(rec.Observations, func(o recording.Observation) bool { return code(&o.Sample) == 0 })
}

func retained(s *recording.Sample) float64 { return float64(s.Retained()) }

func native(s *recording.Sample) float64 { return float64(s.Native()) }

// increment is the change from one sample to the next: one block's effect. One of
// terms is what several blocks say of one endpoint.
type increment struct {
	endpoint int // or recording.Idle, or recording.Mixed
	round    int
	n        float64 // requests in the block
	cum      float64 // requests on the endpoint so far, warm-up included
	seconds  float64 // between the two samples
	index    int     // of the observation that ends it, or the first of terms
	terms    []term  // nil: the one change at index
}

// term is a change that is part of an increment, with its weight.
type term struct {
	index  int // of the observation that ends it
	weight float64
}

// series is a recording laid out for fitting: the measured increments, in order,
// and what came before them.
type series struct {
	rec        *recording.Recording
	warm       []increment
	increments []increment         // one for each block
	by         map[int][]increment // increments of each endpoint, of idleness, and of what mixed blocks have beyond their parts
	rounds     int
	// mixed says that endpoints were only loaded together: their increments are solved
	// for, one for each round.
	mixed bool
}

// newSeries lays out the measured rounds from one on. What came before is warm-up.
func newSeries(rec *recording.Recording, from int) *series {
	s := &series{rec: rec, by: map[int][]increment{}}
	cum := map[int]float64{}
	for i := 1; i < len(rec.Observations); i++ {
		st := incrementAt(rec, i)
		if st.endpoint != recording.Idle && st.n == 0 {
			continue // nothing was sent: no replicate of anything
		}
		count(cum, &rec.Observations[i].Block)
		st.cum = cum[st.endpoint]
		if rec.Observations[i].Block.Phase == recording.ClockProbe {
			continue
		}
		if rec.Observations[i].Block.Phase != recording.Measure || st.round < from {
			s.warm = append(s.warm, st)
			continue
		}
		st.round -= from
		s.increments = append(s.increments, st)
		s.rounds = max(s.rounds, st.round+1)
		if st.endpoint != recording.Mixed {
			s.by[st.endpoint] = append(s.by[st.endpoint], st)
		}
	}
	s.takeApart()
	return s
}

// count adds a block's requests to those of each endpoint, and of all together
// when they were.
func count(cum map[int]float64, b *recording.Block) {
	if b.Endpoint == recording.Idle {
		return
	}
	cum[b.Endpoint] += float64(b.Load.Requests)
	for e := range b.Parts {
		cum[e] += float64(b.Parts[e].Requests)
	}
}

func incrementAt(rec *recording.Recording, i int) increment {
	prev, cur := &rec.Observations[i-1], &rec.Observations[i]
	return increment{
		endpoint: cur.Block.Endpoint,
		round:    cur.Block.Round,
		n:        float64(cur.Block.Load.Requests),
		seconds:  (cur.Sample.At - prev.Sample.At).Seconds(),
		index:    i,
	}
}

// change is how much m moved over an increment.
func (s *series) change(st increment, m metric) float64 {
	if st.terms == nil {
		return s.moved(st.index, m)
	}
	sum := 0.0
	for _, t := range st.terms {
		sum += t.weight * s.moved(t.index, m)
	}
	return sum
}

// moved is how much m did so over the block that an observation ends.
func (s *series) moved(index int, m metric) float64 {
	return m(&s.rec.Observations[index].Sample) - m(&s.rec.Observations[index-1].Sample)
}

// sent is how many requests of an endpoint are in a block's increment.
func (s *series) sent(st increment, endpoint int) float64 {
	return float64(s.rec.Observations[st.index].Block.RequestsOf(endpoint))
}

// of returns the measured increments of one endpoint (or of idleness), which are not
// to be written to.
func (s *series) of(endpoint int) []increment { return slices.Clip(s.by[endpoint]) }

// changes is change over each increment.
func (s *series) changes(increments []increment, m metric) []float64 {
	out := make([]float64, len(increments))
	for i, st := range increments {
		out[i] = s.change(st, m)
	}
	return out
}

func requests(increments []increment) []float64 {
	out := make([]float64, len(increments))
	for i, st := range increments {
		out[i] = st.n
	}
	return out
}

func seconds(increments []increment) []float64 {
	out := make([]float64, len(increments))
	for i, st := range increments {
		out[i] = st.seconds
	}
	return out
}

func total(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum
}
