package verdict

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// gls is generalised least squares with unit variances and a correlation of
// -rho between neighbours. That matrix is tridiagonal, so that its square root
// is one multiplication for each row: a fit takes time in proportion to the
// rows, however many there are. Its buffers are used again for each rho.
type gls struct {
	y       []float64
	columns [][]float64

	wy       []float64 // whitened
	wcolumns [][]float64
	beta     []float64
	logDet   float64 // of the correlation matrix and of the information matrix
	rss      float64 // weighted, what the fit leaves
	unit     float64 // variance of the first coefficient for a unit variance
}

type glsFit struct {
	slope         distuv.StudentsT // of the first column
	logLikelihood float64          // restricted
}

func newGLS(y []float64, columns [][]float64) *gls {
	g := &gls{y: y, columns: columns, wy: make([]float64, len(y)), wcolumns: make([][]float64, len(columns))}
	for i := range columns {
		g.wcolumns[i] = make([]float64, len(y))
	}
	return g
}

// solve fits with one correlation. It returns false where the columns do not
// tell the coefficients apart.
func (g *gls) solve(rho float64) bool {
	scale, carry, logDet := innovations(len(g.y), rho)
	whiten(g.wy, g.y, scale, carry)
	for i, c := range g.columns {
		whiten(g.wcolumns[i], c, scale, carry)
	}
	info, right := g.normal()
	var chol mat.Cholesky
	if !chol.Factorize(info) {
		return false
	}
	var beta mat.VecDense
	var inverse mat.SymDense
	if chol.SolveVecTo(&beta, right) != nil || chol.InverseTo(&inverse) != nil {
		return false
	}
	g.beta, g.unit, g.logDet = beta.RawVector().Data, inverse.At(0, 0), logDet+chol.LogDet()
	g.rss = g.residual()
	return true
}

// innovations is the Cholesky factor of the correlation matrix: row i of a
// whitened column is (x_i + carry_i z_i-1) scale_i, where z is what the row
// before was without its scale. logDet is the matrix's.
func innovations(n int, rho float64) (scale, carry []float64, logDet float64) {
	scale, carry = make([]float64, n), make([]float64, n)
	d := 1.0
	for i := range n {
		if i > 0 {
			carry[i] = rho / d
			d = 1 - rho*rho/d
		}
		scale[i] = 1 / math.Sqrt(d)
		logDet += math.Log(d)
	}
	return scale, carry, logDet
}

func whiten(to, from, scale, carry []float64) {
	z := 0.0
	for i, x := range from {
		z = x + carry[i]*z
		to[i] = z * scale[i]
	}
}

// normal is the normal equations' two sides.
func (g *gls) normal() (*mat.SymDense, *mat.VecDense) {
	p := len(g.wcolumns)
	info, right := mat.NewSymDense(p, nil), mat.NewVecDense(p, nil)
	for i, a := range g.wcolumns {
		for j := i; j < p; j++ {
			info.SetSym(i, j, floats.Dot(a, g.wcolumns[j]))
		}
		right.SetVec(i, floats.Dot(a, g.wy))
	}
	return info, right
}

// residual is the sum of squares that the fit leaves.
func (g *gls) residual() float64 {
	rest := slices.Clone(g.wy)
	for i, c := range g.wcolumns {
		floats.AddScaled(rest, -g.beta[i], c)
	}
	return floats.Dot(rest, rest)
}

func (g *gls) dof() float64 { return float64(len(g.y) - len(g.columns)) }

// variance of one increment.
func (g *gls) variance() float64 { return g.rss / g.dof() }

// tiny keeps a perfect fit (made-up data) from dividing by zero.
const tiny = 1e-18

// fit is what was solved, taken together with what is known of the noise.
func (g *gls) fit(prior noise) glsFit {
	rss, dof := g.rss+prior.dof*prior.variance, g.dof()+prior.dof
	return glsFit{
		slope:         distuv.StudentsT{Mu: g.beta[0], Sigma: math.Sqrt(max(rss/dof*g.unit, tiny)), Nu: dof},
		logLikelihood: -0.5 * (g.logDet + dof*math.Log(max(rss, tiny))),
	}
}
