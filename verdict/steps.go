package verdict

import (
	"math"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// A leak into an array, Map or Set does not grow evenly: V8 enlarges the table
// by half (arrays) or to twice its size (Map, Set), and nothing moves between.
// Few steps make a wide interval, however plain the leak is. Two rules follow.

const (
	// octaves is in how many doublings of the request count in a row a stepped
	// leak must have grown beyond its budget.
	octaves = 3
	// evenness is the least part of the mean rate that the last doubling must
	// have: growth that fades (logarithmic warm-up) halves in each.
	evenness = 0.5
	// stepSDs is how far beyond noise growth must be to count as a step.
	stepSDs = 6
	// normalMAD turns a median absolute deviation into a standard deviation.
	normalMAD = 1.4826
	// tableGrowth is the widest ratio between one enlargement and the next,
	// with some room for the length of a block.
	tableGrowth = 2.2
)

// grownInOctaves says that memory grew beyond the allowed rate in each of the
// last doublings of the endpoint's requests, without fading: the mark of
// geometric steps, and of no warm-up. It returns the rate over all of them.
func (j *judge) grownInOctaves(endpoint int, allowed float64) (rate float64, ok bool) {
	if _, within := j.byFloor(endpoint, allowed); within || j.transient {
		return 0, false // its blocks alone do not tell what stays
	}
	steps := j.warmUp(endpoint, 1)
	steps = append(steps, j.series.of(endpoint)...)
	if len(steps) == 0 {
		return 0, false
	}
	hi := len(steps)
	var rates []float64
	for hi > 0 && len(rates) < octaves {
		lo := hi
		half := steps[hi-1].cum / 2
		for lo > 0 && steps[lo-1].cum-steps[lo-1].n >= half {
			lo--
		}
		if lo == 0 || lo == hi {
			break // the octave reaches beyond what was observed
		}
		lo-- // the block that straddles the octave's begin belongs to it
		grown := total(j.series.changes(steps[lo:hi], retained))
		floor := stepSDs * j.noise.sd() * math.Sqrt(float64(hi-lo))
		r := grown / total(requests(steps[lo:hi]))
		if grown < floor || r <= allowed {
			return 0, false
		}
		rates = append(rates, r)
		hi = lo
	}
	if len(rates) < octaves {
		return 0, false
	}
	mean := total(rates) / octaves
	return mean, rates[0] >= evenness*mean && j.stillStepping(steps, allowed) && !j.fades(steps[hi:])
}

// stillStepping says that no more requests came since the last growth than a
// table's next enlargement may need: its pauses widen by a fixed ratio. A cache
// that grew without a pause and then stopped has filled.
func (j *judge) stillStepping(steps []step, allowed float64) bool {
	longest, pause := 0.0, 0.0
	for i, change := range j.series.changes(steps, retained) {
		if change <= allowed*steps[i].n {
			pause += steps[i].n
			continue
		}
		longest, pause = max(longest, pause), 0
	}
	return pause <= tableGrowth*longest
}

// warmUp is the endpoint's blocks in the warm-up from a round on. Round 0 are
// the first probes, in which all that an app does once is done.
func (j *judge) warmUp(endpoint, fromRound int) []step {
	var out []step
	for _, st := range j.series.warm {
		probe := j.rec.Observations[st.index].Block.Phase == recording.WarmUp && st.round < fromRound
		if st.endpoint == endpoint && !probe {
			out = append(out, st)
		}
	}
	return out
}

// pendingStep is a step which, if it were a table's, means a leak beyond the
// allowed rate, while too few requests came after it to tell: until they are
// there the endpoint cannot pass. at is how many requests had come by then.
func (j *judge) pendingStep(endpoint int, allowed float64) (at float64, pending bool) {
	s, steps := j.series, j.series.of(endpoint)
	drained := j.drainedRoundsOf(endpoint)
	byFloor := drained.len() >= minLook && !(j.drained && len(steps) >= minLook)
	if byFloor {
		s, steps = j.measured, drained.of(j.measured.of(endpoint))
	}
	if len(steps) == 0 {
		return 0, false
	}
	changes, sd := j.blockRises(steps)
	begin, end := steps[0].cum-steps[0].n, steps[len(steps)-1].cum
	if j.transient || byFloor {
		floors := s.floors(rounds(steps), endpoint, retained)
		changes, sd = floorRises(floors)
		begin, end = floors[0].cum, floors[len(floors)-1].cum
	}
	if end < tableGrowth*begin && !(j.letsGo() && j.gained() <= allowed*end) {
		return begin, true // a table may not have grown once since the warm-up
	}
	for _, r := range changes {
		if r.rest > stepSDs*sd && stepImplies(r.change, r.cum) > allowed && end < tableGrowth*r.cum {
			return r.cum, true
		}
	}
	return 0, false
}

// gained is all that the process holds in the end and did not when it started: no
// table in it can be larger.
func (j *judge) gained() float64 {
	all := j.rec.Observations
	return retained(&all[len(all)-1].Sample) - retained(&all[0].Sample)
}

// rise is a change of the level in which a step may be.
type rise struct {
	change float64 // bytes
	rest   float64 // of it, beyond the usual
	cum    float64 // requests on the endpoint until then
}

// blockRises are the changes over blocks, and the spread of those without a step.
func (j *judge) blockRises(steps []step) ([]rise, float64) {
	changes := j.series.changes(steps, retained)
	rest := residuals(changes, requests(steps))
	rises := make([]rise, len(steps))
	for i, st := range steps {
		rises[i] = rise{changes[i], rest[i], st.cum}
	}
	return rises, j.noise.sd()
}

// floorRises are the changes of each round's lowest level, for memory that
// goes away later than the block that took it.
func floorRises(floors []floor) ([]rise, float64) {
	changes := rises(floors)
	usual := median(changes)
	out, rest := make([]rise, len(changes)), make([]float64, len(changes))
	for i, c := range changes {
		out[i] = rise{c, c - usual, floors[i+1].cum}
		rest[i] = c - usual
	}
	return out, spreadOf(rest)
}
