package verdict

import (
	"fmt"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// TogetherName names what endpoints leak together, in reports and lists of what
// leaks.
const TogetherName = "together"

// together judges what the endpoints retain together beyond what they do by
// themselves, against the sum of their budgets. An endpoint that leaks by itself
// does so in steps and bursts, which would be blamed on all of them: it is to be
// mended first.
func (j *judge) together(o Options, v *Verdict) *Endpoint {
	if !j.measured.checked() {
		return nil
	}
	e := j.sum(o)
	for i := range v.Endpoints {
		if v.Endpoints[i].Outcome == Leak {
			e.Outcome, e.Reason = NotJudged, fmt.Sprintf("%s leaks by itself: what all leak together is judged when none does", v.Endpoints[i].Name)
			return &e
		}
	}
	allowed := float64(e.Budget.PerRequest(e.Rate))
	fits, steps, ok := j.growth(recording.Mixed)
	rounds := len(j.series.of(recording.Mixed))
	if rounds < minLook && j.judgeByFloor(&e, recording.Mixed, allowed) {
		return &e
	}
	if !ok || rounds < minLook {
		e.Outcome, e.Reason = Inconclusive, fmt.Sprintf("%d of %d rounds were measured", rounds, minLook)
		return &e
	}
	b := j.bound(recording.Mixed, fits[0], steps, j.tail(len(j.measured.of(recording.Mixed))))
	e.set(b)
	e.Fitted = len(steps)
	e.Outcome, e.Reason = j.decideTogether(b, steps, allowed)
	switch e.Outcome {
	case Inconclusive:
		e.Needed = j.needed(b, allowed, rounds)
	case Leak:
		e.Reason = fmt.Sprintf("%s leave %s behind for each request when they run together, which none of them explains by itself", e.Request, bytes(float64(e.Retained.Value)))
	case Pass, NotJudged:
	}
	e.Metrics = j.metrics(recording.Mixed, allowed, fits, steps)
	e.UntilLimit, e.UntilKill = e.untilLimit(v.HeapRoom), e.untilKill(v.LimitRoom)
	return &e
}

// decideTogether is decide for a check of what is expected to be nothing: it holds
// a run up where growth beyond the budget is likelier than not, and not where
// noise hides whether there is any. The detection limit then says how much.
func (j *judge) decideTogether(b bounds, steps []step, allowed float64) (Outcome, string) {
	outcome, reason := j.decide(recording.Mixed, b, steps, allowed)
	if !j.looks(recording.Mixed) {
		return outcome, reason
	}
	switch why := j.doubt(recording.Mixed); {
	case outcome != Inconclusive || b.low > allowed || b.value > allowed:
		return outcome, reason
	case why != "":
		return Inconclusive, why
	case b.high <= allowed:
		return Pass, ""
	}
	return NotJudged, fmt.Sprintf("no growth beyond the endpoints' own is shown, and up to %s for each request would not have been", bytes(b.limit))
}

// sum is all endpoints as one, not judged yet.
func (j *judge) sum(o Options) Endpoint {
	e := Endpoint{Name: TogetherName, UntilLimit: -1, UntilKill: -1, Requests: int(total(requests(j.series.of(recording.Mixed))))}
	var names []string
	for i := range j.rec.Header.Endpoints {
		h := &j.rec.Header.Endpoints[i]
		names = append(names, h.Name)
		e.Rate += h.Rate
		e.Budget += o.budget(h)
	}
	e.Request = strings.Join(names, " + ")
	if share := j.failed(recording.Mixed); share > 0 {
		e.Warnings = append(e.Warnings, Warning{WarnLoadNotLanded, fmt.Sprintf("%.2f %% of the requests failed", share*100)})
	}
	return e
}
