package verdict

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// No endpoint shrinks a process for ever, so that what many endpoints retain together bounds
// what each of them does: with a share s of the requests and an upper bound U of the growth
// per request of all, an endpoint retains no more than U/s for each of its own. So
// where a run screens, its endpoints are judged as one, and those that have blocks of
// their own (as growth seems to come from them) beside it, by the rules of any other run.

// Screening is what was found of the endpoints that are bounded together.
type Screening struct {
	Members []int    // indexes into Verdict.Endpoints
	Rounds  int      // in which they were loaded together
	Total   Endpoint // what all of them retain for each request; its budget is that of none
	// Suspect is what grows beyond what the budgets of the members allow, which is to be
	// located: "retained", "native", or the name of a resource; "" for nothing.
	Suspect string
	// Alike says that the growth comes from no endpoint more than from others.
	Alike bool
	// Likeliest is where the growth seems to come from, with its probability, while that is
	// not known.
	Likeliest   string
	Probability float64
}

// suspectRetained is growth of the JS heap and external memory together.
const suspectRetained = "retained"

// screen divides the endpoints of a recording that screens.
type screen struct {
	alone   []int // with blocks of their own in the measured rounds
	members []int // the others, which are one unit
	unitOf  []int // by endpoint
	share   []float64
}

// newScreen returns nil for a recording that does not screen.
func newScreen(rec *recording.Recording) *screen {
	if !rec.Header.Screened {
		return nil
	}
	n := len(rec.Header.Endpoints)
	own := make([]bool, n)
	for i := range rec.Observations {
		if b := &rec.Observations[i].Block; b.Phase == recording.Measure && b.Endpoint >= 0 {
			own[b.Endpoint] = true
		}
	}
	s := &screen{unitOf: make([]int, n)}
	for e := range n {
		if own[e] {
			s.unitOf[e] = len(s.alone)
			s.alone = append(s.alone, e)
		} else {
			s.members = append(s.members, e)
		}
	}
	for _, e := range s.members {
		s.unitOf[e] = len(s.alone)
	}
	s.share = s.shares(rec)
	return s
}

// shares are the members' parts of the requests that all of them were sent in the
// measured rounds that count.
func (s *screen) shares(rec *recording.Recording) []float64 {
	sent, from, all := make([]float64, len(s.members)), countsFrom(rec), 0.0
	for i := range rec.Observations {
		b := &rec.Observations[i].Block
		if b.Phase != recording.Measure || b.Round < from {
			continue
		}
		for k, e := range s.members {
			n := float64(b.RequestsOf(e))
			sent[k] += n
			all += n
		}
	}
	for k := range sent {
		sent[k] = max(sent[k], tiny) / max(all, tiny)
	}
	return sent
}

// reduce is the recording with the members as one endpoint, after those that stand alone.
func (s *screen) reduce(rec *recording.Recording, o Options) *recording.Recording {
	out := *rec
	out.Header.Endpoints = nil
	for _, e := range s.alone {
		h := rec.Header.Endpoints[e]
		h.Budget = o.budget(&h)
		out.Header.Endpoints = append(out.Header.Endpoints, h)
	}
	out.Header.Endpoints = append(out.Header.Endpoints, s.total(rec, o))
	out.Observations = make([]recording.Observation, len(rec.Observations))
	for i := range rec.Observations {
		out.Observations[i] = rec.Observations[i]
		s.reduceBlock(&out.Observations[i].Block)
	}
	return &out
}

// total stands for all members. Its budget is what it may retain so that no member is beyond
// its own, whichever it comes from.
func (s *screen) total(rec *recording.Recording, o Options) recording.Endpoint {
	h := recording.Endpoint{Name: fmt.Sprintf("%d endpoints", len(s.members))}
	allowed := math.Inf(1)
	for k, e := range s.members {
		m := &rec.Header.Endpoints[e]
		h.Rate += m.Rate
		allowed = min(allowed, float64(o.budget(m).PerRequest(m.Rate))*s.share[k])
	}
	h.Budget = unit.BytesPerRequest(allowed).AtRate(h.Rate)
	return h
}

// reduceBlock has a block load units. One that loads a single unit is its own.
func (s *screen) reduceBlock(b *recording.Block) {
	switch {
	case b.Endpoint >= 0:
		b.Endpoint = s.unitOf[b.Endpoint]
		return
	case b.Endpoint != recording.Mixed:
		return
	}
	parts := make([]recording.Load, len(s.alone)+1)
	loaded, units := 0, 0
	for e := range b.Parts {
		if u := s.unitOf[e]; b.Parts[e].Requests > 0 {
			if parts[u].Requests == 0 {
				units, loaded = units+1, u
			}
			parts[u].Add(&b.Parts[e])
		}
	}
	b.Parts = parts
	if units == 1 {
		b.Endpoint, b.Parts = loaded, nil
	}
}

// judgeScreened judges the units, and says what that means for each endpoint.
func judgeScreened(rec *recording.Recording, s *screen, o Options) *Verdict {
	reduced := s.reduce(rec, o)
	j := newJudge(reduced, Options{Confidence: o.Confidence, Live: o.Live})
	j.leastShare = s.leastShare()
	j.summed, j.others = s.summed(rec, o)
	v := j.judge(Options{}) // the reduced header has the budgets
	sc := &Screening{Members: s.members, Total: v.Endpoints[len(s.alone)], Rounds: j.roundsOf(len(s.alone))}
	sc.Suspect = j.suspects(sc, v, len(s.alone))
	if sc.Suspect != "" && !o.Live {
		sc.suspectOne(rec)
	}
	units := v.Endpoints
	v.Endpoints, v.Screening = make([]Endpoint, len(rec.Header.Endpoints)), sc
	for k, e := range s.alone {
		v.Endpoints[e] = units[k]
	}
	all := newJudge(rec, o)
	for k, e := range s.members {
		v.Endpoints[e] = all.member(e, s.share[k], sc, o)
	}
	s.renumber(v)
	v.Outcome = v.worst()
	return v
}

func (s *screen) leastShare() float64 {
	least := 1.0
	for _, x := range s.share {
		least = min(least, x)
	}
	return least
}

// suspects is what the unit of the members leaves more and more of, beyond their budgets.
func (j *judge) suspects(sc *Screening, v *Verdict, unit int) string {
	t := &sc.Total
	for _, r := range v.Resources {
		if r.Endpoint == unit && r.limited() {
			return r.Name
		}
	}
	for _, m := range t.Metrics {
		if m.Name == NativeMetric && m.Outcome == Leak && t.Retained.Low <= t.allowed() {
			return NativeMetric
		}
	}
	if t.Outcome == Leak || sc.Rounds >= minLook && j.grows(unit, float64(t.allowed())) {
		return suspectRetained
	}
	return ""
}

// grows reports whether memory is likely to grow beyond what is allowed, and to go on: the
// largest fall aside, which no growth explains. An error costs blocks, and no verdict.
func (j *judge) grows(unit int, allowed float64) bool {
	g, ok := j.growth(unit)
	if !ok {
		return false
	}
	f := j.withoutFall(g.fit.layout.from)
	if f == nil {
		return false
	}
	rate, ok := f.noise.rate(f.layout.source(unit), f.layout.own(unit))
	if !ok || rate.cdf(allowed) > 1-suspected {
		return false
	}
	changes := j.steady(g.increments)
	low := slices.Index(changes, slices.Min(changes))
	return j.persists(slices.Delete(slices.Clone(g.increments), low, low+1), slices.Delete(changes, low, low+1), allowed)
}

// allowed is the budget for one request.
func (e *Endpoint) allowed() unit.BytesPerRequest { return e.Budget.PerRequest(e.Rate) }

// member is what the growth of all says of one of them.
func (j *judge) member(i int, share float64, sc *Screening, o Options) Endpoint {
	h, t := &j.rec.Header.Endpoints[i], &sc.Total
	e := Endpoint{
		Name: h.Name, Request: h.Request, Rate: h.Rate, Budget: o.budget(h), Outcome: Inconclusive,
		UntilLimit: -1, UntilKill: -1, Fitted: t.Fitted, Requests: int(math.Round(share * float64(t.Requests))),
		Warnings: j.endpointWarnings(i),
	}
	e.Retained = t.Retained.bounding(share)
	e.PerHour = HourlyEstimate{e.Retained.Value.AtRate(e.Rate), e.Retained.Low.AtRate(e.Rate), e.Retained.High.AtRate(e.Rate)}
	limit := t.MinDetectable.PerRequest(t.Rate)
	e.MinDetectable = unit.BytesPerRequest(float64(limit) / share).AtRate(e.Rate)
	e.Fit = Fit{Mean: t.Fit.Mean, StdErr: unit.BytesPerRequest(float64(t.Fit.StdErr) / share), DoF: t.Fit.DoF}
	upper := e.Retained.High
	for _, term := range t.Terms {
		term.Size = unit.BytesPerRequest(float64(term.Size) / share)
		upper += term.Size
		e.Terms = append(e.Terms, term)
	}
	for _, m := range t.Metrics {
		m.Outcome, m.Estimate = NotJudged, m.Estimate.bounding(share)
		m.MinDetectable = unit.BytesPerRequest(float64(m.MinDetectable) / share)
		e.Metrics = append(e.Metrics, m)
	}
	j.decideMember(&e, i, sc, upper)
	return e
}

// bounding is what the growth of all says of one with a share of the requests: their mean, and
// all of the upper bound.
func (e Estimate) bounding(share float64) Estimate {
	return Estimate{Value: e.Value, Low: min(0, e.Low), High: max(e.Value, unit.BytesPerRequest(float64(e.High)/share))}
}

// decideMember passes what the bound and no doubt allows. No member leaks: one that may do
// so gets blocks of its own.
func (j *judge) decideMember(e *Endpoint, i int, sc *Screening, upper unit.BytesPerRequest) {
	t := &sc.Total
	switch {
	case sc.Rounds < minLook:
		e.Reason = cmp.Or(t.Reason, notYet)
	case t.Outcome != Pass && (t.Reason == notYet || sc.Suspect != "" && sc.Suspect != suspectRetained):
		e.Reason = sc.reason()
	case !(upper <= e.allowed()): // NaN must not pass
		e.Reason, e.Needed = sc.reason(), t.Needed
	default:
		if e.Reason = j.doubt(i); e.Reason == "" {
			e.Outcome = Pass
		}
	}
}

// reason is why a member is not decided.
func (sc *Screening) reason() string {
	t := &sc.Total
	if sc.Suspect == "" {
		return t.Reason
	}
	growth := fmt.Sprintf("%d endpoints together retain %s for each request", len(sc.Members), bytes(float64(t.Retained.Value)))
	if sc.Suspect != suspectRetained {
		growth = fmt.Sprintf("%d endpoints together leave more and more %s", len(sc.Members), sc.Suspect)
	}
	switch {
	case sc.Alike:
		return growth + ", whichever of them are loaded"
	case sc.Likeliest != "":
		return fmt.Sprintf("%s: most likely %s (%.0f %%)", growth, sc.Likeliest, 100*sc.Probability)
	}
	return growth + ": which of them does is not known yet"
}

// leastLikely is the probability from which an endpoint is named that was not measured by itself.
const leastLikely = 0.2

// suspectOne names the likeliest source of the growth in a run that ended before it was measured.
func (sc *Screening) suspectOne(rec *recording.Recording) {
	l := Locate(rec, sc.Suspect)
	if sc.Alike = l.Alike; len(l.Likely) == 0 {
		return
	}
	k := slices.Index(l.Likely, slices.Max(l.Likely))
	if sc.Probability = l.Likely[k]; sc.Probability >= leastLikely {
		sc.Likeliest = rec.Header.Endpoints[sc.Members[k]].Name
	}
}

// summed are the endpoints that the last mixed block of several units loaded: those that stand
// alone first, and then so many others.
func (s *screen) summed(rec *recording.Recording, o Options) (all []recording.Endpoint, others int) {
	for i := len(rec.Observations) - 1; i >= 0; i-- {
		b := rec.Observations[i].Block
		if b.Phase != recording.Measure || b.Endpoint != recording.Mixed {
			continue
		}
		whole := b
		if s.reduceBlock(&whole); whole.Endpoint != recording.Mixed {
			continue
		}
		take := func(set []int) (n int) {
			for _, e := range set {
				if h := rec.Header.Endpoints[e]; b.Parts[e].Requests > 0 {
					h.Budget = o.budget(&h)
					all, n = append(all, h), n+1
				}
			}
			return n
		}
		take(s.alone)
		return all, take(s.members)
	}
	return nil, 0
}

// renumber points resources at endpoints again. What the members leave is nobody's yet.
func (s *screen) renumber(v *Verdict) {
	var kept []Resource
	for _, r := range v.Resources {
		if r.Endpoint < len(s.alone) {
			r.Endpoint = s.alone[r.Endpoint]
			kept = append(kept, r)
		}
	}
	v.Resources = kept
}
