package verdict

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"
)

// The memory after block k is modelled as a level:
//
//	level_k = a + sum over endpoints e of b_e N_e,k + b_t t_k + o_kind(k) + c code_k
//	          + sum over sources s of m_s,k + w_k
//
// N_e,k are the requests that endpoint e was sent so far, t_k is the time, and
// o_kind(k) stays only until the next block: what a kind of block leaves for a while.
// w_k is the noise of the sample, gone in the next one, and its size is that of the kind of
// block before it. Each endpoint, the blocks of all together and idleness are
// sources of movement: m_s moves when its source is active, and only then,
//
//	m_s,k = p_s^x m_s,k-1 + noise of variance q_s (1 - p_s^2x) / (1 - p_s^2)
//
// where x is the requests of the source in block k, over those of its usual block. With
// p = 1 it drifts, with p = 0 each block draws it anew, and in between it reverts.
// This is a structural time series model with explanatory variables (Harvey,
// Forecasting, Structural Time Series Models and the Kalman Filter, 1989, ch. 7). Its
// Kalman filter whitens the levels and the columns, so that generalised least squares
// of them takes time in proportion to the samples (ibid., 3.4 and 7.3).
//
// Everything is in KB, thousands of requests, and seconds.

// design is a stretch of a recording laid out for the model.
type design struct {
	rows    int
	columns int       // of x
	x       []float64 // rows by columns: the explanatory variables
	y       []float64 // levels
	moves   [][]move  // of each row
	last    []int     // the source that each row's sample comes after
	free    []bool    // the level starts anew at this row: something else than a block came before it
	sources int
	priors  []prior // of columns whose coefficient is known to be near a value
}

// move says that a source was active before a sample, for x of its usual block.
type move struct {
	source int
	x      float64
}

// prior is a normal distribution of a coefficient. Where scale is not negative, its
// standard deviation is that parameter.
type prior struct {
	column   int
	mean, sd float64
	scale    int
}

// parameters of the noise. Variances are of one usual block, in KB squared.
type parameters struct {
	white  []float64 // by the source that came last
	walk   []float64 // by source
	keep   []float64 // by source: p
	scales []float64 // standard deviations of coefficients that are drawn from a common distribution
}

// filter runs the Kalman filter over all columns and levels at once. Its buffers are
// used again for each set of parameters.
type filter struct {
	d     *design
	at    []int     // the state of each source: all that drift share the first, as only their sum is seen
	state []float64 // states by columns+1: what is expected of each
	cov   []float64 // states by states
	gain  []float64
	white []float64 // a whitened row: columns, then y
	info  []float64 // columns+1 squared: the information matrix with y as the last column, its upper half
	whole []float64 // its Cholesky factor
}

func newFilter(d *design) *filter {
	n, s := d.columns+1, d.sources+1
	return &filter{
		d: d, at: make([]int, d.sources), state: make([]float64, s*n), cov: make([]float64, s*s), gain: make([]float64, s),
		white: make([]float64, n), info: make([]float64, n*n), whole: make([]float64, n*n),
	}
}

// tiny keeps a perfect fit (simulated data) from dividing by zero.
const tiny = 1e-18

// unknown is the variance of a level of which nothing is known, in KB squared.
const unknown = 1e12

// run whitens all rows from one on, and returns the logarithm of the determinant of
// their covariance. The information matrix is left in f.info.
func (f *filter) run(p *parameters, from int) (logDet float64) {
	d, n := f.d, f.d.columns+1
	states := f.assign(p)
	clear(f.state)
	clear(f.cov)
	clear(f.info)
	for s, at := range f.at { // what reverts starts from its usual spread, what drifts from the intercept
		if keep := p.keep[s]; keep < 1 {
			f.cov[at*states+at] = p.walk[s] / (1 - keep*keep)
		}
	}
	product := 1.0
	for k := from; k < d.rows; k++ {
		if k > from {
			f.advance(p, states, k)
		}
		variance := p.white[d.last[k]]
		for s := range states {
			sum := 0.0
			for _, c := range f.cov[s*states : (s+1)*states] {
				sum += c
			}
			f.gain[s] = sum
			variance += sum
		}
		white := f.white[:n]
		copy(white, d.x[k*d.columns:(k+1)*d.columns])
		white[n-1] = d.y[k]
		for s := range states {
			for c, v := range f.state[s*n : (s+1)*n] {
				white[c] -= v
			}
		}
		f.correct(states, variance)
		if product *= variance; product > 1e100 || product < 1e-100 {
			logDet += math.Log(product)
			product = 1
		}
		f.add(variance)
	}
	return logDet + math.Log(product)
}

// assign gives each source its state, and returns how many there are.
func (f *filter) assign(p *parameters) int {
	states := 1
	for s, keep := range p.keep {
		f.at[s] = 0
		if keep < 1 {
			f.at[s] = states
			states++
		}
	}
	return states
}

// advance moves the sources over the block before a row.
func (f *filter) advance(p *parameters, states, row int) {
	n := f.d.columns + 1
	if f.d.free[row] {
		f.cov[0] += unknown
	}
	for _, m := range f.d.moves[row] {
		keep, at := p.keep[m.source], f.at[m.source]
		if keep == 1 {
			f.cov[0] += p.walk[m.source] * m.x
			continue
		}
		left := math.Pow(keep, m.x)
		for c := range n {
			f.state[at*n+c] *= left
		}
		for o := range states {
			f.cov[at*states+o] *= left
			f.cov[o*states+at] *= left
		}
		f.cov[at*states+at] += p.walk[m.source] * (1 - left*left) / (1 - keep*keep)
	}
}

// correct learns from a row what the states are.
func (f *filter) correct(states int, variance float64) {
	n := f.d.columns + 1
	for s := range states {
		g := f.gain[s] / variance
		if g == 0 {
			continue
		}
		state := f.state[s*n : (s+1)*n]
		for c, w := range f.white[:n] {
			state[c] += g * w
		}
		for o := range states {
			f.cov[s*states+o] -= g * f.gain[o]
		}
	}
}

// add adds the whitened row to the information matrix.
func (f *filter) add(variance float64) {
	n := f.d.columns + 1
	weight := 1 / variance
	for i := range n {
		w := f.white[i] * weight
		if w == 0 {
			continue
		}
		row, white := f.info[i*n+i:(i+1)*n], f.white[i:n]
		for c, v := range white {
			row[c] += w * v
		}
	}
}

// likelihood is the logarithm of the restricted likelihood of the rows from one on. The
// Cholesky factor of the information matrix is left in f.whole: that of the columns, and
// as its last entry the root of what the fit leaves.
func (f *filter) likelihood(p *parameters, from int) (float64, bool) {
	n := f.d.columns + 1
	logDet := f.run(p, from)
	for _, pr := range f.d.priors {
		sd := pr.sd
		if pr.scale >= 0 {
			sd = p.scales[pr.scale]
		}
		weight := 1 / (sd * sd)
		f.info[pr.column*n+pr.column] += weight
		f.info[pr.column*n+n-1] += weight * pr.mean
		f.info[n*n-1] += weight * pr.mean * pr.mean
		logDet += 2 * math.Log(sd)
	}
	copy(f.whole, f.info)
	f.whole[n*n-1] = f.info[n*n-1]*(1+1e-9) + tiny // a perfect fit leaves less than rounding does
	if _, ok := lapack64.Potrf(blas64.Symmetric{N: n, Stride: n, Data: f.whole, Uplo: blas.Upper}); !ok {
		return math.Inf(-1), false
	}
	information := 0.0
	for i := range n - 1 {
		information += 2 * math.Log(f.whole[i*n+i])
	}
	rest := f.whole[n*n-1]
	return -0.5 * (logDet + information + rest*rest), true
}

// solution is what the model says of the coefficients at some parameters.
type solution struct {
	beta   []float64
	factor []float64 // Cholesky factor of the information matrix, with a column more
	rss    float64   // weighted, what the fit leaves
}

// solve gives the coefficients.
func (f *filter) solve(p *parameters, from int) (solution, bool) {
	if _, ok := f.likelihood(p, from); !ok {
		return solution{}, false
	}
	n := f.d.columns
	s := solution{factor: append([]float64(nil), f.whole...), beta: make([]float64, n)}
	for i := range n {
		s.beta[i] = s.factor[i*(n+1)+n]
	}
	blas64.Trsv(blas.NoTrans, s.triangle(), blas64.Vector{N: n, Inc: 1, Data: s.beta})
	rest := s.factor[len(s.factor)-1]
	s.rss = rest * rest
	return s, true
}

func (s *solution) triangle() blas64.Triangular {
	n := len(s.beta)
	return blas64.Triangular{N: n, Stride: n + 1, Data: s.factor, Uplo: blas.Upper, Diag: blas.NonUnit}
}

// contrast is the mean and the variance of a combination of coefficients.
func (s *solution) contrast(c []float64) (mean, variance float64) {
	half := append([]float64(nil), c...)
	blas64.Trsv(blas.Trans, s.triangle(), blas64.Vector{N: len(half), Inc: 1, Data: half})
	for i, h := range half {
		mean += c[i] * s.beta[i]
		variance += h * h
	}
	return mean, max(variance, tiny)
}

func quadratic(m *mat.SymDense, v []float64) float64 {
	x := mat.NewVecDense(len(v), v)
	return mat.Inner(x, m, x)
}
