package verdict

import (
	"gonum.org/v1/gonum/mat"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// A mixed block loads several endpoints together, and what it leaves behind is
// a sum. Within one round there are as many blocks as there are unknowns, so
// that the round can be solved for them: each unknown is a sum of the blocks'
// changes with weights that depend on the counts of requests alone. It then has
// one increment in each round, as a block of its own would give, and all rules for
// increments hold for it.
//
// Where endpoints have blocks of their own, the unknown is what a mixed block
// has beyond them: with counts n_e in it and own_e in the endpoints' blocks,
// d - sum over e of (n_e/own_e) d_e. Where they have none, a round has as many
// mixed blocks as endpoints, in different proportions N, and the growth per
// request is N^-1 d.

// badCondition is the condition number from which a round's proportions do not
// tell its endpoints apart. The design's are below 10 for up to 20 endpoints.
const badCondition = 100

// takeApart gives the increments that mixed blocks stand for, round by round.
func (s *series) takeApart() {
	byRound := map[int][]increment{}
	any := false
	for _, st := range s.increments {
		if st.endpoint != recording.Idle {
			byRound[st.round] = append(byRound[st.round], st)
			any = any || st.endpoint == recording.Mixed
		}
	}
	if !any {
		return
	}
	s.mixed = true
	for e := range s.rec.Header.Endpoints {
		s.mixed = s.mixed && len(s.by[e]) == 0
	}
	cum, next := map[int]float64{}, 0
	for r := range s.rounds {
		blocks := byRound[r]
		if len(blocks) == 0 {
			continue
		}
		for ; next <= blocks[len(blocks)-1].index; next++ {
			count(cum, &s.rec.Observations[next].Block)
		}
		if s.mixed {
			s.solve(blocks, cum)
		} else {
			s.exceed(blocks)
		}
	}
}

// solve gives each endpoint its increment of a round in which all blocks are mixed.
func (s *series) solve(blocks []increment, cum map[int]float64) {
	k := len(s.rec.Header.Endpoints)
	if len(blocks) != k {
		return // cut off
	}
	shares := mat.NewDense(k, k, nil)
	for i, st := range blocks {
		for e := range k {
			shares.Set(i, e, s.sent(st, e)/st.n)
		}
	}
	var inverse mat.Dense
	if inverse.Inverse(shares) != nil || mat.Cond(shares, 2) > badCondition {
		return
	}
	for e := range k {
		st := increment{endpoint: e, round: blocks[0].round, index: blocks[0].index, cum: cum[e]}
		for _, b := range blocks {
			st.n += s.sent(b, e)
		}
		for i, b := range blocks {
			st.add(b, st.n*inverse.At(e, i)/b.n)
		}
		s.by[e] = append(s.by[e], st)
	}
}

// exceed gives the mixed blocks of a round the increment of what they have beyond the
// endpoints' own.
func (s *series) exceed(blocks []increment) {
	for _, mixed := range blocks {
		if mixed.endpoint != recording.Mixed {
			continue
		}
		st := increment{endpoint: recording.Mixed, round: mixed.round, index: mixed.index, n: mixed.n, cum: mixed.cum}
		st.add(mixed, 1)
		if !s.takeParts(&st, mixed, blocks) {
			return // a part is not known in this round
		}
		s.by[recording.Mixed] = append(s.by[recording.Mixed], st)
	}
}

// takeParts takes from a mixed block's increment what its endpoints' own blocks of the round
// explain, and reports whether each has some.
func (s *series) takeParts(st *increment, mixed increment, blocks []increment) bool {
	for e := range s.rec.Header.Endpoints {
		n, own := s.sent(mixed, e), 0.0
		for _, b := range blocks {
			if b.endpoint == e {
				own += b.n
			}
		}
		if own == 0 && n > 0 {
			return false
		}
		for _, b := range blocks {
			if b.endpoint == e && n > 0 {
				st.add(b, -n/own)
			}
		}
	}
	return true
}

// add makes a block's change a part of the increment.
func (st *increment) add(block increment, weight float64) {
	st.terms = append(st.terms, term{block.index, weight})
	st.seconds += weight * block.seconds
}

// hasInteraction says that mixed blocks stand beside the endpoints' own.
func (s *series) hasInteraction() bool { return !s.mixed && len(s.by[recording.Mixed]) > 0 }

// sentBy is how many requests an endpoint has had at the end of each increment,
// warm-up included. The increments are in order.
func (s *series) sentBy(endpoint int, increments []increment) []float64 {
	out := make([]float64, len(increments))
	cum, next := 0.0, 0
	for i, st := range increments {
		for ; next <= st.index; next++ {
			cum += float64(s.rec.Observations[next].Block.RequestsOf(endpoint))
		}
		out[i] = cum
	}
	return out
}
