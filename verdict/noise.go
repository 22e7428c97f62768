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

// noiseOf is the common noise of one increment in the rounds that are fitted: the
// (lower) median, over endpoints, of the variance about each one's own rate, so
// that an endpoint which leaks in steps does not blur its neighbours. An endpoint
// alone has only idle blocks to be compared with, which are calmer and count for
// less.
func (j *judge) noiseOf(m metric) noise {
	var variances []float64
	for e := range j.rec.Header.Endpoints {
		if steps := fitted(j.series.of(e)); len(steps) >= minLook {
			variances = append(variances, variance(j.series.changes(steps, m), requests(steps))/spread(steps))
		}
	}
	if len(variances) > 1 {
		return noise{variance: max(lowerMedian(variances), noiseFloor*noiseFloor), dof: priorDof}
	}
	return j.idleNoise(m)
}

// idleNoise is that of idle blocks by themselves: what load stirs up is not in it.
func (j *judge) idleNoise(m metric) noise {
	n := noise{variance: noiseFloor * noiseFloor, dof: 1}
	if idle := fitted(j.series.of(recording.Idle)); len(idle) >= minLook {
		n.variance = max(n.variance, variance(j.series.changes(idle, m), seconds(idle)))
	}
	return n
}

// variance of changes about a rate common to all of them.
func variance(changes, sizes []float64) float64 {
	rate := total(changes) / total(sizes)
	sum := 0.0
	for i := range changes {
		r := changes[i] - rate*sizes[i]
		sum += r * r
	}
	return sum / float64(len(changes)-1)
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
