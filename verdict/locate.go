package verdict

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// Where endpoints are bounded together and memory grows, the ones that leak are found by
// group testing (Dorfman, Annals of Mathematical Statistics 14, 1943), with samples that
// are noisy: blocks load a part of the endpoints, and what each hypothesis says of the
// increments gives its probability. A hypothesis is a set of endpoints that leak, each at a
// rate of its own, or a pair that leaks only together. The next block loads the endpoints
// of about half the probability, which halves what is left in question at each step
// (Horstein, IEEE Transactions on Information Theory 9, 1963).

const (
	// mostLeaking is how many leaks one search looks for. What is left is looked for again,
	// once these are measured.
	mostLeaking = 3
	// beam is how many of the likeliest sets are extended by one endpoint more.
	beam = 30
	// Prior odds of hypotheses of a kind, over one leak: none in particular (all grow
	// alike), each leak more, and a pair that only leaks together.
	oddsAlike, oddsMore, oddsPair = 0.3, 0.2, 0.2
	// found is the probability at which endpoints are taken to be the ones, which only says
	// what is measured next.
	// more is that of further leaks from which these are looked for at once.
	found, more = 0.9, 0.5
	// leastLocating is the fewest blocks before it is believed that no endpoint stands
	// out, and mostLocating ends a search.
	leastLocating, mostLocating = 10, 40
)

// Location is what is known of where the growth of endpoints comes from that are loaded together.
type Location struct {
	// Found are the endpoints that explain the growth, to be measured by themselves; none
	// where more blocks are needed. Pair says that two of them leak only together.
	Found []int
	Pair  bool
	// Alike says that memory grows whichever endpoints are loaded: those of Found are
	// no more to blame than others.
	Alike bool
	// Load are the endpoints of the next block, where Found is empty; none when the search
	// has come to nothing.
	Load []int
	// Likely is how probable it is of each endpoint that it leaks.
	Likely []float64
}

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

// Locate says which endpoints may be behind the growth of those that are loaded together, in
// what the screening suspects, and what to load next. Equal recordings give equal answers.
func Locate(rec *recording.Recording, suspect string) Location {
	s := newScreen(rec)
	if s == nil || len(s.members) == 0 {
		return Location{}
	}
	in := incrementsOf(rec, s, metricOf(suspect))
	if in.rows == 0 {
		return Location{}
	}
	var all []hypothesis
	for _, ratio := range ratiosOfNoise {
		if l, ok := in.whiten(ratio); ok {
			all = append(all, l.search()...)
		}
	}
	return in.answer(sum(all))
}

// firstAlone is the first of what all hypotheses have in common that is an endpoint's.
const firstAlone = 4

// increments are those of a recording's blocks since the endpoints are loaded together.
type increments struct {
	members []int
	alone   []int // endpoints that are measured by themselves already
	rows    int
	blocks  int         // of parts of the endpoints
	last    []int       // the endpoints of the last of these
	changes []float64   // KB
	sent    [][]float64 // thousands of requests, by member
	common  [][]float64 // total of requests, seconds, the offset that load leaves, compiled code, and what stands alone
	length  []float64   // over a usual block
	follows []bool      // the increment begins where the one before it ended
	rng     *rand.Rand
}

// metricOf is what a screening suspects.
func metricOf(suspect string) metric {
	switch suspect {
	case NativeMetric:
		return native
	case suspectRetained:
		return retained
	}
	return func(s *recording.Sample) float64 { return float64(s.Resources[suspect]) }
}

// incrementsOf lays out the blocks that count: measured ones, and those that locate.
func incrementsOf(rec *recording.Recording, s *screen, m metric) *increments {
	in := &increments{members: s.members, alone: s.alone, sent: make([][]float64, len(s.members)), common: make([][]float64, firstAlone+len(s.alone))}
	from, loaded, last := countsFrom(rec), 0.0, -1
	for i := 1; i < len(rec.Observations); i++ {
		b := &rec.Observations[i].Block
		if b.Phase != recording.Locate && (b.Phase != recording.Measure || b.Round < from) {
			continue
		}
		in.add(rec, i, m, last == i-1)
		last = i
		loaded = max(loaded, float64(b.Load.Requests)/1e3)
	}
	for k := range in.length {
		in.length[k] /= max(loaded, tiny)
	}
	in.rng = rand.New(rand.NewPCG(rec.Header.Seed, uint64(len(rec.Observations))))
	return in
}

func (in *increments) add(rec *recording.Recording, i int, m metric, follows bool) {
	before, o := &rec.Observations[i-1], &rec.Observations[i]
	in.rows++
	in.changes = append(in.changes, (m(&o.Sample)-m(&before.Sample))/1e3)
	n := 0.0
	for k, e := range in.members {
		sent := float64(o.Block.RequestsOf(e)) / 1e3
		in.sent[k] = append(in.sent[k], sent)
		n += sent
	}
	if o.Block.Phase == recording.Locate {
		in.blocks, in.last = in.blocks+1, loadedBy(&o.Block)
	}
	in.common[0] = append(in.common[0], n)
	in.common[1] = append(in.common[1], (o.Sample.At - before.Sample.At).Seconds())
	in.common[2] = append(in.common[2], loads(&o.Block)-loads(&before.Block))
	in.common[3] = append(in.common[3], (code(&o.Sample)-code(&before.Sample))/1e3)
	for k, e := range in.alone {
		in.common[firstAlone+k] = append(in.common[firstAlone+k], float64(o.Block.RequestsOf(e))/1e3)
	}
	in.length = append(in.length, float64(o.Block.Load.Requests)/1e3)
	in.follows = append(in.follows, follows)
}

// loadedBy are the endpoints that a mixed block loads.
func loadedBy(b *recording.Block) (all []int) {
	for e := range b.Parts {
		if b.Parts[e].Requests > 0 {
			all = append(all, e)
		}
	}
	return all
}

// loads is 1 for a block with load.
func loads(b *recording.Block) float64 {
	if b.Load.Requests > 0 {
		return 1
	}
	return 0
}

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

func byScore(a, b hypothesis) int {
	switch {
	case a.score > b.score:
		return -1
	case a.score < b.score:
		return 1
	}
	return 0
}

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

// answer is what to do, given the probabilities of the hypotheses.
func (in *increments) answer(all []hypothesis) Location {
	loc := Location{Likely: make([]float64, len(in.members))}
	alike, pairs := 0.0, 0.0
	for _, h := range all {
		for _, k := range h.set {
			loc.Likely[k] += h.score
		}
		if len(h.set) == 0 {
			alike += h.score
		}
		if h.pair {
			pairs += h.score
		}
	}
	var certain []int
	for k, p := range loc.Likely {
		if p >= found {
			certain = append(certain, k)
		}
	}
	left := hit(all, in.all(), certain) // that there are others
	switch {
	case len(certain) > 0 && left < more && !slices.Equal(in.named(certain), in.last) && in.blocks < mostLocating:
		loc.Load = in.named(certain) // by themselves, they must grow as much
	case len(certain) > 0 && (left < more || in.blocks >= mostLocating):
		loc.Found, loc.Pair = in.named(certain), pairs > found && len(certain) == 2
	case alike >= found && in.blocks >= leastLocating:
		loc.Found, loc.Alike = in.busiest(), true
	case in.blocks < mostLocating:
		load := in.half(all, loc.Likely, certain, left)
		if pairs > more { // a partner is looked for
			load = append(load, certain...)
		}
		loc.Load = in.named(load)
	}
	return loc
}

// all is every member.
func (in *increments) all() []bool { return slices.Repeat([]bool{true}, len(in.members)) }

func (in *increments) named(set []int) []int {
	out := make([]int, len(set))
	for i, k := range set {
		out[i] = in.members[k]
	}
	return out
}

// busiest is the endpoint that was sent most.
func (in *increments) busiest() []int {
	most, at := 0.0, 0
	for k, sent := range in.sent {
		if n := total(sent); n > most {
			most, at = n, k
		}
	}
	return []int{in.members[at]}
}

// half are the likeliest endpoints, but for those that are certain, such that a block of
// them grows with half the probability that any others leak.
func (in *increments) half(all []hypothesis, likely []float64, certain []int, left float64) []int {
	order := slices.DeleteFunc(in.rng.Perm(len(in.members)), func(k int) bool { return slices.Contains(certain, k) })
	slices.SortStableFunc(order, func(a, b int) int {
		const alike = 1e-3 // where nothing tells them apart, chance does
		if d := likely[a] - likely[b]; math.Abs(d) > alike*max(likely[a], likely[b]) {
			return int(math.Copysign(1, -d))
		}
		return 0
	})
	loaded, size, off := make([]bool, len(in.members)), 0, math.Inf(1)
	for i, k := range order[:(len(order)+1)/2] {
		loaded[k] = true
		if d := math.Abs(hit(all, loaded, certain) - left/2); d < off {
			size, off = i+1, d
		}
	}
	return order[:size]
}

// hit is the probability that a block of some endpoints grows by others than those that are certain.
func hit(all []hypothesis, loaded []bool, certain []int) float64 {
	p := 0.0
	for _, h := range all {
		fresh := func(k int) bool { return loaded[k] && !slices.Contains(certain, k) }
		missing := func(k int) bool { return !loaded[k] && !slices.Contains(certain, k) }
		if slices.ContainsFunc(h.set, fresh) && !(h.pair && slices.ContainsFunc(h.set, missing)) {
			p += h.score
		}
	}
	return p
}
