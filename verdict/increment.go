package verdict

import "github.com/leakcheck/leakcheck/sampler/recording"

// Increment is what an endpoint left behind in one measured block, or in one
// round of mixed blocks, as the fit sees it.
type Increment struct {
	Observation int // index of the block, or of the one with most of its requests
	Requests    int
	Bytes       float64 // of heap and external memory
}

// Increments are those of one endpoint in order, or with recording.Mixed what
// mixed blocks have beyond the endpoints' own.
func Increments(rec *recording.Recording, endpoint int) []Increment {
	s := newSeries(rec, 0)
	var out []Increment
	for _, st := range s.of(endpoint) {
		in := Increment{Observation: st.index, Requests: int(st.n), Bytes: s.change(st, retained)}
		for _, t := range st.terms {
			if rec.Observations[t.index].Block.RequestsOf(endpoint) > rec.Observations[in.Observation].Block.RequestsOf(endpoint) {
				in.Observation = t.index
			}
		}
		out = append(out, in)
	}
	return out
}
