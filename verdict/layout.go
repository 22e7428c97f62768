package verdict

import (
	"math"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// codePerByte is how far the heap moves with each byte of compiled code: the code
// itself and what V8 keeps beside it (bytecode, feedback, positions). 2.0 to 2.6 were
// measured in blocks that moved little else, on Node 20 and 24.
const (
	codePerByte   = 2.2
	codePerByteSD = 0.3
)

// layout says where in a design what stands.
type layout struct {
	design
	from        int // the observation of the first row
	endpoints   int
	interaction int         // column of what mixed blocks have beyond their parts, -1 for none
	clock       int         // column of the time
	level       int         // column of the level
	kinds       map[int]int // columns of the offsets, by kind of block
	mixedSource int         // the source that mixed blocks are, -1 for none
	code        int         // column of compiled code, -1 where its size is not known
	sent        []float64   // requests of each endpoint in the stretch
	mixed       float64     // requests of the mixed blocks
	seconds     float64
}

// unknownRate is the standard deviation of a rate of which nothing is known, in bytes per request.
const unknownRate = 1e7

const (
	offsetScale = iota
	clockScale
)

// lay lays out the observations from one on, whose first is the level before the
// first block.
func (s *series) lay(from int, m metric, withCode bool) *layout {
	l := &layout{from: from, endpoints: len(s.rec.Header.Endpoints), interaction: -1, code: -1, mixedSource: -1}
	l.name(s, withCode && hasCode(s.rec))
	l.y = s.levels(from, m)
	l.rows = len(l.y)
	l.x = make([]float64, l.rows*l.columns)
	l.moves = make([][]move, l.rows)
	l.free = make([]bool, l.rows)
	l.last = make([]int, l.rows)
	l.sent = make([]float64, l.endpoints)
	usual := s.usual(from)
	for k := range l.rows {
		l.last[k] = l.sourceOf(&s.rec.Observations[from+k].Block)
		if k > 0 {
			l.move(s, k, usual)
		}
		l.fill(s, k)
	}
	return l
}

// name gives each explanatory variable its column, and each source of movement its number.
func (l *layout) name(s *series, withCode bool) {
	l.columns = l.endpoints
	next := func() int { l.columns++; return l.columns - 1 }
	interaction := s.hasInteraction()
	if interaction {
		l.interaction = next()
	}
	l.clock = next()
	l.level = next()
	l.kinds = map[int]int{}
	for e := range l.endpoints {
		if len(s.by[e]) > 0 && !s.mixed {
			l.kinds[e] = next()
		}
	}
	l.sources = l.endpoints + 1 // idleness
	if interaction || s.mixed {
		l.kinds[recording.Mixed] = next()
		l.mixedSource = l.sources
		l.sources++
	}
	if withCode {
		l.code = next()
		l.priors = append(l.priors, prior{column: l.code, mean: codePerByte, sd: codePerByteSD, scale: -1})
	}
	l.priors = append(l.priors, prior{column: l.clock, scale: clockScale})
	for c := range l.clock { // what was not loaded in the stretch
		l.priors = append(l.priors, prior{column: c, sd: unknownRate, scale: -1})
	}
	for _, c := range l.kinds {
		l.priors = append(l.priors, prior{column: c, scale: offsetScale})
	}
}

// sourceOf is the source that a block makes active.
func (l *layout) sourceOf(b *recording.Block) int {
	switch {
	case b.Endpoint == recording.Mixed && l.mixedSource >= 0:
		return l.mixedSource
	case b.Endpoint >= 0:
		return b.Endpoint
	}
	return l.endpoints
}

// move counts what came before a row's sample, and says which sources it made active.
func (l *layout) move(s *series, k int, usual map[int]float64) {
	o, before := &s.rec.Observations[l.from+k], &s.rec.Observations[l.from+k-1]
	l.free[k] = o.Block.Phase != recording.Measure
	for e := range l.endpoints {
		if n := float64(o.Block.RequestsOf(e)); n > 0 {
			l.sent[e] += n
			l.moves[k] = append(l.moves[k], move{e, n / usual[e]})
		}
	}
	l.seconds += (o.Sample.At - before.Sample.At).Seconds()
	if o.Block.Endpoint == recording.Idle {
		l.moves[k] = append(l.moves[k], move{l.endpoints, 1})
	}
	if l.mixedSource >= 0 && o.Block.Endpoint == recording.Mixed {
		n := float64(o.Block.Load.Requests)
		l.mixed += n
		l.moves[k] = append(l.moves[k], move{l.mixedSource, n / usual[recording.Mixed]})
	}
}

// fill sets a row's explanatory variables to what was counted so far.
func (l *layout) fill(s *series, k int) {
	o := &s.rec.Observations[l.from+k]
	x := l.x[k*l.columns : (k+1)*l.columns]
	for e := range l.endpoints {
		x[e] = l.sent[e] / 1e3
	}
	if l.interaction >= 0 {
		x[l.interaction] = l.mixed / 1e3
	}
	x[l.clock] = l.seconds
	x[l.level] = 1
	if c, ok := l.kinds[o.Block.Endpoint]; ok {
		x[c] = 1
	}
	if l.code >= 0 {
		x[l.code] = (code(&o.Sample) - code(&s.rec.Observations[l.from].Sample)) / 1e3
	}
}

// levels are a quantity from an observation on, over what it was there, in KB.
func (s *series) levels(from int, m metric) []float64 {
	var out []float64
	base := m(&s.rec.Observations[from].Sample)
	for i := from; i < len(s.rec.Observations); i++ {
		out = append(out, (m(&s.rec.Observations[i].Sample)-base)/1e3)
	}
	return out
}

// usual is the length of each source's usual block: requests, or seconds of the clock.
func (s *series) usual(from int) map[int]float64 {
	sum, count := map[int]float64{}, map[int]float64{}
	for i := from + 1; i < len(s.rec.Observations); i++ {
		b := &s.rec.Observations[i].Block
		for e := range s.rec.Header.Endpoints {
			if n := float64(b.RequestsOf(e)); n > 0 && b.Endpoint != recording.Mixed || s.mixed && n > 0 {
				sum[e] += n
				count[e]++
			}
		}
		if b.Endpoint == recording.Mixed {
			sum[recording.Mixed] += float64(b.Load.Requests)
			count[recording.Mixed]++
		}
	}
	out := map[int]float64{}
	for k := range sum {
		out[k] = max(1e-9, sum[k]/count[k])
	}
	for e := range s.rec.Header.Endpoints {
		if out[e] == 0 {
			out[e] = max(1, out[recording.Mixed])
		}
	}
	return out
}

// moments are the variances of the changes in each source's usual blocks about its
// own rate, code aside: where a search may begin. 0 where there are too few.
func (l *layout) moments() []float64 {
	sums := make([][3]float64, l.sources) // weights, sum of changes, sum of squares
	for k := 1; k < l.rows; k++ {
		if len(l.moves[k]) == 0 || l.free[k] {
			continue
		}
		m := l.moves[k][len(l.moves[k])-1]
		d := l.y[k] - l.y[k-1]
		if l.code >= 0 {
			d -= codePerByte * (l.x[k*l.columns+l.code] - l.x[(k-1)*l.columns+l.code])
		}
		s := &sums[m.source]
		s[0], s[1], s[2] = s[0]+1, s[1]+d, s[2]+d*d
	}
	out := make([]float64, l.sources)
	for s, v := range sums {
		if v[0] > 2 {
			out[s] = (v[2] - v[1]*v[1]/v[0]) / (v[0] - 1)
		}
	}
	return out
}

// idleRate is how fast the level rose in idle blocks, in KB/s.
func (l *layout) idleRate() float64 {
	rose, took := 0.0, 0.0
	for k := 1; k < l.rows; k++ {
		if l.last[k] == l.endpoints && !l.free[k] {
			rose += l.y[k] - l.y[k-1]
			took += l.x[k*l.columns+l.clock] - l.x[(k-1)*l.columns+l.clock]
		}
	}
	return math.Abs(rose) / max(took, tiny)
}

// own is the contrast of one endpoint's growth per request, or of the interaction.
func (l *layout) own(endpoint int) []float64 {
	c := make([]float64, l.columns)
	if endpoint == recording.Mixed {
		c[l.interaction] = 1
	} else {
		c[endpoint] = 1
	}
	return c
}

// all is what the whole process retains in the stretch, in KB; for each of so many
// requests, in bytes.
func (l *layout) all() []float64 {
	c := make([]float64, l.columns)
	for e := range l.endpoints {
		c[e] = l.sent[e]
	}
	if l.interaction >= 0 {
		c[l.interaction] = l.mixed
	}
	c[l.clock] = l.seconds * 1e3
	return c
}
