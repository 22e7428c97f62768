package verdict

// growth fits what an endpoint leaves behind per request in its last rounds.
func (j *judge) growth(endpoint int, m metric, n noise) (drift, []step, bool) {
	all := j.series.of(endpoint)
	steps := all[len(all)-window(len(all)):]
	if j.transient {
		d, ok := j.jointGrowth(endpoint, steps, m, n)
		return d, steps, ok
	}
	changes, reqs := j.series.changes(steps, m), requests(steps)
	d, ok := fitDrift(changes, [][]float64{reqs}, n)
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
	columns := [][]float64{requestColumn(steps, endpoint)}
	for e := range j.rec.Header.Endpoints {
		if !present(steps, e) {
			continue
		}
		if e != endpoint {
			columns = append(columns, requestColumn(steps, e))
		}
		columns = append(columns, j.offsetColumn(steps, e))
	}
	if j.rec.Header.Background.Budget != nil {
		columns = append(columns, seconds(steps))
	}
	return fitDrift(j.series.changes(steps, m), columns, n)
}

func present(steps []step, endpoint int) bool {
	for _, st := range steps {
		if st.endpoint == endpoint {
			return true
		}
	}
	return false
}

func requestColumn(steps []step, endpoint int) []float64 {
	out := make([]float64, len(steps))
	for i, st := range steps {
		if st.endpoint == endpoint {
			out[i] = st.n
		}
	}
	return out
}

// offsetColumn is +1 where a block of the endpoint ends and -1 where the next
// block ends: memory that is there only while the endpoint came last.
func (j *judge) offsetColumn(steps []step, endpoint int) []float64 {
	out := make([]float64, len(steps))
	for i, st := range steps {
		if st.endpoint == endpoint {
			out[i]++
		}
		if j.rec.Observations[st.index-1].Block.Endpoint == endpoint {
			out[i]--
		}
	}
	return out
}
