package verdict

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// The noise of a settled sample is part measurement (it goes away by the next
// sample, so that neighbouring increments are anticorrelated) and part real
// movement (it stays, and increments are independent). This is the local level
// model of structural time series: increments have a correlation of -rho with
// the next, 0 <= rho <= 1/2 (Harvey, Forecasting, Structural Time Series
// Models, 1989, ch. 2). A run is too short to know rho, so the estimate is
// averaged over this grid with the restricted likelihood of each as weight.
// Six increments often look anticorrelated by chance, so independence has a
// prior weight of its own: without it, intervals of six rounds were too short.
var (
	rhoGrid          = []float64{0, 0.1, 0.2, 0.3, 0.4, 0.45}
	priorIndependent = math.Log(12)
)

// noise is what other series of the same run say about the variance of one
// increment (bytes squared). Increments that agree better than that, which six
// may by chance, are taken together with it as with dof further observations;
// ones that agree less are noisier than the rest and stand alone.
type noise struct {
	variance float64
	dof      float64
}

// of is the noise of steps.
func (n noise) of(steps []step) noise {
	n.variance *= spread(steps)
	return n
}

// drift is the posterior of a slope: a mixture of Student's t distributions.
type drift struct {
	parts []part
}

type part struct {
	weight float64
	t      distuv.StudentsT
}

// observed is a series of increments, and what is known of its noise.
type observed struct {
	increments []float64
	prior      noise
}

// fitDrift regresses increments on the columns by generalised least squares
// and returns the slope of the first column. ok is false when there are too
// few increments to tell slope from noise.
func fitDrift(increments []float64, columns [][]float64, prior noise) (d drift, ok bool) {
	all, ok := fitDrifts([]observed{{increments, prior}}, columns)
	if !ok {
		return drift{}, false
	}
	return all[0], true
}

// fitDrifts is fitDrift for several series of one length and the same columns.
func fitDrifts(series []observed, columns [][]float64) (all []drift, ok bool) {
	if len(columns[0]) <= len(columns) {
		return nil, false
	}
	g := newGLS(columns)
	all = make([]drift, len(series))
	logs := make([][]float64, len(series))
	for _, rho := range rhoGrid {
		if !g.factorize(rho) {
			continue
		}
		for i := range series {
			s, ok := g.solve(series[i].increments)
			if !ok {
				continue
			}
			if rho == 0 && s.variance() > series[i].prior.variance {
				series[i].prior = noise{}
			}
			f := s.fit(series[i].prior)
			if rho == 0 {
				f.logLikelihood += priorIndependent
			}
			all[i].parts = append(all[i].parts, part{t: f.slope})
			logs[i] = append(logs[i], f.logLikelihood)
		}
	}
	for i := range all {
		if len(all[i].parts) == 0 {
			return nil, false
		}
		all[i].weigh(logs[i])
	}
	return all, true
}

// weigh turns log likelihoods into weights that sum to one.
func (d *drift) weigh(logs []float64) {
	top := math.Inf(-1)
	for _, l := range logs {
		top = max(top, l)
	}
	sum := 0.0
	for i, l := range logs {
		d.parts[i].weight = math.Exp(l - top)
		sum += d.parts[i].weight
	}
	for i := range d.parts {
		d.parts[i].weight /= sum
	}
}

// mean is the slope's expectation.
func (d drift) mean() float64 {
	sum := 0.0
	for _, p := range d.parts {
		sum += p.weight * p.t.Mu
	}
	return sum
}

// sd is the spread of the slope as the mixture sees it (between and within
// its parts), in the sense of a standard error.
func (d drift) sd() float64 {
	m, sum := d.mean(), 0.0
	for _, p := range d.parts {
		sum += p.weight * (p.t.Sigma*p.t.Sigma + (p.t.Mu-m)*(p.t.Mu-m))
	}
	return math.Sqrt(sum)
}

// quantile is the value that the slope is below with the given probability. It
// lies between those of the parts, which have their degrees of freedom in
// common.
func (d drift) quantile(prob float64) float64 {
	lo, hi := math.Inf(1), math.Inf(-1)
	standard := distuv.StudentsT{Sigma: 1, Nu: d.parts[0].t.Nu}.Quantile(prob)
	for _, p := range d.parts {
		q := p.t.Mu + p.t.Sigma*standard
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

func (d drift) cdf(x float64) float64 {
	sum := 0.0
	for _, p := range d.parts {
		sum += p.weight * p.t.CDF(x)
	}
	return sum
}

// widen adds an independent uncertainty (a standard error) to the slope, and
// shift moves it.
func (d drift) widen(se float64) drift {
	return d.each(func(t *distuv.StudentsT) { t.Sigma = math.Hypot(t.Sigma, se) })
}

func (d drift) shift(by float64) drift {
	return d.each(func(t *distuv.StudentsT) { t.Mu += by })
}

func (d drift) each(f func(*distuv.StudentsT)) drift {
	out := drift{parts: make([]part, len(d.parts))}
	for i, p := range d.parts {
		f(&p.t)
		out.parts[i] = p
	}
	return out
}
