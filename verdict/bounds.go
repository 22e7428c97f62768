package verdict

import (
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// power is the probability with which a leak at the detection limit is called.
const power = 0.95

// bounds is what a fit says of a slope at one tail probability.
type bounds struct {
	value, low, high float64
	// limit is the detection limit: the rate whose interval would have stayed
	// above zero with the given power, which is the interval's half width and
	// the normal deviate for the power times the standard error.
	limit    float64
	err, dof float64 // standard error of value, and its degrees of freedom
}

func boundsOf(d drift, tail float64) bounds {
	b := bounds{value: d.mean(), low: d.quantile(tail), high: d.quantile(1 - tail), err: d.sd(), dof: d.parts[0].t.Nu}
	b.limit = b.value - b.low + distuv.UnitNormal.Quantile(power)*b.err
	return b
}

func (b bounds) estimate() Estimate {
	return Estimate{
		Value: unit.BytesPerRequest(b.value),
		Low:   unit.BytesPerRequest(b.low),
		High:  unit.BytesPerRequest(b.high),
	}
}

func (b bounds) fit() Fit {
	return Fit{Mean: unit.BytesPerRequest(b.value), StdErr: unit.BytesPerRequest(b.err), DoF: b.dof}
}

// bound is the endpoint's slope with what else is known of it. Where memory is
// released late, the growth of the whole process at its lowest bounds it from
// above, and it is only retained where that grows as well.
func (j *judge) bound(endpoint int, fit drift, steps []step, tail float64) bounds {
	own := boundsOf(fit, tail)
	if j.transient || j.drained || j.drainedRoundsOf(endpoint).len() >= minLook {
		own = j.boundByFloor(endpoint, own, steps, tail)
	}
	own.high += j.codeRise(endpoint, steps)
	return own
}
