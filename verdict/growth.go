package verdict

import (
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// growth fits what an endpoint leaves behind per request in its last rounds, or
// all together beyond their own.
func (j *judge) growth(endpoint int, m metric, n noise) (drift, []step, bool) {
	steps := fitted(j.series.of(endpoint))
	if j.transient {
		d, ok := j.jointGrowth(endpoint, steps, m, n)
		return d, steps, ok
	}
	changes, reqs := j.series.changes(steps, m), requests(steps)
	d, ok := fitDrift(changes, [][]float64{reqs}, n.of(steps))
	if clock, known := j.knownBackground(m, n); ok && known {
		d = takeBackground(d, clock, steps)
	}
	return d, steps, ok
}

// takeBackground removes growth by the clock, which the blocks of load see as
// well, and adds its uncertainty.
func takeBackground(d, clock drift, steps []step) drift {
	perRequest := total(seconds(steps)) / total(requests(steps))
	return d.shift(-clock.mean() * perRequest).widen(clock.sd() * perRequest)
}

// jointGrowth fits all endpoints at once and allows each to hold memory only
// until the next block: the level has an offset for the block that came last.
func (j *judge) jointGrowth(endpoint int, own []step, m metric, n noise) (drift, bool) {
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
	return fitDrift(j.series.changes(steps, m), columns, n)
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
