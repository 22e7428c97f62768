package verdict

const (
	// fadeTail is the one-sided error at which growth is taken to fade, and
	// fadeShare how much of its mean rate it must have lost over the fitted
	// rounds. Fading holds back a leak and convicts nobody, so that an error
	// costs rounds and no verdict.
	fadeTail  = 0.01
	fadeShare = 0.1
)

// fades says that growth per request falls while it is measured: the mark of a
// cache which fills the slower the fuller it is (keys that come back at random),
// and of no leak. A cache that fills evenly cannot be told from a leak by its
// growth until it is full, by anyone. The rate is fitted as a line over the requests.
func (j *judge) fades(steps []step) bool {
	reqs := requests(steps)
	first, last := steps[0].cum-steps[0].n/2, steps[len(steps)-1].cum-steps[len(steps)-1].n/2
	trend := make([]float64, len(steps))
	for i, st := range steps {
		trend[i] = st.n * (st.cum - st.n/2 - (first+last)/2)
	}
	changes := j.series.changes(steps, retained)
	d, ok := fitDrift(changes, [][]float64{trend, reqs}, j.noise.of(steps))
	if !ok || d.cdf(0) < 1-fadeTail {
		return false
	}
	mean := total(changes) / total(reqs)
	return -d.mean()*(last-first) > fadeShare*mean
}
