package verdict

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// mixture is a distribution of a rate: a weighted sum of Student's t distributions.
type mixture struct {
	parts []part
}

type part struct {
	weight float64
	t      distuv.StudentsT
}

// normalize has the weights sum to one.
func (d *mixture) normalize() {
	sum := 0.0
	for _, p := range d.parts {
		sum += p.weight
	}
	for i := range d.parts {
		d.parts[i].weight /= sum
	}
}

// mean is the rate's expectation.
func (d mixture) mean() float64 {
	sum := 0.0
	for _, p := range d.parts {
		sum += p.weight * p.t.Mu
	}
	return sum
}

// sd is the spread between and within the parts, in the sense of a standard error.
func (d mixture) sd() float64 {
	m, sum := d.mean(), 0.0
	for _, p := range d.parts {
		sum += p.weight * (p.t.Sigma*p.t.Sigma + (p.t.Mu-m)*(p.t.Mu-m))
	}
	return math.Sqrt(sum)
}

// dof are the degrees of freedom, on average over the parts.
func (d mixture) dof() float64 {
	sum := 0.0
	for _, p := range d.parts {
		sum += p.weight * p.t.Nu
	}
	return sum
}

// times is the distribution in another unit.
func (d mixture) times(by float64) mixture {
	out := mixture{parts: make([]part, len(d.parts))}
	for i, p := range d.parts {
		p.t.Mu, p.t.Sigma = by*p.t.Mu, by*p.t.Sigma
		out.parts[i] = p
	}
	return out
}

// cdf is the probability that the rate is at most x.
func (d mixture) cdf(x float64) float64 {
	sum := 0.0
	for _, p := range d.parts {
		sum += p.weight * p.t.CDF(x)
	}
	return sum
}

// quantile is the rate that is not exceeded with the given probability. It lies between
// those of the parts.
func (d mixture) quantile(prob float64) float64 {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, p := range d.parts {
		q := p.t.Quantile(prob)
		lo, hi = min(lo, q), max(hi, q)
	}
	return root(func(x float64) float64 { return d.cdf(x) - prob }, lo, hi)
}

// root of a rising function between lo and hi, by false position with the
// Illinois rule (Dowell and Jarratt, BIT 11, 1971): a few evaluations where
// halving needs sixty.
func root(f func(float64) float64, lo, hi float64) float64 {
	const evaluations, tolerance = 60, 1e-12
	flo, fhi := f(lo), f(hi)
	side := 0
	for range evaluations {
		if !(hi-lo > tolerance*(math.Abs(lo)+math.Abs(hi))) || flo >= 0 || fhi <= 0 {
			break
		}
		mid := lo - flo*(hi-lo)/(fhi-flo)
		if !(mid > lo && mid < hi) {
			break
		}
		switch fm := f(mid); {
		case fm < 0:
			lo, flo = mid, fm
			if side < 0 {
				fhi /= 2
			}
			side = -1
		case fm > 0:
			hi, fhi = mid, fm
			if side > 0 {
				flo /= 2
			}
			side = 1
		default:
			return mid
		}
	}
	if flo >= 0 {
		return lo
	}
	return hi
}

// power is the probability with which a leak at the detection limit is called.
const power = 0.95

// bounds is what a fit says of a rate at one tail probability.
type bounds struct {
	value, low, high float64
	// limit is the minimum detectable leak: the rate whose interval would have stayed
	// above zero with the given power, which is the interval's half width and
	// the normal deviate for the power times the standard error.
	limit    float64
	err, dof float64 // standard error of value, and its degrees of freedom
}

func (d mixture) bounds(tail float64) bounds {
	b := bounds{value: d.mean(), low: d.quantile(tail), high: d.quantile(1 - tail), err: d.sd(), dof: d.dof()}
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
