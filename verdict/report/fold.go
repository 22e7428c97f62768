package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
)

// mostRows is the number of endpoints up to which each has a row of its own, in the
// order of the scenario.
const mostRows = 12

// Many reports whether a verdict has so many endpoints that the passes are folded.
func Many(v *verdict.Verdict) bool { return len(v.Endpoints) > mostRows }

// ranked is an endpoint and its index.
type ranked struct {
	index int
	*verdict.Endpoint
}

// tableRows parts the endpoints of a verdict, and what they retain together, into those that
// have a row of their own and those that pass, which one line stands for where there are
// many. What stands worst comes first, and of the passes what is nearest to its budget.
func tableRows(v *verdict.Verdict) (rows, passes []ranked) {
	for i, e := range v.All() {
		one := ranked{i, e}
		if Many(v) && e.Outcome == verdict.Pass && i != recording.Mixed {
			passes = append(passes, one)
			continue
		}
		rows = append(rows, one)
	}
	if Many(v) {
		slices.SortStableFunc(rows, func(a, b ranked) int { return gravity(b.Endpoint) - gravity(a.Endpoint) })
	}
	slices.SortStableFunc(passes, func(a, b ranked) int { return cmp.Compare(b.share(), a.share()) })
	if len(passes) == 1 {
		return append(rows, passes...), nil
	}
	return rows, passes
}

// share is the part of its budget that an endpoint may use, by its bound.
func (r ranked) share() float64 { return float64(r.PerHour.High / r.Budget) }

// Ranked lists the endpoints of a verdict, and what they retain together, as the table
// does: the passes are apart where there are many.
func Ranked(v *verdict.Verdict) (rows, passes []*verdict.Endpoint) {
	ours, theirs := tableRows(v)
	return bare(ours), bare(theirs)
}

func bare(all []ranked) []*verdict.Endpoint {
	out := make([]*verdict.Endpoint, len(all))
	for i := range all {
		out[i] = all[i].Endpoint
	}
	return out
}

// foldedRow is the line that stands for endpoints that pass: the largest of their bounds.
type foldedRow struct {
	name, interval, perHour, budget, detectable string
	warnings                                    []verdict.Warning
	nearest                                     string // which comes nearest to its budget, in a sentence
}

func fold(passes []ranked) foldedRow {
	high, hourly, detectable := passes[0].Retained.High, passes[0].PerHour.High, passes[0].MinDetectable
	budget := megabytes(passes[0].Budget)
	for _, p := range passes {
		high, hourly, detectable = max(high, p.Retained.High), max(hourly, p.PerHour.High), max(detectable, p.MinDetectable)
		if megabytes(p.Budget) != budget {
			budget = ""
		}
	}
	first := passes[0]
	return foldedRow{
		name: unit.Plural(len(passes), "endpoint"), interval: atMost(high.Amount()), perHour: atMost(megabytes(hourly)),
		budget: budget, detectable: atMost(limit(detectable)), warnings: foldWarnings(passes),
		nearest: fmt.Sprintf("%s pass; nearest to its budget is %s, with at most %s of %s MB/h",
			unit.Plural(len(passes), "endpoint"), first.Name, megabytes(first.PerHour.High), megabytes(first.Budget)),
	}
}

func atMost(text string) string { return "≤ " + text }

// foldWarnings are the warnings of endpoints, of each kind one.
func foldWarnings(passes []ranked) []verdict.Warning {
	var out []verdict.Warning
	others := map[string]int{} // endpoints that are warned of in other words, by code
	for _, p := range passes {
		for _, w := range p.Warnings {
			i := slices.IndexFunc(out, func(o verdict.Warning) bool { return o.Code == w.Code })
			switch {
			case i < 0:
				out = append(out, w)
			case out[i].Message != w.Message:
				others[w.Code]++
			}
		}
	}
	for i := range out {
		if n := others[out[i].Code]; n > 0 {
			out[i].Message += fmt.Sprintf("; %s alike (--all)", unit.Plural(n, "endpoint"))
		}
	}
	return out
}
