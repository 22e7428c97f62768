package compare

import (
	"fmt"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict/history"
)

// mostRows is the number of endpoints up to which each has a row of its own.
const mostRows = 12

// folded are the outcomes of which many endpoints share a row.
var folded = []Outcome{Unchanged, NotCompared}

// Rows are the table's: an endpoint each. Of many, those that changed or are not decided
// come first, and the others share a row, unless all are asked for.
func (c *Comparison) Rows(all bool) [][]string {
	var out [][]string
	many := len(c.Endpoints) > mostRows && !all
	for i := range c.Endpoints {
		if e := &c.Endpoints[i]; !many || !slices.Contains(folded, e.Outcome) {
			out = append(out, e.row())
		}
	}
	for _, o := range folded {
		if alike := c.Of(o); many && len(alike) > 0 {
			out = append(out, foldedRow(o, alike))
		}
	}
	return out
}

// Of are the endpoints of one outcome.
func (c *Comparison) Of(o Outcome) []Endpoint {
	return slices.DeleteFunc(slices.Clone(c.Endpoints), func(e Endpoint) bool { return e.Outcome != o })
}

// foldedRow is the row of endpoints of one outcome, with the interval that holds all of
// theirs.
func foldedRow(o Outcome, all []Endpoint) []string {
	name := unit.Plural(len(all), "endpoint")
	if o == NotCompared {
		return []string{name, "", "", "", "", "", "", string(o)}
	}
	low, high := all[0].Delta.Low, all[0].Delta.High
	for _, e := range all {
		low, high = min(low, e.Delta.Low), max(high, e.Delta.High)
	}
	return []string{name, "", "", noDifference, fmt.Sprintf("[%s, %s]", signed(float64(low)), signed(float64(high))), noDifference, "", string(o)}
}

// reasons are why endpoints have their outcomes.
func (c *Comparison) reasons() history.Notes {
	var out history.Notes
	for _, e := range c.Endpoints {
		if e.Reason != "" {
			out.Add(e.Name, e.Reason)
		}
	}
	return out
}
