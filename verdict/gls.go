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
// rows, however many there are. What it knows of the columns serves each series
// that is fitted to them, and its buffers are used again for each rho.
type gls struct {
	columns [][]float64

	scale, carry []float64 // of whiten
	wcolumns     [][]float64
	wy           []float64
	chol         mat.Cholesky // of the information matrix
	logDet       float64      // of the correlation matrix and of the information matrix
	unit         float64      // variance of the first coefficient for a unit variance
}

// glsSolution is one series fitted to the columns.
type glsSolution struct {
	*gls
	beta []float64
	rss  float64 // weighted, what the fit leaves
}

type glsFit struct {
	slope         distuv.StudentsT // of the first column
	logLikelihood float64          // restricted
}

func newGLS(columns [][]float64) *gls {
	rows := len(columns[0])
	g := &gls{columns: columns, wcolumns: make([][]float64, len(columns)), wy: make([]float64, rows)}
	for i := range columns {
		g.wcolumns[i] = make([]float64, rows)
	}
	return g
}

// factorize prepares for one correlation. It returns false where the columns do
// not tell the coefficients apart.
func (g *gls) factorize(rho float64) bool {
	g.scale, g.carry, g.logDet = innovations(len(g.wy), rho)
	for i, c := range g.columns {
		whiten(g.wcolumns[i], c, g.scale, g.carry)
	}
	if !g.chol.Factorize(g.information()) {
		return false
	}
	var inverse mat.SymDense
	if g.chol.InverseTo(&inverse) != nil {
		return false
	}
	g.unit = inverse.At(0, 0)
	g.logDet += g.chol.LogDet()
	return true
}

// solve fits y with the correlation that was prepared for.
func (g *gls) solve(y []float64) (s glsSolution, ok bool) {
	whiten(g.wy, y, g.scale, g.carry)
	right := mat.NewVecDense(len(g.wcolumns), nil)
	for i, c := range g.wcolumns {
		right.SetVec(i, floats.Dot(c, g.wy))
	}
	var beta mat.VecDense
	if g.chol.SolveVecTo(&beta, right) != nil {
		return glsSolution{}, false
	}
	s = glsSolution{gls: g, beta: beta.RawVector().Data}
	s.rss = s.residual()
	return s, true
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

// information is the information matrix of the whitened columns.
func (g *gls) information() *mat.SymDense {
	info := mat.NewSymDense(len(g.wcolumns), nil)
	for i, a := range g.wcolumns {
		for j := i; j < len(g.wcolumns); j++ {
			info.SetSym(i, j, floats.Dot(a, g.wcolumns[j]))
		}
	}
	return info
}

// residual is the sum of squares that the fit leaves.
func (s *glsSolution) residual() float64 {
	rest := slices.Clone(s.wy)
	for i, c := range s.wcolumns {
		floats.AddScaled(rest, -s.beta[i], c)
	}
	return floats.Dot(rest, rest)
}

func (s *glsSolution) dof() float64 { return float64(len(s.wy) - len(s.columns)) }

// variance of one increment.
func (s *glsSolution) variance() float64 { return s.rss / s.dof() }

// tiny keeps a perfect fit (made-up data) from dividing by zero.
const tiny = 1e-18

// fit is what was solved, taken together with what is known of the noise.
func (s *glsSolution) fit(prior noise) glsFit {
	rss, dof := s.rss+prior.dof*prior.variance, s.dof()+prior.dof
	return glsFit{
		slope:         distuv.StudentsT{Mu: s.beta[0], Sigma: math.Sqrt(max(rss/dof*s.unit, tiny)), Nu: dof},
		logLikelihood: -0.5 * (s.logDet + dof*math.Log(max(rss, tiny))),
	}
}
