package verdict

import (
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// V8 throws compiled code away that has not run for some collections, and
// compiles it again. What is hot moves with the endpoint that is loaded, so that the
// heap goes up and down by as much as a quarter of a megabyte from block to block
// while the app keeps nothing. Endpoints that answer slowly have few requests to
// spread that over, and it is most of their noise. The code's own space says how
// much of the heap it is.

// codeCost is how far the heap moves with each byte of code: the code itself and
// what V8 keeps beside it (bytecode, feedback, positions). 2.0 to 2.6 were
// measured in blocks that moved little else, on Node 20 and 24.
const codeCost = 2.2

// codeNoise is the least that is believed of the code's size.
var codeNoise = noise{variance: 256 * 256, dof: 1}

// codeNoisy is the part of the noise that must go away with the code for it to be
// taken out.
const codeNoisy = 0.5

// codeBiased is the part of a budget by which code that does not stay may move an
// endpoint's growth without being taken out.
const codeBiased = 0.25

// withoutCode is the recording with the comings and goings of compiled code taken
// out of the heap, or rec itself where they are not most of the noise and move no endpoint,
// where the code's size is not known, or where it grows through the run: that may be a
// leak of code.
func withoutCode(rec *recording.Recording, o Options) *recording.Recording {
	s := newSeries(rec, false)
	if s.rounds < minLook || !hasCode(rec) || s.codeGrows() {
		return rec
	}
	out := *rec
	out.Observations = slices.Clone(rec.Observations)
	for i := range out.Observations {
		o := &out.Observations[i].Sample
		o.Heap.Used -= unit.Bytes(codeCost * code(o))
	}
	if newSeries(&out, false).noisier(codeNoisy, s) && !s.codeBiases(o) {
		return rec
	}
	return &out
}

// codeBiases says that the blocks of an endpoint bring code which others take away
// again: more than the process keeps of it, by a good part of the budget.
func (s *series) codeBiases(o Options) bool {
	kept := max(0, s.grown(code))
	for e := range s.rec.Header.Endpoints {
		h, own := &s.rec.Header.Endpoints[e], s.of(e)
		allowed := float64(o.budget(h).PerRequest(h.Rate))
		if gone := total(s.changes(own, code)) - kept; codeCost*gone > codeBiased*allowed*total(requests(own)) {
			return true
		}
	}
	return false
}

// noisier says that the variance of most endpoints' increments is more than a
// share of what it is in other.
func (s *series) noisier(share float64, other *series) bool {
	var changed []float64
	for e := range s.rec.Header.Endpoints {
		if steps := s.of(e); len(steps) >= minLook {
			reqs := requests(steps)
			changed = append(changed, variance(s.changes(steps, retained), reqs)/variance(other.changes(steps, retained), reqs))
		}
	}
	return len(changed) == 0 || median(changed) > share
}

// code is the space of compiled code in the heap.
func code(s *recording.Sample) float64 {
	return float64(s.Heap.Spaces["code_space"] + s.Heap.Spaces["code_large_object_space"])
}

func hasCode(rec *recording.Recording) bool {
	return !slices.ContainsFunc(rec.Observations, func(o recording.Observation) bool { return code(&o.Sample) == 0 })
}

// codeGrows says that the lowest level of the code rises from round to round.
func (s *series) codeGrows() bool {
	d, ok := s.floorGrowth(span{s.rounds - window(s.rounds), s.rounds - 1}, anyEndpoint, code, codeNoise)
	return !ok || d.cdf(0) < driftTail
}

// codeRise is how much code an endpoint's requests may have left at most, in bytes of
// heap per request: all that the process gained.
func (j *judge) codeRise(endpoint int, steps []step) float64 {
	if !j.codeless {
		return 0
	}
	d, ok := j.series.floorGrowth(rounds(steps), endpoint, code, codeNoise)
	if !ok {
		return 0
	}
	return codeCost * max(0, d.mean())
}
