package compare

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/history"
)

// Baseline is what scenarios leaked on a day: "no worse than this" instead of
// their budgets. Users keep it beside their code.
type Baseline struct {
	Schema int `json:"schema"`
	// Runs are one of each scenario, by its name; more where selections of its endpoints
	// were measured later. No endpoint of a scenario is in two of them.
	Runs []history.Run `json:"runs"`
}

const baselineSchema = 1

// WarnBaseline says that a baseline was not used.
const WarnBaseline = "baseline"

// ReadBaseline reads a baseline as Write wrote it.
func ReadBaseline(r io.Reader) (Baseline, error) {
	var b Baseline
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&b); err != nil {
		return b, fmt.Errorf("read baseline: %w", err)
	}
	if b.Schema != baselineSchema {
		return b, fmt.Errorf("read baseline: schema %d, this leakcheck reads %d", b.Schema, baselineSchema)
	}
	return b, nil
}

// Write prints the baseline as indented JSON, the same bytes for the same runs.
func (b Baseline) Write(w io.Writer) error {
	b.Schema = baselineSchema
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(b); err != nil {
		return fmt.Errorf("write baseline: %w", err)
	}
	return nil
}

// With is the baseline with the run as that of its scenario. One of a selection takes
// the place of the endpoints that it measured, and the others stay as they were.
func (b Baseline) With(r history.Run) Baseline {
	r.Dir = "" // of the machine that it was made on
	var runs []history.Run
	for _, old := range b.Runs {
		if old.Scenario == r.Scenario {
			old.Endpoints = without(old.Endpoints, &r)
		}
		if len(old.Endpoints) > 0 {
			runs = append(runs, old)
		}
	}
	runs = append(runs, r)
	slices.SortStableFunc(runs, func(a, c history.Run) int { return strings.Compare(a.Scenario, c.Scenario) })
	return Baseline{Schema: baselineSchema, Runs: runs}
}

// without is what a newer run leaves of endpoints: nothing, but for one of a selection.
func without(endpoints []history.Endpoint, newer *history.Run) []history.Endpoint {
	if newer.Of == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(endpoints), func(e history.Endpoint) bool { return newer.Endpoint(e.Name) != nil })
}

// Tolerate waives the leaks of v that are no worse than in the baseline: no
// growth beyond the tolerance is shown, and twice the baseline's rate is
// excluded. (A run ends as soon as a leak is proved, with an interval too wide
// to exclude all growth.) One that is not about a rate (a descriptor for each
// request, native memory) stays. The run is what v was judged from. A baseline
// of other conditions, or of another content of an endpoint, is not used, and v says so.
func (b Baseline) Tolerate(v *verdict.Verdict, run history.Run) {
	if v == nil || v.Outcome != verdict.Leak {
		return
	}
	of := slices.DeleteFunc(slices.Clone(b.Runs), func(r history.Run) bool { return r.Scenario != run.Scenario })
	if len(of) == 0 {
		warnBaseline(v, "the baseline has no scenario "+run.Scenario)
	}
	// The error is shared among the runs, as it is among the endpoints of each.
	confidence := 1 - (1-DefaultConfidence)/float64(max(1, len(of)))
	for _, base := range of {
		tolerate(v, base, run, confidence)
	}
}

// tolerate is Tolerate by one run of the baseline.
func tolerate(v *verdict.Verdict, base, run history.Run, confidence float64) {
	if differ := portable(base).Differences(portable(run)); len(differ) > 0 {
		warnBaseline(v, "the baseline is not comparable and not used: "+strings.Join(differ, "; "))
		return
	}
	c := Compare(Side{Name: "baseline", Runs: []history.Run{base}}, Side{Name: "run", Runs: []history.Run{run}}, Options{Confidence: confidence})
	for _, e := range c.Endpoints {
		now := run.Endpoint(e.Name)
		switch {
		case now == nil || now.Outcome != verdict.Leak || base.Endpoint(e.Name) == nil:
		case e.Outcome == NotCompared:
			warnBaseline(v, fmt.Sprintf("the baseline of %s is not comparable and not used: %s", e.Name, e.Reason))
		case e.noWorse(now):
			v.Waive(e.Name, fmt.Sprintf("no worse than the baseline: %s per request now, %s then (run %s), change [%s, %s] B, tolerated %s",
				e.Head.Amount(), e.Base.Amount(), base.ID, signed(float64(e.Delta.Low)), signed(float64(e.Delta.High)), e.Tolerance.Amount()))
		}
	}
}

func warnBaseline(v *verdict.Verdict, message string) {
	v.Warnings = append(v.Warnings, verdict.Warning{Code: WarnBaseline, Message: message})
}

// noWorse reports whether the endpoint leaks by its rate, not shown to be faster than
// before and surely less than twice as fast.
func (e *Endpoint) noWorse(head *history.Endpoint) bool {
	return e.Measured && e.Outcome != Regressed && e.Delta.High <= max(e.Tolerance, e.Base) &&
		head.Outcome == verdict.Leak && !leaksOtherwise(head)
}

// portable is the run's kind without what bytes per request hardly depend on:
// a baseline is made on one machine, and used on others of its sort.
func portable(r history.Run) history.Kind {
	k := r.Kind()
	k.Machine.CPUs, k.Machine.CPUModel = 0, ""
	return k
}
