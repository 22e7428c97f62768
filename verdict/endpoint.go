package verdict

import (
	"fmt"
	"math"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// endpoint judges one endpoint against its budget.
func (j *judge) endpoint(i int, budget unit.MBPerHour, v *Verdict) Endpoint {
	h := &j.rec.Header.Endpoints[i]
	e := Endpoint{
		Name: h.Name, Request: h.Request, Rate: h.Rate, Budget: budget,
		Outcome: Inconclusive, UntilLimit: -1, UntilKill: -1, Warnings: j.endpointWarnings(i),
		Requests: int(total(requests(j.series.of(i)))),
	}
	allowed := float64(budget.PerRequest(h.Rate))
	g, b, ok := j.decide(&e, i, allowed)
	if ok {
		j.judgeNative(&e, i, &g, b.tail, allowed)
	}
	j.convictByCount(&e, i, v.Resources)
	if n := j.roundsOf(i); n < minLook && e.Outcome != Leak {
		e.Warnings = append(e.Warnings, Warning{WarnTooFewRounds, fmt.Sprintf("%d of at least %d rounds", n, minLook)})
	}
	e.UntilLimit = e.untilLimit(v.HeapRoom)
	e.UntilKill = e.untilKill(v.LimitRoom)
	e.Waived = j.waiver(h.Waive)
	return e
}

// set fills the estimate, its interval and the minimum detectable leak.
func (e *Endpoint) set(b bounds) {
	e.Retained, e.Fit = b.estimate(), b.fit()
	e.PerHour = HourlyEstimate{
		Value: e.Retained.Value.AtRate(e.Rate),
		Low:   e.Retained.Low.AtRate(e.Rate),
		High:  e.Retained.High.AtRate(e.Rate),
	}
	e.MinDetectable = unit.BytesPerRequest(b.limit).AtRate(e.Rate)
}

// roundsOf is in how many rounds the endpoint was loaded.
func (j *judge) roundsOf(i int) int { return roundsIn(j.series.of(i)) }

// levellingOff is why growth beyond the budget is no leak yet.
const levellingOff = "growth was beyond the budget, and is levelling off"

// notYet is why nothing is said between the looks.
const notYet = "the next look at the data comes with more rounds"

// limits are the bounds that a decision is made by.
type limits struct {
	bounds
	tail  float64
	terms []Term // what is added to the upper bound
}

// upper is the upper bound with its terms.
func (l *limits) upper() float64 {
	high := l.high
	for _, t := range l.terms {
		high += float64(t.Size)
	}
	return high
}

// limits are those of an endpoint, at one look.
func (j *judge) limits(i int, g *growth, allowed float64) limits {
	l := limits{tail: j.tail(i, j.roundsOf(i))}
	l.bounds = g.bounds(l.tail)
	if c := j.codeGrowth(g.increments); c > 0 {
		l.terms = append(l.terms, Term{TermCode, unit.BytesPerRequest(c), "compiled code that the process gained could be this endpoint's"})
	}
	if !(l.upper() <= allowed) {
		j.forgiveFall(i, g, &l)
	}
	if r, at := j.hidden(i, g, allowed); r > 0 {
		l.terms = append(l.terms, Term{TermResize, unit.BytesPerRequest(r), fmt.Sprintf(
			"an array, Map or Set that was just resized can hide a leak: about %.0f requests are needed to see the next resize", at)})
	}
	return l
}

// codeGrowth is how much compiled code an endpoint's requests may have left, in bytes of heap
// per request: what the process always had more of after load in the last third of the rounds
// than it ever had in the first. V8 compiles and throws away within bounds.
func (j *judge) codeGrowth(increments []increment) float64 {
	if !hasCode(j.rec) || len(increments) == 0 {
		return 0
	}
	first, last := 0.0, math.Inf(1)
	begin, end := increments[0].round, increments[len(increments)-1].round
	for _, st := range j.series.increments {
		if st.endpoint == recording.Idle {
			continue
		}
		level := code(&j.rec.Observations[st.index].Sample)
		if third := (end - begin + 1) / 3; st.round >= begin && st.round < begin+max(1, third) {
			first = max(first, level)
		} else if st.round > end-max(1, third) {
			last = min(last, level)
		}
	}
	if math.IsInf(last, 1) {
		return 0
	}
	return max(0, codePerByte*(last-first)/total(requests(increments)))
}

// decide gives the outcome of an endpoint, or of all together: a leak where the lower bound is
// above the budget and growth persists, a pass where the upper bound is within it and
// nothing is in doubt.
func (j *judge) decide(e *Endpoint, i int, allowed float64) (g growth, l limits, ok bool) {
	g, ok = j.growth(i)
	rounds := j.roundsOf(i)
	if !ok || rounds < grossRounds {
		e.Outcome, e.Reason = j.thin(e, i, allowed)
		return g, l, false
	}
	l = j.limits(i, &g, allowed)
	e.set(l.bounds)
	e.Terms, e.Fitted = l.terms, len(g.increments)
	grows, levelling := j.convicts(i, &g, &l, allowed)
	switch {
	case !j.looks(i):
		e.Reason = notYet
		if rounds < minLook {
			e.Reason = tooFew(rounds)
		}
	case grows != "" && j.releasing(g.fit, i) != "":
		e.Reason = fmt.Sprintf("memory is released while %s is loaded: work is queued faster than it is done, or memory expires later", j.releasing(g.fit, i))
	case grows != "":
		e.Outcome, e.Reason = Leak, grows
	case rounds < minLook:
		e.Reason = tooFew(rounds)
	case levelling:
		e.Reason = levellingOff
		e.Warnings = append(e.Warnings, Warning{WarnStillFilling, "a cache may still be filling: more requests would show where it ends"})
	case !(l.upper() <= allowed): // NaN must not pass
		e.Reason = j.widest(&l)
		e.Needed = j.needed(l.bounds, allowed, rounds)
	default:
		if e.Reason = j.doubt(i); e.Reason == "" {
			e.Outcome = Pass
		}
	}
	if e.Outcome == Leak && e.Retained.Low <= 0 { // by resizes, then
		rate, _ := j.growsInOctaves(i, allowed)
		e.ByResizes = unit.BytesPerRequest(rate)
	}
	return g, l, rounds >= minLook
}

func tooFew(rounds int) string { return fmt.Sprintf("%d of %d rounds were measured", rounds, minLook) }

// convicts is why the growth is a leak, "" where it is none. levelling says that it was
// beyond the budget and did not persist.
func (j *judge) convicts(i int, g *growth, l *limits, allowed float64) (why string, levelling bool) {
	changes := j.steady(g.increments)
	if l.low <= allowed && j.codeLeaks(i, g, l, allowed) {
		changes = j.series.changes(g.increments, retained)
	}
	if l.low > allowed {
		if j.persists(g.increments, changes, allowed) {
			return fmt.Sprintf("each request retains %s", bytes(l.value)), false
		}
		levelling = true
	}
	if j.roundsOf(i) >= minLook {
		if rate, ok := j.growsInOctaves(i, allowed); ok {
			return fmt.Sprintf("memory grows whenever a collection is resized: each request retains %s on average", bytes(rate)), false
		}
	}
	return "", levelling
}

// codeLeaks reports whether code alone grows beyond the budget, and beyond doubt.
func (j *judge) codeLeaks(i int, g *growth, l *limits, allowed float64) bool {
	if j.codeGrowth(g.increments) <= allowed {
		return false
	}
	layout := j.series.lay(g.fit.layout.from, retained, false)
	p := newPosterior(layout)
	if p == nil {
		return false
	}
	rate, ok := p.rate(layout.source(i), layout.own(i))
	if !ok || rate.quantile(l.tail) <= allowed {
		return false
	}
	l.bounds = rate.bounds(l.tail)
	return true
}

// widest is the reason of an interval that holds the budget: the largest term, or noise.
func (j *judge) widest(l *limits) string {
	why, most := "the interval holds the budget: too few or too noisy rounds", l.high-l.value
	for _, t := range l.terms {
		if float64(t.Size) > most {
			why, most = t.Reason, float64(t.Size)
		}
	}
	return why
}

// looks reports whether there is a look after the rounds which an endpoint has.
func (j *judge) looks(i int) bool {
	_, exact := look(j.roundsOf(i))
	return exact || j.ended()
}

// MostNeeded bounds what a run is said to need: time alone does not settle it then.
const MostNeeded = 24 * time.Hour

// needed is about how much longer a run must measure for its interval to leave
// the budget out, as intervals narrow with the root of the rounds.
func (j *judge) needed(b bounds, allowed float64, rounds int) time.Duration {
	gap := math.Abs(allowed - b.value)
	half := b.high - b.value
	if gap <= 0 || half <= gap {
		return 0
	}
	more := float64(rounds) * (math.Pow(half/gap, 2) - 1)
	return time.Duration(min(float64(MostNeeded), more*float64(j.roundTime(rounds)))).Round(time.Second)
}

// roundTime is how long a round took on average.
func (j *judge) roundTime(rounds int) time.Duration {
	increments := j.series.increments
	if len(increments) == 0 || rounds == 0 {
		return 0
	}
	return time.Duration(total(seconds(increments)) / float64(rounds) * float64(time.Second))
}

// thin judges an endpoint with too few rounds for a fit: a leak only
// when the target died of memory and its growth is beyond doubt, else nothing.
func (j *judge) thin(e *Endpoint, i int, allowed float64) (Outcome, string) {
	why := tooFew(j.roundsOf(i))
	increments := append(j.warmUp(i, j.warmUpFrom()), j.series.of(i)...)
	if !j.diedOfMemory || len(increments) < grossRounds {
		return Inconclusive, why
	}
	rate := ratesOf(j.series.changes(increments, retained), requests(increments))
	b := rate.bounds(j.tail(i, grossRounds))
	e.set(b)
	if b.low > allowed && j.persists(increments, j.series.changes(increments, retained), allowed) {
		return Leak, fmt.Sprintf("each request retains %s, until its memory was full", bytes(b.value))
	}
	return Inconclusive, why
}

// ratesOf is the common rate of a few blocks, by themselves.
func ratesOf(changes, sent []float64) mixture {
	mean, rss := total(changes)/total(sent), 0.0
	for i := range changes {
		r := changes[i] - mean*sent[i]
		rss += r * r / sent[i]
	}
	dof := float64(len(changes) - 1)
	sd := math.Sqrt(max(rss/dof, tiny) / total(sent))
	return mixture{parts: []part{{1, distuv.StudentsT{Mu: mean, Sigma: sd, Nu: dof}}}}
}

// judgeNative adds the parts of the memory, and turns the outcome where native memory grows.
func (j *judge) judgeNative(e *Endpoint, i int, g *growth, tail, allowed float64) {
	for k, part := range parts {
		b := g.metrics[k].bounds(tail)
		e.Metrics = append(e.Metrics, Metric{Name: part.name, Estimate: b.estimate(), MinDetectable: unit.BytesPerRequest(b.limit), Outcome: NotJudged})
	}
	n, ok := j.nativeGrowth(i, g, allowed)
	if !ok {
		return
	}
	b := n.rate.bounds(tail)
	m := Metric{Name: NativeMetric, Estimate: b.estimate(), MinDetectable: unit.BytesPerRequest(b.limit), Outcome: NotJudged}
	switch {
	case i != recording.Mixed && j.looks(i) && n.leaks(tail, allowed):
		m.Outcome = Leak
		if e.Outcome != Leak {
			e.Outcome, e.Reason = Leak, fmt.Sprintf("each request retains %s of native memory", bytes(b.value))
		}
	case e.Outcome == Pass && n.doubt(allowed) != "":
		e.Outcome, e.Reason = Inconclusive, n.doubt(allowed)
	}
	e.Metrics = append(e.Metrics, m)
}

// convictByCount turns an endpoint into a leak when something countable stays open.
func (j *judge) convictByCount(e *Endpoint, i int, all []Resource) {
	if e.Outcome == Leak {
		return
	}
	for _, r := range all {
		if r.Endpoint == i && r.limited() {
			e.Outcome, e.Reason = Leak, fmt.Sprintf("each request leaves %+.2f %s open", r.PerRequest, r.Name)
			return
		}
	}
}

// warmUpFrom is the warm-up round from which blocks count where too little else
// was measured: all of them when the target died of memory, as growth that
// fills a heap is no warm-up.
func (j *judge) warmUpFrom() int {
	if j.diedOfMemory {
		return 0
	}
	return 1
}

func (j *judge) waiver(w *recording.Waive) *Waiver {
	if w == nil {
		return nil
	}
	lastDay := w.Until.AddDate(0, 0, 1)
	return &Waiver{Reason: w.Reason, Until: w.Until, Expired: !j.rec.Header.StartedAt.Before(lastDay)}
}

// untilLimit is how long the JS heap's own growth takes to fill the room that is
// left, negative where it is no leak or does not grow, or the room is unknown.
func (e *Endpoint) untilLimit(room unit.Bytes) time.Duration {
	for _, m := range e.Metrics {
		if m.Name == HeapMetric && m.Estimate.Low > 0 && e.Outcome == Leak && room > 0 {
			return m.Estimate.Value.AtRate(e.Rate).Reach(room)
		}
	}
	return -1
}

// untilKill is how long all that the endpoint retains takes to fill the room in
// its container, negative where it is no leak, or there is no limit.
func (e *Endpoint) untilKill(room unit.Bytes) time.Duration {
	if e.Outcome != Leak || room <= 0 || !(e.Retained.Low > 0) {
		return -1
	}
	return e.Retained.Value.AtRate(e.Rate).Reach(room)
}

// bytes prints an amount as the reader of "each request leaves ..." expects it.
func bytes(perRequest float64) string {
	return strings.TrimSuffix(unit.BytesPerRequest(perRequest).String(), "/request")
}
