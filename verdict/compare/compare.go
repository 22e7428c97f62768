// Package compare says whether the runs of one revision retain more than those
// of another, by the difference and not by any budget. It is pure.
package compare

import (
	"fmt"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/history"
)

// Outcome is the answer for one endpoint, or for all of them.
type Outcome string

// The outcomes. Unchanged means that growth beyond the tolerance is excluded,
// and Inconclusive that it is neither shown nor excluded. NotCompared is an endpoint
// that only one side measured, or of which the sides measured different things.
const (
	Regressed    Outcome = "regressed"
	Improved     Outcome = "improved"
	Unchanged    Outcome = "unchanged"
	Inconclusive Outcome = "inconclusive"
	NotCompared  Outcome = "not compared"
)

// What holds where Options say nothing.
const (
	// DefaultConfidence is of all endpoints' statements together: of 200
	// comparisons of equal code at most 2 call anything changed.
	DefaultConfidence = 0.99
	// DefaultRelative is the change of a leak rate, as a part of the base's,
	// that is tolerated where it is more than history.Tolerance.
	DefaultRelative = 0.1
)

// Options say what matters. The zero value is the default.
type Options struct {
	Confidence float64 // 0: DefaultConfidence
	// Tolerance is the change that does not matter, in MB/h at the endpoint's
	// production rate. Nil: history.Tolerance, or DefaultRelative if more.
	Tolerance *unit.MBPerHour
	// Relative is the same as a part of the base's rate. Nil: as above.
	Relative  *float64
	Endpoints []string // only these; nil for all
}

// Side is what one revision showed, in fresh processes.
type Side struct {
	Name string        `json:"name"` // as the user called it
	Runs []history.Run `json:"runs"`
}

// Comparison is the answer.
type Comparison struct {
	Scenario   string            `json:"scenario"`
	Outcome    Outcome           `json:"outcome"` // the worst of the endpoints
	Base       Side              `json:"base"`
	Head       Side              `json:"head"`
	Endpoints  []Endpoint        `json:"endpoints"`
	Confidence float64           `json:"confidence"`
	Warnings   []verdict.Warning `json:"warnings"`
}

// Endpoint is the difference at one endpoint.
type Endpoint struct {
	Name    string               `json:"name"`
	Outcome Outcome              `json:"outcome"`
	Base    unit.BytesPerRequest `json:"base"`
	Head    unit.BytesPerRequest `json:"head"`
	// Delta is head less base, with its interval.
	Delta     verdict.Estimate       `json:"delta"`
	PerHour   verdict.HourlyEstimate `json:"delta_per_hour"`
	P         float64                `json:"p"` // of no difference, two-sided, for this endpoint alone
	Tolerance unit.BytesPerRequest   `json:"tolerance"`
	Budget    unit.MBPerHour         `json:"budget"`
	Reason    string                 `json:"reason"`
	// Measured says that both sides have an estimate.
	Measured bool `json:"measured"`
}

// Shown reports whether the interval of the difference leaves zero out.
func (e *Endpoint) Shown() bool {
	return e.Measured && (e.Delta.Low > 0 || e.Delta.High < 0)
}

// Comparable lists what keeps the runs of both sides from being compared; none
// when they may be, for one endpoint at least.
func Comparable(base, head Side) []string {
	var out []string
	for i := range base.Runs {
		for k := range head.Runs {
			for _, d := range base.Runs[i].Kind().Differences(head.Runs[k].Kind()) {
				if !slices.Contains(out, d) {
					out = append(out, d)
				}
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	return allApart(base, head)
}

// allApart says of each endpoint why it cannot be compared; nothing when one can.
func allApart(base, head Side) []string {
	var out []string
	for _, name := range EndpointNames(base, head) {
		why := apart(base, head, name)
		if why == "" {
			return nil
		}
		out = append(out, name+": "+why)
	}
	return out
}

// apart says why an endpoint cannot be compared, "" when it can.
func apart(base, head Side, name string) string {
	b, h := base.lastWith(name), head.lastWith(name)
	switch {
	case b == nil:
		return "measured in head only"
	case h == nil:
		return "measured in base only"
	}
	return history.Apart(b, h, name)
}

// lastWith is the last run that has the endpoint, nil when none does.
func (s *Side) lastWith(name string) *history.Run {
	for i := len(s.Runs) - 1; i >= 0; i-- {
		if s.Runs[i].Endpoint(name) != nil {
			return &s.Runs[i]
		}
	}
	return nil
}

// Compare compares head with base; each has a run at least, and all are
// Comparable.
func Compare(base, head Side, o Options) Comparison {
	if o.Confidence == 0 {
		o.Confidence = DefaultConfidence
	}
	c := Comparison{
		Scenario: head.Runs[0].Scenario, Base: base, Head: head, Confidence: o.Confidence,
		Outcome: Unchanged, Endpoints: []Endpoint{}, Warnings: warnings(base, head),
	}
	names := EndpointNames(base, head)
	if len(o.Endpoints) > 0 {
		names = slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(o.Endpoints, name) })
	}
	compared := 0
	for _, name := range names {
		if apart(base, head, name) == "" {
			compared++
		}
	}
	// The error of the whole is shared among the endpoints (Bonferroni).
	tail := (1 - o.Confidence) / 2 / float64(max(1, compared))
	for _, name := range names {
		e := newEndpoint(base, head, name, tail, o)
		c.Endpoints = append(c.Endpoints, e)
		if severity[e.Outcome] > severity[c.Outcome] {
			c.Outcome = e.Outcome
		}
	}
	if compared == 0 {
		c.Outcome = Inconclusive
	}
	return c
}

// severity orders outcomes. An endpoint that improved makes up for nothing.
var severity = map[Outcome]int{NotCompared: 0, Unchanged: 0, Improved: 0, Inconclusive: 1, Regressed: 2}

// EndpointNames lists the endpoints of either side.
func EndpointNames(base, head Side) []string {
	var names []string
	for _, r := range slices.Concat(base.Runs, head.Runs) {
		for _, e := range r.Endpoints {
			if !slices.Contains(names, e.Name) {
				names = append(names, e.Name)
			}
		}
	}
	return names
}

func newEndpoint(base, head Side, name string, tail float64, o Options) Endpoint {
	if why := apart(base, head, name); why != "" {
		return Endpoint{Name: name, Outcome: NotCompared, Reason: why}
	}
	same := head.lastWith(name)
	b, h := fitsOf(base, name, same), fitsOf(head, name, same)
	e := Endpoint{Name: name, Outcome: Inconclusive}
	production := headEndpoint(base, head, name)
	e.Budget = production.Budget
	if len(b) == 0 || len(h) == 0 {
		e.Reason = "too little was measured to compare"
		return blameOther(e, base, head)
	}
	d := differ(b, h)
	e.Measured = true
	e.Base, e.Head = unit.BytesPerRequest(mean(b)), unit.BytesPerRequest(mean(h))
	e.Delta, e.P = d.estimate(tail), d.p()
	e.PerHour = verdict.HourlyEstimate{
		Value: e.Delta.Value.AtRate(production.Rate),
		Low:   e.Delta.Low.AtRate(production.Rate), High: e.Delta.High.AtRate(production.Rate),
	}
	e.Tolerance = o.tolerance(e.Base, production.Rate)
	e.Outcome, e.Reason = decide(&e)
	return blameOther(e, base, head)
}

// headEndpoint is the endpoint as the last run has it.
func headEndpoint(base, head Side, name string) history.Endpoint {
	for _, r := range slices.Backward(slices.Concat(base.Runs, head.Runs)) {
		if e := r.Endpoint(name); e != nil {
			return *e
		}
	}
	return history.Endpoint{Name: name}
}

func (o Options) tolerance(base unit.BytesPerRequest, rate unit.PerSecond) unit.BytesPerRequest {
	absolute, relative := history.Tolerance, DefaultRelative
	switch {
	case o.Tolerance != nil && o.Relative == nil:
		absolute, relative = 0, 0
	case o.Relative != nil:
		absolute, relative = 0, *o.Relative
	}
	if o.Tolerance != nil && rate > 0 {
		absolute = o.Tolerance.PerRequest(rate)
	}
	return max(absolute, unit.BytesPerRequest(relative)*max(base, 0))
}

func decide(e *Endpoint) (Outcome, string) {
	switch d := e.Delta; {
	case d.Low > e.Tolerance:
		return Regressed, fmt.Sprintf("each request retains %s more", d.Value.Amount())
	case d.High < -e.Tolerance:
		return Improved, fmt.Sprintf("each request retains %s less", (-d.Value).Amount())
	case d.High <= e.Tolerance:
		return Unchanged, ""
	}
	return Inconclusive, "the interval holds the tolerance of " + e.Tolerance.Amount() + ": more runs would settle it"
}

// blameOther makes a regression of an endpoint that leaks in every run of head
// and in none of base, by something else than its rate: a descriptor for each
// request, native memory, or a heap that was full before enough was measured.
func blameOther(e Endpoint, base, head Side) Endpoint {
	if e.Outcome == Regressed || !all(head, e.Name, leaksOtherwise) || !all(base, e.Name, passes) {
		return e
	}
	e.Outcome = Regressed
	e.Reason = "a new leak: " + head.Runs[0].Endpoint(e.Name).Reason
	return e
}

func all(s Side, name string, is func(*history.Endpoint) bool) bool {
	for i := range s.Runs {
		if e := s.Runs[i].Endpoint(name); e == nil || !is(e) {
			return false
		}
	}
	return true
}

func leaksOtherwise(e *history.Endpoint) bool {
	return e.Outcome == verdict.Leak && (!e.Measured() || e.PerHour().Low <= e.Budget)
}

func passes(e *history.Endpoint) bool { return e.Outcome == verdict.Pass }
