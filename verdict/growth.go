package verdict

import (
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// growth fits what an endpoint leaves behind per request in its last rounds, or
// all together beyond their own: what is retained first, and then each part of
// the memory.
func (j *judge) growth(endpoint int) (fits []drift, steps []step, ok bool) {
	steps = fitted(j.series.of(endpoint))
	if j.transient {
		fits, ok = j.jointGrowth(endpoint, steps)
		return fits, steps, ok
	}
	reqs := requests(steps)
	fits, ok = fitDrifts(j.observe(steps, spread(steps)), [][]float64{reqs})
	for i := range fits {
		if clock, known := j.knownBackground(j.quantities[i].read, j.quantities[i].noise); known {
			fits[i] = takeBackground(fits[i], clock, steps)
		}
	}
	return fits, steps, ok
}

// observe is how each quantity changed over the steps, whose increments vary so
// many times as much as those of one block.
func (j *judge) observe(steps []step, spread float64) []observed {
	out := make([]observed, len(j.quantities))
	for i, q := range j.quantities {
		q.noise.variance *= spread
		out[i] = observed{j.series.changes(steps, q.read), q.noise}
	}
	return out
}

// takeBackground removes growth by the clock, which the blocks of load see as
// well, and adds its uncertainty.
func takeBackground(d, clock drift, steps []step) drift {
	perRequest := total(seconds(steps)) / total(requests(steps))
	return d.shift(-clock.mean() * perRequest).widen(clock.sd() * perRequest)
}

// jointGrowth fits all endpoints at once and allows each to hold memory only
// until the next block: the level has an offset for the block that came last.
func (j *judge) jointGrowth(endpoint int, own []step) ([]drift, bool) {
	var steps []step
	for _, st := range j.series.steps {
		if len(own) > 0 && st.index >= own[0].index {
			steps = append(steps, st)
		}
	}
	columns := [][]float64{j.requestColumn(steps, endpoint)}
	for _, e := range j.loads() {
		if !j.present(steps, e) {
			continue
		}
		if e != endpoint {
			columns = append(columns, j.requestColumn(steps, e))
		}
		columns = append(columns, j.offsetColumn(steps, e))
	}
	if j.rec.Header.Background.Budget != nil {
		columns = append(columns, seconds(steps))
	}
	return fitDrifts(j.observe(steps, 1), columns)
}

// loads are the endpoints, and all together where they are a load beside.
func (j *judge) loads() []int {
	var all []int
	for e := range j.rec.Header.Endpoints {
		all = append(all, e)
	}
	if j.series.checked() {
		all = append(all, recording.Mixed)
	}
	return all
}

func (j *judge) present(steps []step, endpoint int) bool {
	return slices.ContainsFunc(steps, func(st step) bool { return j.series.sent(st, endpoint) > 0 })
}

func (j *judge) requestColumn(steps []step, endpoint int) []float64 {
	out := make([]float64, len(steps))
	for i, st := range steps {
		out[i] = j.series.sent(st, endpoint)
	}
	return out
}

// offsetColumn is +1 where a block of the endpoint ends and -1 where the next
// block ends: memory that is there only while the endpoint came last. Where all
// blocks are mixed, it is in proportion to the endpoint's requests.
func (j *judge) offsetColumn(steps []step, endpoint int) []float64 {
	out := make([]float64, len(steps))
	for i, st := range steps {
		this, before := &j.rec.Observations[st.index].Block, &j.rec.Observations[st.index-1].Block
		out[i] = j.last(this, endpoint) - j.last(before, endpoint)
	}
	return out
}

func (j *judge) last(b *recording.Block, endpoint int) float64 {
	switch {
	case j.series.mixed:
		return float64(b.RequestsOf(endpoint))
	case b.Endpoint == endpoint:
		return 1
	}
	return 0
}
