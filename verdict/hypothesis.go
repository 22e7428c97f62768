package verdict

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// hypothesis is a set of endpoints that leak. Its score is the logarithm of its odds.
type hypothesis struct {
	set   []int // in order
	pair  bool  // they leak only together
	score float64
}

// locator holds the increments of the blocks so far, whitened, and free of what
// all hypotheses have in common.
type locator struct {
	members []int
	y       []float64
	x       []column    // of each member
	sent    [][]float64 // requests of each member in each increment, in thousands
	white   func([]float64) []float64
	rows    float64 // degrees of freedom
	weight  float64 // logarithm of the noise's own determinant
	most    float64 // that any leak may have retained, over the noise
}

// column is the requests that leak by a hypothesis.
type column struct {
	white []float64
	sent  float64 // thousands in all
}

// ratiosOfNoise are how much more a block of usual length moves the level than a sample is
// off: what is not known is averaged over.
var ratiosOfNoise = []float64{0, 0.3, 1, 3, 10}

// whiten makes the increments independent of each other, given how much blocks move
// the level over the noise of a sample, and takes away what is common to all hypotheses.
func (in *increments) whiten(ratio float64) (*locator, bool) {
	const idle = 0.05 // of what a block of load moves
	// A sample's noise is in two increments: a matrix with one diagonal beside the main
	// one, whose Cholesky factor has one as well.
	main, beside := make([]float64, in.rows), make([]float64, in.rows)
	logDet := 0.0
	for k := range in.rows {
		v := 2 + ratio*max(idle, in.length[k])
		if in.follows[k] {
			beside[k] = -1 / main[k-1]
			v -= beside[k] * beside[k]
		}
		main[k] = math.Sqrt(v)
		logDet += math.Log(v)
	}
	l := &locator{members: in.members, sent: in.sent, white: func(v []float64) []float64 {
		out := make([]float64, len(v))
		for k := range v {
			out[k] = v[k] / main[k]
			if in.follows[k] {
				out[k] = (v[k] - beside[k]*out[k-1]) / main[k]
			}
		}
		return out
	}}
	var basis [][]float64
	for _, c := range in.common {
		if v := orthogonal(l.white(c), basis); v != nil {
			basis = append(basis, v)
		}
	}
	plain := l.white
	l.white = func(v []float64) []float64 { return without(plain(v), basis) }
	l.y = l.white(in.changes)
	for _, c := range in.sent {
		l.x = append(l.x, column{l.white(c), total(c)})
	}
	l.rows = float64(in.rows - len(basis))
	l.weight = -logDet / 2
	moved := 0.0
	for _, c := range in.changes {
		moved += math.Abs(c)
	}
	l.most = moved / math.Sqrt(max(dot(l.y, l.y), tiny)/max(1, l.rows))
	return l, l.rows > mostLeaking+1
}

// orthogonal is v without its parts along a basis, of length one; nil where nothing is left.
func orthogonal(v []float64, basis [][]float64) []float64 {
	const least = 1e-9
	size := max(dot(v, v), tiny)
	w := without(v, basis)
	left := dot(w, w)
	if left <= least*size {
		return nil
	}
	for i := range w {
		w[i] /= math.Sqrt(left)
	}
	return w
}

func without(v []float64, basis [][]float64) []float64 {
	out := slices.Clone(v)
	for _, b := range basis {
		along := dot(out, b)
		for i := range out {
			out[i] -= along * b[i]
		}
	}
	return out
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// search scores the hypotheses: all endpoints alike, each one, the likeliest sets of
// several, and each pair.
func (l *locator) search() []hypothesis {
	n := float64(len(l.members))
	all := []hypothesis{{score: l.score() + math.Log(oddsAlike)}}
	level := []hypothesis{{}}
	prior := 0.0
	for size := range mostLeaking {
		prior -= math.Log(max(1, (n-float64(size))/float64(size+1)))
		if size > 0 {
			prior += math.Log(oddsMore)
		}
		level = l.extend(level, prior)
		all = append(all, level...)
		level = level[:min(beam, len(level))]
	}
	return append(all, l.pairs(n)...)
}

// extend adds an endpoint to each set, in all ways. The likeliest come first.
func (l *locator) extend(level []hypothesis, prior float64) []hypothesis {
	var out []hypothesis
	seen := map[[mostLeaking]int]bool{}
	for _, h := range level {
		for k := range l.members {
			if slices.Contains(h.set, k) {
				continue
			}
			set := append(slices.Clone(h.set), k)
			slices.Sort(set)
			var key [mostLeaking]int
			for i, e := range set {
				key[i] = e + 1
			}
			if seen[key] {
				continue
			}
			seen[key] = true
			columns := make([]column, len(set))
			for i, e := range set {
				columns[i] = l.x[e]
			}
			if score := l.score(columns...); !math.IsInf(score, -1) {
				out = append(out, hypothesis{set: set, score: score + prior})
			}
		}
	}
	slices.SortStableFunc(out, byScore)
	return out
}

// pairs are those that leak only together: as often as both are called.
func (l *locator) pairs(n float64) []hypothesis {
	prior := math.Log(oddsPair) - math.Log(max(1, n*(n-1)/2))
	var out []hypothesis
	both := make([]float64, len(l.y))
	for a := range l.members {
		for b := a + 1; b < len(l.members); b++ {
			for k := range both {
				both[k] = min(l.sent[a][k], l.sent[b][k])
			}
			if score := l.score(column{l.white(both), total(both)}); !math.IsInf(score, -1) {
				out = append(out, hypothesis{set: []int{a, b}, pair: true, score: score + prior})
			}
		}
	}
	return out
}

func byScore(a, b hypothesis) int { return cmp.Compare(b.score, a.score) }

// score is the logarithm of the marginal likelihood of leaks with the given columns, up to a
// constant: of a linear model with a normal prior of the rates and none of the size of the noise
// (O'Hagan and Forster, Bayesian Inference, 2004, ch. 11). It is minus infinity for what was never
// loaded.
func (l *locator) score(columns ...column) float64 {
	rest, occam, ok := l.rest(columns)
	if !ok {
		return math.Inf(-1)
	}
	const exact = 1e-9 // of what there is, where a set explains all
	return l.weight - l.rows/2*math.Log(max(rest, exact*dot(l.y, l.y), tiny)) - occam
}

// rest is what the columns leave of the growth, and the logarithm of how much their rates were
// narrowed down, by elimination (at most mostLeaking of them), sign included. A rate's prior stands below its
// column as one more row: that it is nought, give or take its standard deviation.
func (l *locator) rest(columns []column) (rest, occam float64, ok bool) {
	n, k := len(l.y), len(columns)
	y := append(slices.Clone(l.y), make([]float64, k)...)
	var basis, extended [][]float64
	along := make([]float64, k)
	for i, c := range columns {
		prior := c.sent / l.most
		if prior == 0 {
			return 0, 0, false
		}
		e := append(slices.Clone(c.white), make([]float64, k)...)
		e[n+i] = prior
		v := without(e, basis)
		size := math.Sqrt(dot(v, v))
		for m := range v {
			v[m] /= size
		}
		occam += math.Log(size / prior)
		along[i] = dot(y, v)
		for m := range y {
			y[m] -= along[i] * v[m]
		}
		basis, extended = append(basis, v), append(extended, e)
	}
	for i := k - 1; i >= 0; i-- { // back substitution for the rates
		b := along[i]
		for m := i + 1; m < k; m++ {
			b -= along[m] * dot(basis[i], extended[m])
		}
		along[i] = b / dot(basis[i], extended[i])
	}
	rest = dot(y, y)
	sd := math.Sqrt(max(rest, tiny) / l.rows)
	for i, b := range along { // rates are above nought: twice the prior, where it is
		occam -= math.Log(max(tiny, 2*distuv.UnitNormal.CDF(b*dot(basis[i], extended[i])/sd)))
	}
	return rest, occam, true
}

// sum adds up what the kinds of noise say of the same hypothesis, and returns
// probabilities in place of scores, the likeliest first.
func sum(all []hypothesis) []hypothesis {
	top := math.Inf(-1)
	for _, h := range all {
		top = max(top, h.score)
	}
	type key struct {
		set  [mostLeaking]int
		pair bool
	}
	at := map[key]int{}
	var out []hypothesis
	whole := 0.0
	for _, h := range all {
		k := key{pair: h.pair}
		for i, e := range h.set {
			k.set[i] = e + 1
		}
		p := math.Exp(h.score - top)
		whole += p
		if i, known := at[k]; known {
			out[i].score += p
			continue
		}
		at[k] = len(out)
		h.score = p
		out = append(out, h)
	}
	for i := range out {
		out[i].score /= whole
	}
	slices.SortStableFunc(out, byScore)
	return out
}
