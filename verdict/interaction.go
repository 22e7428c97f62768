package verdict

import (
	"fmt"
	"math"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// InteractionName names what endpoints leak together, in reports and lists of what
// leaks.
const InteractionName = "interaction"

// interaction judges what the endpoints retain together beyond what they do by
// themselves, against the sum of their budgets. An endpoint that leaks by itself
// does so in resizes and bursts, which would be blamed on all of them: it is to be
// mended first.
func (j *judge) interaction(o Options, v *Verdict) *Endpoint {
	if !j.series.hasInteraction() {
		return nil
	}
	e := j.jointEndpoint(o)
	for i := range v.Endpoints {
		if v.Endpoints[i].Outcome == Leak {
			e.Outcome, e.Reason = NotJudged, fmt.Sprintf("not checked because %s leaks on its own; fix that first", v.Endpoints[i].Name)
			return &e
		}
	}
	allowed := float64(e.Budget.PerRequest(e.Rate))
	g, l, ok := j.decide(&e, recording.Mixed, allowed)
	if !ok {
		return &e
	}
	j.judgeNative(&e, recording.Mixed, &g, l.tail, allowed)
	switch {
	case e.Outcome == Leak:
		e.Reason = fmt.Sprintf("%s retain %s for each request when they run together, which none of them explains by itself", e.Request, bytes(float64(e.Retained.Value)))
	case e.Outcome == Inconclusive && j.looks(recording.Mixed) && l.low <= allowed && l.value <= allowed && j.doubt(recording.Mixed) == "":
		e.Outcome, e.Needed = NotJudged, 0
		e.Reason = fmt.Sprintf("no interaction leak found; one below %s per request could have gone unnoticed", bytes(l.limit))
	}
	e.UntilLimit, e.UntilKill = e.untilLimit(v.HeapRoom), e.untilKill(v.LimitRoom)
	return &e
}

// jointEndpoint is all endpoints as one, not judged yet.
func (j *judge) jointEndpoint(o Options) Endpoint {
	e := Endpoint{Name: InteractionName, UntilLimit: -1, UntilKill: -1, Outcome: Inconclusive, Requests: int(total(requests(j.series.of(recording.Mixed))))}
	var names []string
	least := unit.MBPerHour(math.Inf(1))
	for _, h := range j.summed {
		names = append(names, h.Name)
		e.Rate += h.Rate
		e.Budget += o.budget(&h)
		least = min(least, o.budget(&h))
	}
	if j.screens() { // nobody knows which of many it is: no more than one of them may retain
		e.Budget = least
	}
	if j.others > 0 {
		names = append(names[:len(names)-j.others], fmt.Sprintf("%d others", j.others))
	}
	e.Request = strings.Join(names, " + ")
	if share := j.failed(recording.Mixed); share > 0 {
		e.Warnings = append(e.Warnings, Warning{WarnRequestsFailed, fmt.Sprintf("%.2f %% of the requests failed", share*100)})
	}
	return e
}
