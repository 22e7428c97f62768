package verdict

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// growth is what a fit says of one endpoint, or of the interaction of all.
type growth struct {
	own        mixture     // what its requests retain
	whole      mixture     // what the whole process does, for each of its requests
	increments []increment // its increments in the fitted rounds
	fit        *fit
	metrics    []mixture // of heap and external memory by themselves
}

// fit is one stretch of a recording with the noise that was found in it.
type fit struct {
	layout *layout
	noise  *posterior
	total  mixture   // what the whole process retains in the stretch, in KB
	rates  []mixture // of each endpoint
	parts  []likeness
}

// parts are shown beside what is retained.
var parts = []struct {
	name string
	read metric
}{{HeapMetric, heapUsed}, {ExternalMetric, external}}

// likeness is another quantity, fitted by the same noise up to its size.
type likeness struct {
	solution
	size float64 // of its noise
}

// rate is a contrast of its coefficients.
func (l *likeness) rate(contrast []float64, dof float64) mixture {
	mean, variance := l.contrast(contrast)
	return mixture{parts: []part{{1, distuv.StudentsT{Mu: mean, Sigma: max(least, l.size*math.Sqrt(variance)), Nu: dof}}}}
}

// least is the smallest standard error that is believed, in bytes per request.
const least = 1e-6

// growth fits an endpoint over its last rounds. Whatever else was measured since
// then is in the fit, too.
func (j *judge) growth(endpoint int) (g growth, ok bool) {
	increments := fitted(j.series.of(endpoint))
	if roundsIn(increments) < grossRounds {
		return growth{increments: increments}, false
	}
	f := j.fitFrom(j.roundStart(increments[0].round))
	if f == nil {
		return growth{increments: increments}, false
	}
	g = growth{increments: increments, fit: f}
	l, source := f.layout, f.layout.source(endpoint)
	own := l.own(endpoint)
	if g.own, ok = f.noise.rate(source, own); !ok {
		return g, false
	}
	g.whole = f.total.times(1 / l.requests(endpoint))
	for _, part := range f.parts {
		g.metrics = append(g.metrics, part.rate(own, g.own.dof()))
	}
	return g, true
}

// roundStart is the observation before the first block of a round.
func (j *judge) roundStart(round int) int {
	for _, st := range j.series.increments {
		if st.round >= round {
			return st.index - 1
		}
	}
	return 0
}

// fitFrom fits what is retained from an observation on, once.
func (j *judge) fitFrom(from int) *fit {
	f, known := j.fits[from]
	if known {
		return f
	}
	l := j.series.lay(from, retained, true)
	if p := newPosterior(l); p != nil {
		if f = (&fit{layout: l, noise: p}); !f.complete(j.series) {
			f = nil
		}
	}
	j.fits[from] = f
	return f
}

// withoutFall is the fit from an observation on in which the level starts anew after the
// block in which it fell most: the process released something at once. What it held was
// retained before, so that a bound on growth without that fall is no lower than one with it.
func (j *judge) withoutFall(from int) *fit {
	f, known := j.unfallen[from]
	if known {
		return f
	}
	l := j.series.lay(from, retained, true)
	l.free[l.largestFall()] = true
	if p := newPosterior(l); p != nil {
		if f = (&fit{layout: l, noise: p}); !f.complete(j.series) {
			f = nil
		}
	}
	j.unfallen[from] = f
	return f
}

// largestFall is the row before which the level fell most, compiled code aside.
func (l *layout) largestFall() (row int) {
	least := math.Inf(1)
	for k := 1; k < l.rows; k++ {
		d := l.y[k] - l.y[k-1]
		if l.code >= 0 {
			d -= codePerByte * (l.x[k*l.columns+l.code] - l.x[(k-1)*l.columns+l.code])
		}
		if d < least && !l.free[k] {
			row, least = k, d
		}
	}
	return row
}

// forgiveFall takes the upper bound from the fit without the largest fall, where it is closer. A
// fall is no evidence of growth, and it is not noise that other blocks have as well.
func (j *judge) forgiveFall(i int, g *growth, l *limits) {
	f := j.withoutFall(g.fit.layout.from)
	if f == nil {
		return
	}
	own, ok := f.noise.rate(f.layout.source(i), f.layout.own(i))
	if !ok {
		return
	}
	other := growth{own: own, whole: f.total.times(1 / f.layout.requests(i)), increments: g.increments, fit: f}
	if b := other.bounds(l.tail); b.high < l.high {
		l.high, l.limit = b.high, min(l.limit, b.limit)
		l.value = min(l.value, l.high)
		l.low = min(l.low, l.value)
	}
}

// complete finds the noise, and what all endpoints have in common.
func (f *fit) complete(s *series) bool {
	contrasts := [][]float64{f.layout.all()}
	for e := range f.layout.endpoints {
		contrasts = append(contrasts, f.layout.own(e))
	}
	found, ok := f.noise.combinations(contrasts...)
	if !ok {
		return false
	}
	f.total = found[0]
	f.rates = append(f.rates, found[1:]...)
	for _, part := range parts {
		like, ok := f.like(s, part.read)
		if !ok {
			return false
		}
		f.parts = append(f.parts, like)
	}
	return true
}

// like fits another quantity by the same noise, up to its size.
func (f *fit) like(s *series, m metric) (likeness, bool) {
	d := f.layout.design
	d.y = s.levels(f.layout.from, m)
	likeliest := f.noise.modes[0]
	at := f.noise.parameters(likeliest.at, likeliest.keep)
	theirs, known := f.noise.f.solve(at, 0)
	mine, ok := newFilter(&d).solve(at, 0)
	return likeness{mine, math.Sqrt(max(mine.rss, least) / max(theirs.rss, least))}, ok && known
}

// shrinking is the probability from which an endpoint is taken to make the process smaller.
// It holds a leak back and convicts nobody, so that an error costs rounds.
const shrinking = 0.975

// releasing is another endpoint that makes the process smaller, by more than its budget: ""
// where none does. Then work is still being done, or memory is released later than the
// block that took it, and what this endpoint's blocks take is not known to stay.
func (j *judge) releasing(f *fit, endpoint int) string {
	for e, rate := range f.rates {
		h := &j.rec.Header.Endpoints[e]
		if e != endpoint && f.layout.sent[e] > 0 && rate.mean() < -float64(h.Budget.PerRequest(h.Rate)) && rate.cdf(0) > shrinking {
			return h.Name
		}
	}
	return ""
}

// bounds are the bounds of the growth: no endpoint shrinks the process for ever, so
// that none retains more than the whole does. Where the process still lets go of what
// came before, that is credited to none.
func (g *growth) bounds(tail float64) bounds {
	b := g.own.bounds(tail)
	if w := g.whole.quantile(1-tail) + max(0, -g.whole.mean()); w < b.high {
		b.high = w
		b.value = min(b.value, b.high)
		b.limit = min(b.limit, max(0, g.whole.bounds(tail).limit))
	}
	b.low = min(b.low, b.value)
	return b
}

// source is the one that an endpoint's own contrast moves with.
func (l *layout) source(endpoint int) int {
	if endpoint == recording.Mixed {
		return l.endpoints + 1
	}
	return endpoint
}

// requests are those of an endpoint, or of the mixed blocks, in the stretch.
func (l *layout) requests(endpoint int) float64 {
	if endpoint == recording.Mixed {
		return l.mixed
	}
	return l.sent[endpoint]
}
