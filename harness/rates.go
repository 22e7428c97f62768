package harness

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/scenarios/rates"
)

// assignRates gives the endpoints without a rate of their own that of
// production, and notes what matched and what did not.
func (p *Plan) assignRates(s *scenarios.Scenario) scenarios.Problems {
	if s.Rates == nil {
		return nil
	}
	var asked []rates.Endpoint
	// A request is of the endpoint that stands for it best, selected or not.
	for _, e := range slices.Concat(s.Endpoints, s.Others) {
		asked = append(asked, rates.Endpoint{Method: e.Method, Path: e.URLPath})
	}
	table, err := rates.Assign(s.Rates.From, rates.Options{Over: s.Rates.Over, Metric: s.Rates.Metric}, asked)
	if err != nil {
		return scenarios.Problems{ratesProblem(s, err)}
	}
	var never []string
	for i, e := range s.Endpoints {
		switch {
		case e.Rate != nil:
		case table.Rates[i] > 0:
			h := &p.header.Endpoints[i]
			h.Rate, h.RateAssumed = table.Rates[i], false
		default:
			never = append(never, e.Name)
		}
	}
	p.notes = append(p.notes, ratesNotes(filepath.Base(s.Rates.From), table, never)...)
	return nil
}

func ratesProblem(s *scenarios.Scenario, err error) scenarios.Problem {
	problem := s.Problem("rates.from", fmt.Sprintf("rates: %s: %v", filepath.Base(s.Rates.From), err))
	if errors.Is(err, rates.ErrNoSpan) {
		problem.Hint = "add over: 24h, the time that it covers"
	}
	return problem
}

// ratesNotes say what the file gave, whom it gave nothing, and what no endpoint
// stands for.
func ratesNotes(file string, t *rates.Table, never []string) []string {
	const most = 5 // unmatched routes that are named
	notes := []string{fmt.Sprintf("%s: %.0f of %.0f requests in %v match an endpoint", file, t.Matched, t.Requests, t.Over.Round(time.Second))}
	if t.Skipped > 0 {
		notes[0] += fmt.Sprintf("; lines not understood: %d", t.Skipped)
	}
	if len(never) > 0 {
		notes = append(notes, fmt.Sprintf("%s: nothing matches %s: %v is assumed", file, strings.Join(never, ", "), scenarios.DefaultRate))
	}
	var missed []string
	for _, r := range t.Unmatched[:min(most, len(t.Unmatched))] {
		missed = append(missed, fmt.Sprintf("%s (%v)", r.Name(), t.Rate(r.Count)))
	}
	if more := len(t.Unmatched) - most; more > 0 {
		missed = append(missed, fmt.Sprintf("%d more", more))
	}
	if len(missed) > 0 {
		notes = append(notes, fmt.Sprintf("%s: no endpoint stands for %s", file, strings.Join(missed, ", ")))
	}
	return notes
}
