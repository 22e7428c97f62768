package verdict

import (
	"math"

	"gonum.org/v1/gonum/mat"
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
	priorIndependent = math.Log(5)
)

// noise is what other series of the same run say about the variance of one
// increment (bytes squared). Increments that agree better than that, which six
// may by chance, are taken together with it as with dof further observations;
// ones that agree less are noisier than the rest and stand alone.
type noise struct {
	variance float64
	dof      float64
}

// drift is the posterior of a slope: a mixture of Student's t distributions.
type drift struct {
	parts []part
}

type part struct {
	weight float64
	t      distuv.StudentsT
}

// fitDrift regresses increments on the columns by generalised least squares
// and returns the slope of the first column. ok is false when there are too
// few increments to tell slope from noise.
func fitDrift(increments []float64, columns [][]float64, prior noise) (d drift, ok bool) {
	if len(increments) <= len(columns) {
		return drift{}, false
	}
	x := mat.NewDense(len(increments), len(columns), nil)
	for j, c := range columns {
		x.SetCol(j, c)
	}
	y := mat.NewVecDense(len(increments), increments)
	if alone, ok := fitGLS(y, x, 0, noise{}); ok && alone.variance > prior.variance {
		prior = noise{}
	}
	var logs []float64
	for _, rho := range rhoGrid {
		f, ok := fitGLS(y, x, rho, prior)
		if !ok {
			continue
		}
		if rho == 0 {
			f.logLikelihood += priorIndependent
		}
		d.parts = append(d.parts, part{t: f.slope})
		logs = append(logs, f.logLikelihood)
	}
	if len(d.parts) == 0 {
		return drift{}, false
	}
	d.weigh(logs)
	return d, true
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

type glsFit struct {
	variance      float64 // of one increment
	slope         distuv.StudentsT
	logLikelihood float64 // restricted
}

// fitGLS is generalised least squares with unit variances and a correlation of
// -rho between neighbours.
func fitGLS(y *mat.VecDense, x *mat.Dense, rho float64, prior noise) (glsFit, bool) {
	n, p := x.Dims()
	var chol mat.BandCholesky
	if !chol.Factorize(correlation(n, rho)) {
		return glsFit{}, false
	}
	var vx, xtvx mat.Dense
	if chol.SolveTo(&vx, x) != nil {
		return glsFit{}, false
	}
	xtvx.Mul(x.T(), &vx)
	sym := mat.NewSymDense(p, nil)
	for i := range p {
		for j := i; j < p; j++ {
			sym.SetSym(i, j, xtvx.At(i, j))
		}
	}
	var info mat.Cholesky
	if !info.Factorize(sym) {
		return glsFit{}, false
	}
	var xtvy, beta mat.VecDense
	xtvy.MulVec(vx.T(), y)
	if info.SolveVecTo(&beta, &xtvy) != nil {
		return glsFit{}, false
	}
	rss, ok := residual(&chol, y, x, &beta)
	if !ok {
		return glsFit{}, false
	}
	rss += prior.dof * prior.variance
	dof := float64(n-p) + prior.dof
	var inv mat.SymDense
	if info.InverseTo(&inv) != nil {
		return glsFit{}, false
	}
	return glsFit{
		variance: rss / dof,
		slope: distuv.StudentsT{
			Mu: beta.AtVec(0), Sigma: math.Sqrt(max(rss/dof*inv.At(0, 0), tiny)), Nu: dof,
		},
		logLikelihood: -0.5 * (chol.LogDet() + info.LogDet() + dof*math.Log(max(rss, tiny))),
	}, true
}

// tiny keeps a perfect fit (made-up data) from dividing by zero.
const tiny = 1e-18

// residual is the weighted sum of squares that the fit leaves.
func residual(chol *mat.BandCholesky, y *mat.VecDense, x *mat.Dense, beta *mat.VecDense) (float64, bool) {
	var r, vr mat.VecDense
	r.MulVec(x, beta)
	r.SubVec(y, &r)
	if chol.SolveVecTo(&vr, &r) != nil {
		return 0, false
	}
	return mat.Dot(&r, &vr), true
}

func correlation(n int, rho float64) *mat.SymBandDense {
	c := mat.NewSymBandDense(n, min(1, n-1), nil)
	for i := range n {
		c.SetSymBand(i, i, 1)
		if i+1 < n {
			c.SetSymBand(i, i+1, -rho)
		}
	}
	return c
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

// quantile is the value that the slope is below with the given probability.
func (d drift) quantile(prob float64) float64 {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, p := range d.parts {
		q := p.t.Quantile(prob)
		lo, hi = min(lo, q), max(hi, q)
	}
	const halvings = 60 // a double has no more
	for range halvings {
		mid := lo + (hi-lo)/2
		if d.cdf(mid) < prob {
			lo = mid
		} else {
			hi = mid
		}
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
