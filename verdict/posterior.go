package verdict

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// The parameters of the noise are not known, and six rounds tell little of them. So
// an estimate is averaged over what its own source may do (drift, revert, be drawn anew),
// with the restricted likelihood of each as weight; within each of these, the
// other parameters are taken at their mode, and their uncertainty there gives
// the degrees of freedom (Satterthwaite, Biometrics Bulletin 2, 1946; for mixed models
// Giesbrecht and Burns, Biometrics 41, 1985). A result is a mixture of Student's t.

// keeps are what a source may keep of where it was over a usual block.
var keeps = []float64{1, 0.8, 0}

const (
	// Logarithms of the odds before anything is seen: that movement stays, against that it is
	// gone with the next sample (six blocks often look so, by chance), and that what stays drifts,
	// against that it reverts or is drawn anew. Coverage at 0.9 chose them: 94 and 88 % on AR(1) and
	// random walks alone, where 92 % is said (docs/statistics.md).
	modeWeight, driftWeight = 2, -0.5
	// whiteFloor is the least variance of a sample that is believed: a settled heap
	// repeats to about 1.4 KB at best.
	whiteFloor = 2.0
	// Prior distributions of the logarithms of variances, in KB squared: of a sample,
	// and of a usual block's, which is of the sources' common size. The sources lie
	// closely around it below, and as far above as they like.
	whiteMean, whiteSD   = 2.0, 2.0
	commonMean, commonSD = 3.0, 2.5
	sourceSD             = 0.8
	// And of the standard deviations of offsets (KB) and of the clock's growth (KB/s).
	offsetMean, offsetSD = 2.0, 1.5
	clockMean, clockSD   = -2.5, 2.5
)

// indexes of parameters in the vector that is searched: all logarithms.
const (
	atWhite  = iota // what is common to the samples' variances
	atCommon        // and to the sources'
	atOffset
	atClock
	atSources // of each source: of its blocks, and of the samples after them
)

func walkOf(source int) int  { return atSources + 2*source }
func whiteOf(source int) int { return atSources + 2*source + 1 }

// posterior is what is known of the parameters of one design.
type posterior struct {
	f     *filter
	idle  int     // the source that moves without load
	from  int     // rows before it are not used to find the parameters
	modes []*mode // the likeliest first
}

// mode is a peak of the parameters' density.
type mode struct {
	at      []float64 // the parameters
	keep    []float64 // what each source most likely does
	density float64   // logarithm of its mass
	cov     *mat.SymDense
}

// mostSearched is how many of the last rows the parameters are found from.
const mostSearched = 200

// newPosterior finds the noise of a stretch. It returns nil where there is too little to
// find any in.
func newPosterior(l *layout) *posterior {
	p := &posterior{f: newFilter(&l.design), idle: l.endpoints, from: max(0, l.rows-mostSearched)}
	for i, start := range l.starts() {
		m := &mode{at: start, keep: slices.Repeat([]float64{1}, l.sources)}
		if !p.climb(m) {
			continue
		}
		if i == 0 {
			m.density += modeWeight
		}
		if !slices.ContainsFunc(p.modes, m.same) {
			p.modes = append(p.modes, m)
		}
	}
	if len(p.modes) == 0 {
		return nil
	}
	slices.SortStableFunc(p.modes, func(a, b *mode) int { return cmp.Compare(b.density, a.density) })
	return p
}

// same reports whether two searches ended at one peak.
func (m *mode) same(other *mode) bool {
	const near = 0.5
	return slices.Equal(m.keep, other.keep) && floats.Distance(m.at, other.at, math.Inf(1)) < near
}

// starts are where a search may begin: all movement stays, or all of it is gone with the
// next sample. Both explain a block whose rise the next one takes back, and no path leads
// from one to the other.
func (l *layout) starts() [][]float64 {
	moments := l.moments()
	var out [][]float64
	for _, stays := range []bool{true, false} {
		v := make([]float64, atSources+2*l.sources)
		v[atWhite], v[atCommon], v[atOffset] = whiteMean, commonMean, offsetMean
		v[atClock] = math.Log(max(math.Exp(clockMean), l.idleRate()))
		var walks, whites []float64
		for s := range l.sources {
			v[walkOf(s)], v[whiteOf(s)] = math.Log(max(whiteFloor, moments[s])), whiteMean
			if !stays {
				v[walkOf(s)], v[whiteOf(s)] = math.Log(whiteFloor), math.Log(max(whiteFloor, moments[s]/2))
			}
			walks, whites = append(walks, v[walkOf(s)]), append(whites, v[whiteOf(s)])
		}
		v[atCommon], v[atWhite] = lowerMedian(walks), lowerMedian(whites)
		out = append(out, v)
	}
	return out
}

// parameters are those that a vector stands for.
func (p *posterior) parameters(v []float64, keep []float64) *parameters {
	out := &parameters{
		white: make([]float64, p.f.d.sources), keep: keep, walk: make([]float64, p.f.d.sources),
		scales: []float64{math.Exp(v[atOffset]), math.Exp(v[atClock])},
	}
	for s := range p.f.d.sources {
		out.walk[s], out.white[s] = math.Exp(v[walkOf(s)]), whiteFloor+math.Exp(v[whiteOf(s)])
	}
	return out
}

// logDensity is the logarithm of the parameters' density, up to a constant.
func (p *posterior) logDensity(v []float64, keep []float64) float64 {
	l, ok := p.f.likelihood(p.parameters(v, keep), p.from)
	if !ok || math.IsNaN(l) {
		return math.Inf(-1)
	}
	normal := func(at int, mean, sd float64) { l -= (v[at] - mean) * (v[at] - mean) / (2 * sd * sd) }
	normal(atWhite, whiteMean, whiteSD)
	normal(atCommon, commonMean, commonSD)
	normal(atOffset, offsetMean, offsetSD)
	normal(atClock, clockMean, clockSD)
	for s := range p.f.d.sources {
		l += around(v[whiteOf(s)] - v[atWhite])
		if s == p.idle {
			normal(walkOf(s), whiteMean, whiteSD)
		} else {
			l += around(v[walkOf(s)] - v[atCommon])
		}
		if keep[s] == 1 {
			l += driftWeight
		}
	}
	return l
}

// around is the logarithm of the density of a source's variance about the common one:
// close below it, and with a long tail above.
func around(above float64) float64 {
	z := above / sourceSD
	if z < 0 {
		return -z * z / 2
	}
	return -math.Log1p(z * z / 2)
}

const (
	// searchStep is that of the differences which stand for derivatives, longestStep
	// the most that a parameter moves in one step of the search.
	searchStep  = 0.15
	longestStep = 2.0
)

// search takes some Newton steps towards the mode in the given coordinates, and returns
// the density there.
func (p *posterior) search(v, keep []float64, coords []int, steps int) (l float64) {
	l = p.logDensity(v, keep)
	for range steps {
		gradient, curvature := p.derivatives(v, keep, coords, l)
		var chol mat.Cholesky
		var move mat.VecDense
		if !chol.Factorize(curvature) || chol.SolveVecTo(&move, mat.NewVecDense(len(coords), gradient)) != nil {
			return l
		}
		for scale := 1.0; scale > 0.1; scale /= 3 {
			w := slices.Clone(v)
			for i, c := range coords {
				w[c] += max(-longestStep, min(longestStep, scale*move.AtVec(i)))
			}
			if lw := p.logDensity(w, keep); lw > l {
				copy(v, w)
				l = lw
				break
			}
		}
	}
	return l
}

// derivatives are the gradient of the density and its negative second derivatives, where
// it is l.
func (p *posterior) derivatives(v, keep []float64, coords []int, l float64) (gradient []float64, curvature *mat.SymDense) {
	n := len(coords)
	gradient, curvature = make([]float64, n), mat.NewSymDense(n, nil)
	w := slices.Clone(v)
	up := make([]float64, n)
	for i, c := range coords {
		w[c] = v[c] + searchStep
		up[i] = p.logDensity(w, keep)
		w[c] = v[c] - searchStep
		down := p.logDensity(w, keep)
		gradient[i] = (up[i] - down) / (2 * searchStep)
		curvature.SetSym(i, i, -(up[i]-2*l+down)/(searchStep*searchStep))
		w[c] = v[c]
	}
	for i, a := range coords {
		for k := i + 1; k < n; k++ {
			b := coords[k]
			if apart(a, b) {
				continue
			}
			w[a], w[b] = v[a]+searchStep, v[b]+searchStep
			curvature.SetSym(i, k, -(p.logDensity(w, keep)-up[i]-up[k]+l)/(searchStep*searchStep))
			w[a], w[b] = v[a], v[b]
		}
	}
	return gradient, positive(curvature)
}

// apart reports whether two parameters are of different sources, which tell so little
// of each other that it is taken to be nothing.
func apart(a, b int) bool {
	return a >= atSources && b >= atSources && (a-atSources)/2 != (b-atSources)/2
}

// positive makes a matrix of second derivatives positive definite: no direction is
// known worse than by the priors.
func positive(m *mat.SymDense) *mat.SymDense {
	const least = 0.05
	var eigen mat.EigenSym
	n := m.SymmetricDim()
	if !eigen.Factorize(m, true) {
		for i := range n {
			m.SetSym(i, i, max(least, m.At(i, i)))
		}
		return m
	}
	values := eigen.Values(nil)
	if values[0] >= least {
		return m
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	out := mat.NewSymDense(n, nil)
	for i := range n {
		for k := i; k < n; k++ {
			sum := 0.0
			for j, v := range values {
				sum += max(least, v) * vectors.At(i, j) * vectors.At(k, j)
			}
			out.SetSym(i, k, sum)
		}
	}
	return out
}

// sweeps is how often the parameters are gone through in turn.
const sweeps = 6

// climb finds the peak near a mode's parameters, and what each source most likely does there.
func (p *posterior) climb(m *mode) bool {
	for range sweeps {
		p.search(m.at, m.keep, []int{atWhite, atCommon, atOffset, atClock}, 1)
		for s := range p.f.d.sources {
			p.search(m.at, m.keep, []int{walkOf(s), whiteOf(s)}, 1)
		}
	}
	for s := range p.f.d.sources {
		best := math.Inf(-1)
		for _, o := range p.optionsOf(m, s) {
			if o.density > best {
				best, m.keep[s] = o.density, o.keep
				copy(m.at, o.at)
			}
		}
	}
	all := make([]int, len(m.at))
	for i := range all {
		all[i] = i
	}
	m.density = p.logDensity(m.at, m.keep)
	_, curvature := p.derivatives(m.at, m.keep, all, m.density)
	var chol mat.Cholesky
	m.cov = mat.NewSymDense(len(all), nil)
	if math.IsInf(m.density, -1) || !chol.Factorize(curvature) || chol.InverseTo(m.cov) != nil {
		return false
	}
	m.density -= 0.5 * chol.LogDet()
	return true
}

// option is one thing that a source may do, with the parameters at their mode for it.
type option struct {
	keep    float64
	at      []float64
	density float64 // logarithm, with the width of its own parameters
}

// optionsOf are all that a source may do, the rest as in a mode.
func (p *posterior) optionsOf(m *mode, source int) []option {
	var out []option
	coords := []int{walkOf(source), whiteOf(source)}
	for _, keep := range keeps {
		ks := slices.Clone(m.keep)
		ks[source] = keep
		at := slices.Clone(m.at)
		l := p.search(at, ks, coords, 2)
		_, curvature := p.derivatives(at, ks, coords, l)
		if d := mat.Det(curvature); d > 0 {
			l -= 0.5 * math.Log(d)
		}
		out = append(out, option{keep, at, l})
	}
	return out
}

// negligible is the weight below which a part is left out.
const negligible = 1e-3

// weights are those of logarithms, of which the largest has one.
func weights(logs []float64) []float64 {
	out := make([]float64, len(logs))
	for i, l := range logs {
		out[i] = math.Exp(l - slices.Max(logs))
	}
	return out
}

// densities are the modes' own.
func (p *posterior) densities() []float64 {
	out := make([]float64, len(p.modes))
	for i, m := range p.modes {
		out[i] = m.density
	}
	return out
}

// rate is the posterior of a source's own coefficient, over all that the source may do.
func (p *posterior) rate(source int, contrast []float64) (mixture, bool) {
	var out mixture
	moving := []int{atWhite, atCommon, atOffset, atClock, walkOf(source), whiteOf(source)}
	for i, weight := range weights(p.densities()) {
		if weight < negligible {
			continue
		}
		m := p.modes[i]
		options := p.optionsOf(m, source)
		logs := make([]float64, len(options))
		for k := range options {
			logs[k] = options[k].density
		}
		shares := weights(logs)
		all := floats.Sum(shares)
		for k, o := range options {
			if shares[k] < negligible {
				continue
			}
			keep := slices.Clone(m.keep)
			keep[source] = o.keep
			if source == p.idle {
				// Nothing is known before of what is asked for, and what a block leaves for a while
				// makes idleness release memory, not take it: without offsets, the rate is the least.
				o.at[atClock], o.at[atOffset] = math.Log(unknownRate), math.Log(noOffset)
			}
			if t, ok := p.students(o.at, keep, m.cov, moving, contrast); ok {
				out.parts = append(out.parts, part{weight * shares[k] / all, t[0]})
			}
		}
	}
	if len(out.parts) == 0 {
		return mixture{}, false
	}
	out.normalize()
	return out, true
}

// combinations are the posteriors of combinations of coefficients, which move with no
// source in particular.
func (p *posterior) combinations(contrasts ...[]float64) ([]mixture, bool) {
	out := make([]mixture, len(contrasts))
	for k, weight := range weights(p.densities()) {
		if weight < negligible {
			continue
		}
		m := p.modes[k]
		moving := make([]int, len(m.at))
		for i := range moving {
			moving[i] = i
		}
		ts, ok := p.students(m.at, m.keep, m.cov, moving, contrasts...)
		if !ok {
			return nil, false
		}
		for i, t := range ts {
			out[i].parts = append(out[i].parts, part{weight, t})
		}
	}
	for i := range out {
		out[i].normalize()
	}
	return out, true
}

// noOffset is a standard deviation of offsets that leaves none, in KB.
const noOffset = 1e-3

// leastDoF bounds degrees of freedom from below: less is no information at all.
const leastDoF = 2

// students are the distributions of contrasts at one set of parameters, of which some
// are not known well.
func (p *posterior) students(at, keep []float64, cov *mat.SymDense, moving []int, contrasts ...[]float64) ([]distuv.StudentsT, bool) {
	whole, ok := p.f.solve(p.parameters(at, keep), 0)
	here, known := whole, ok
	if p.from > 0 {
		here, known = p.f.solve(p.parameters(at, keep), p.from)
	}
	if !ok || !known {
		return nil, false
	}
	slopes := make([][]float64, len(contrasts)) // of the logarithm of the variance
	shifts := make([][]float64, len(contrasts)) // of the mean
	for i := range contrasts {
		slopes[i], shifts[i] = make([]float64, len(at)), make([]float64, len(at))
	}
	w := slices.Clone(at)
	for _, k := range moving {
		w[k] = at[k] + searchStep
		there, ok := p.f.solve(p.parameters(w, keep), p.from)
		w[k] = at[k]
		if !ok {
			return nil, false
		}
		for i, c := range contrasts {
			m0, v0 := here.contrast(c)
			m, v := there.contrast(c)
			slopes[i][k], shifts[i][k] = math.Log(v/v0)/searchStep, (m-m0)/searchStep
		}
	}
	out := make([]distuv.StudentsT, len(contrasts))
	for i, c := range contrasts {
		mean, variance := whole.contrast(c)
		nu := max(leastDoF, min(float64(p.f.d.rows), 2/max(quadratic(cov, slopes[i]), tiny)))
		out[i] = distuv.StudentsT{Mu: mean, Sigma: math.Sqrt(variance + quadratic(cov, shifts[i])), Nu: nu}
	}
	return out, true
}
