package verdict

import (
	"math"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

const (
	// priorDof is how many increments the run's common noise counts for beside
	// the increments of one endpoint.
	priorDof = 3
	// noiseFloor is the smallest standard deviation of an increment, in bytes,
	// that is believed: a settled heap repeats to a few KB at best.
	noiseFloor = 2 << 10
)

// noiseOf is the common noise of one increment: the median over endpoints and
// idleness of a robust variance about each one's own rate, so that an endpoint
// which leaks in steps does not blur its neighbours.
func (j *judge) noiseOf(m metric) noise {
	var variances []float64
	for e := recording.Idle; e < len(j.rec.Header.Endpoints); e++ {
		steps := j.series.of(e, 0)
		if len(steps) < 3 { //nolint:mnd // fewer have no spread
			continue
		}
		sd := spread(residuals(j.series.changes(steps, m), sizes(steps)))
		variances = append(variances, sd*sd)
	}
	return noise{variance: max(median(variances), noiseFloor*noiseFloor), dof: priorDof}
}

// sizes is what a step's change is proportional to: requests, or seconds.
func sizes(steps []step) []float64 {
	if len(steps) > 0 && steps[0].endpoint == recording.Idle {
		return seconds(steps)
	}
	return requests(steps)
}

// residuals takes the median rate away from each change.
func residuals(changes, sizes []float64) []float64 {
	rate := median(ratios(changes, sizes))
	out := make([]float64, len(changes))
	for i := range changes {
		out[i] = changes[i] - rate*sizes[i]
	}
	return out
}

func (n noise) sd() float64 { return math.Sqrt(n.variance) }
