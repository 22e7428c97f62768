package verdict

import (
	"fmt"
	"math"
	"strings"
	"time"

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
	fits, steps, ok := j.growth(i)
	if rounds := len(j.series.of(i)); ok && rounds >= minLook {
		b := j.bound(i, fits[0], steps, j.tail(len(j.measured.of(i))))
		e.set(b)
		e.Fitted = len(steps)
		e.Outcome, e.Reason = j.decide(i, b, steps, allowed)
		if e.Outcome == Leak && e.Retained.Low <= 0 { // by its steps, then
			rate, _ := j.grownInOctaves(i, allowed)
			e.Stepped = unit.BytesPerRequest(rate)
		}
		if e.Outcome == Inconclusive {
			e.Needed = j.needed(b, allowed, rounds)
		}
		if e.Reason == levellingOff {
			e.Warnings = append(e.Warnings, Warning{WarnStillFilling, "a cache may still be filling: more requests would show where it ends"})
		}
	} else if !j.judgeByFloor(&e, i, allowed) {
		e.Outcome, e.Reason = j.thin(&e, i, allowed)
	}
	e.Metrics = j.metrics(i, allowed, fits, steps)
	j.convictOtherwise(&e, i, v.Resources)
	j.holdForNative(&e, i, allowed)
	e.UntilLimit = e.untilLimit(v.HeapRoom)
	e.UntilKill = e.untilKill(v.LimitRoom)
	e.Waived = j.waiver(h.Waive)
	return e
}

// set fills the estimate, its interval and the detection limit.
func (e *Endpoint) set(b bounds) {
	e.Retained, e.Fit = b.estimate(), b.fit()
	e.PerHour = HourlyEstimate{
		Value: e.Retained.Value.AtRate(e.Rate),
		Low:   e.Retained.Low.AtRate(e.Rate),
		High:  e.Retained.High.AtRate(e.Rate),
	}
	e.DetectionLimit = unit.BytesPerRequest(b.limit).AtRate(e.Rate)
}

// levellingOff is why growth beyond the budget is no leak yet.
const levellingOff = "growth was beyond the budget, and is levelling off"

// decide gives the outcome of an endpoint with enough rounds.
func (j *judge) decide(i int, b bounds, steps []step, allowed float64) (Outcome, string) {
	if !j.looks(i) {
		return Inconclusive, notYet
	}
	if b.low > allowed {
		switch {
		case j.transient && !(j.drained && j.ended()):
			return Inconclusive, "some memory goes away only with time: samples must wait for it"
		case j.persists(steps, allowed) && !j.fades(steps):
			return Leak, fmt.Sprintf("each request leaves %s behind", bytes(b.value))
		}
	}
	if rate, ok := j.grownInOctaves(i, allowed); ok {
		return Leak, fmt.Sprintf("grows in steps: each request leaves %s behind on average", bytes(rate))
	}
	if b.low > allowed {
		return Inconclusive, levellingOff
	}
	if !(b.high <= allowed) { // NaN must not pass
		return Inconclusive, "the interval holds the budget: too few or too noisy rounds"
	}
	return j.within(i, allowed)
}

// notYet is why nothing is said between the looks.
const notYet = "the next look at the data comes with more rounds"

// looks says that there is a look after the rounds which an endpoint has.
func (j *judge) looks(i int) bool {
	_, exact := look(len(j.measured.of(i)))
	return exact || j.ended()
}

// within gives the outcome of an endpoint whose interval keeps within its budget.
func (j *judge) within(i int, allowed float64) (Outcome, string) {
	if at, ok := j.pendingStep(i, allowed); ok {
		return Inconclusive, fmt.Sprintf("a table that grows in steps could hide a leak until about %.0f requests", tableGrowth*at)
	}
	if why := j.doubt(i); why != "" {
		return Inconclusive, why
	}
	return Pass, ""
}

// persistShare is the part of the fitted rounds, at their end, in which a leak
// must still grow, and persistEven how much of the mean rate it must have.
const (
	persistShare = 3
	persistEven  = 0.5
)

// persists says that growth goes on to the end: a cache that has filled by
// then is no leak.
func (j *judge) persists(steps []step, allowed float64) bool {
	late := steps[len(steps)-(len(steps)+persistShare-1)/persistShare:]
	mean := total(j.series.changes(steps, retained)) / total(requests(steps))
	rates := ratios(j.series.changes(late, retained), requests(late))
	last := rates[len(rates)-1]
	return median(rates) > max(allowed, persistEven*mean) && last > persistEven*allowed
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
	steps := j.series.steps
	if len(steps) == 0 || rounds == 0 {
		return 0
	}
	return time.Duration(total(seconds(steps)) / float64(rounds) * float64(time.Second))
}

// grossRounds is the fewest blocks that convict a target which did not live
// for more.
const grossRounds = 3

// thin judges an endpoint with fewer rounds than an interval needs: a leak only
// when the target died of memory and its growth is beyond doubt, else nothing.
func (j *judge) thin(e *Endpoint, i int, allowed float64) (Outcome, string) {
	steps := append(j.warmUp(i, j.warmUpFrom()), j.series.of(i)...)
	why := fmt.Sprintf("%d of %d rounds were measured", len(j.series.of(i)), minLook)
	if len(steps) < grossRounds {
		return Inconclusive, why
	}
	fit, ok := fitDrift(j.series.changes(steps, retained), [][]float64{requests(steps)}, j.noise)
	if !ok {
		return Inconclusive, why
	}
	b := boundsOf(fit, j.tail(minLook))
	e.set(b)
	if j.fullLimit && b.low > allowed && j.persists(steps, allowed) {
		return Leak, fmt.Sprintf("each request leaves %s behind, until its memory was full", bytes(b.value))
	}
	return Inconclusive, why
}

// convictOtherwise turns an endpoint into a leak when something else than
// retained memory grows without doubt.
func (j *judge) convictOtherwise(e *Endpoint, i int, all []Resource) {
	if e.Outcome == Leak {
		return
	}
	for _, r := range all {
		if r.Endpoint == i && r.limited() {
			e.Outcome, e.Reason = Leak, fmt.Sprintf("each request leaves %+.2f %s open", r.PerRequest, r.Name)
			return
		}
	}
	for _, m := range e.Metrics {
		if m.Outcome == Leak {
			e.Outcome = Leak
			e.Reason = fmt.Sprintf("each request leaves %s of %s memory behind", bytes(float64(m.Estimate.Value)), m.Name)
		}
	}
}

// warmUpFrom is the warm-up round from which blocks count where too little else
// was measured: all of them when the target died of memory, as growth that
// fills a heap is no warm-up.
func (j *judge) warmUpFrom() int {
	if j.fullLimit {
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
