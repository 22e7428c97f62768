package verdict

import (
	"math"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// anyEndpoint stands for all of them, and is none of the recording's.
const anyEndpoint = recording.Mixed - 1

// floor is the lowest level of a round.
type floor struct {
	level float64
	sent  float64 // requests of the endpoint in the round
	cum   float64 // requests on the endpoint when it was sampled, warm-up included
}

// floors are those of each round of a stretch, for an endpoint.
func (s *series) floors(over span, endpoint int, m metric) []floor {
	var out []floor
	last, cum, counted := -1, 0.0, 0
	for _, st := range over.of(s.steps) {
		for ; counted <= st.index; counted++ {
			cum += float64(s.rec.Observations[counted].Block.RequestsOf(endpoint))
		}
		level := m(&s.rec.Observations[st.index].Sample)
		if st.round != last {
			last = st.round
			out = append(out, floor{level: math.Inf(1)})
		}
		f := &out[len(out)-1]
		if level < f.level {
			f.level, f.cum = level, cum
		}
		if endpoint == anyEndpoint {
			f.sent += st.n
		} else {
			f.sent += s.sent(st, endpoint)
		}
	}
	return out
}

// rises are the changes from each floor to the next.
func rises(floors []floor) []float64 {
	levels := make([]float64, len(floors))
	for i, f := range floors {
		levels[i] = f.level
	}
	return differences(levels)
}

// floorGrowth fits how the lowest level of each round rises, per request of
// the endpoint: what the whole process retains, and so the most that the
// endpoint can.
func (s *series) floorGrowth(over span, endpoint int, m metric, n noise) (drift, bool) {
	floors := s.floors(over, endpoint, m)
	var per []float64
	for r := 1; r < len(floors); r++ {
		per = append(per, (floors[r].sent+floors[r-1].sent)/2)
	}
	return fitDrift(rises(floors), [][]float64{per}, n)
}

// floorNoise is the least that is believed of a round's lowest level. The noise
// of blocks says nothing of it: what they leave for a while is most of theirs.
var floorNoise = noise{variance: noiseFloor * noiseFloor, dof: priorDof}

// boundByFloor bounds an endpoint's slope by the growth of the whole process at
// its lowest.
func (j *judge) boundByFloor(endpoint int, own bounds, steps []step, tail float64) bounds {
	whole, ok := j.drainedFloor(endpoint, tail)
	if !ok {
		whole, ok = j.floorOver(j.series, rounds(steps), endpoint, tail)
	}
	if !ok {
		return own
	}
	low := min(own.low, whole.low)
	if whole.high < own.high {
		own = whole
	}
	own.low = low
	return own
}

func (j *judge) floorOver(s *series, over span, endpoint int, tail float64) (bounds, bool) {
	d, ok := s.floorGrowth(over, endpoint, retained, floorNoise)
	if !ok {
		return bounds{}, false
	}
	return boundsOf(d, tail), true
}

// span is a stretch of rounds, both included.
type span struct{ from, to int }

func (s span) len() int { return s.to - s.from + 1 }

// of are those steps which lie in the stretch.
func (s span) of(steps []step) []step {
	return slices.DeleteFunc(slices.Clone(steps), func(st step) bool { return st.round < s.from || st.round > s.to })
}

// rounds is the stretch of steps, which are in order.
func rounds(steps []step) span {
	if len(steps) == 0 {
		return span{0, -1}
	}
	return span{steps[0].round, steps[len(steps)-1].round}
}

// drainedFloor is the growth of the whole process between rounds that each had a
// drained sample: what went away with time is gone from all of their lowest
// levels, however late it goes, and all that an endpoint retains is in them. A
// process that still lets go of what came before gives no endpoint credit for it.
func (j *judge) drainedFloor(endpoint int, tail float64) (bounds, bool) {
	over := j.drainedRoundsOf(endpoint)
	if over.len() < minLook {
		return bounds{}, false
	}
	over.from = over.to - window(over.len()) + 1
	b, ok := j.floorOver(j.measured, over, endpoint, tail)
	b.high += max(0, -b.value)
	return b, ok
}

// drainedRoundsOf are those in which the endpoint was loaded.
func (j *judge) drainedRoundsOf(endpoint int) span {
	over := rounds(j.measured.of(endpoint))
	return span{max(over.from, j.drainedRounds.from), min(over.to, j.drainedRounds.to)}
}

// judgeByFloor judges an endpoint of which too few blocks lie between drained
// samples, where that can be done without them. It accuses nobody.
func (j *judge) judgeByFloor(e *Endpoint, endpoint int, allowed float64) bool {
	b, within := j.byFloor(endpoint, allowed)
	if !within {
		return false
	}
	e.set(b)
	e.Outcome, e.Reason = Inconclusive, notYet
	if j.looks(endpoint) {
		e.Outcome, e.Reason = j.within(endpoint, allowed)
	}
	return true
}

// byFloor is the growth of the whole process as an endpoint's, and whether it keeps
// within the endpoint's budget.
func (j *judge) byFloor(endpoint int, allowed float64) (bounds, bool) {
	b, ok := j.drainedFloor(endpoint, j.tail(len(j.measured.of(endpoint))))
	b.low = min(b.low, 0)
	return b, ok && b.high <= allowed
}

// drainedRounds are the last rounds in a row that each had a drained sample.
func drainedRounds(rec *recording.Recording) span {
	last := -1
	drained := map[int]bool{}
	for i := range rec.Observations {
		o := &rec.Observations[i]
		if o.Block.Phase == recording.Measure && o.Sample.Drained {
			drained[o.Block.Round] = true
			last = max(last, o.Block.Round)
		}
	}
	first := last
	for drained[first-1] {
		first--
	}
	return span{first, last}
}
