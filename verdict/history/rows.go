package history

import (
	"fmt"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
)

// mostRows is the number of endpoints up to which each has a row of its own.
const mostRows = 12

// row is what the history says of one endpoint.
type row struct {
	name    string
	points  []Point
	last    Endpoint // as it was measured last
	changes []Change
	leftOut string // why other runs are not in the series, "" for none
}

// rows are those of the endpoints that are asked for.
func (g *Group) rows(o TextOptions) []row {
	var out []row
	for _, name := range g.EndpointNames() {
		if o.Endpoint != "" && o.Endpoint != name {
			continue
		}
		r := row{name: name, points: g.Series(name), last: *g.lastOf(name).Endpoint(name)}
		r.changes = Changes(r.points, Tolerance)
		if runs, why := g.LeftOut(name); runs > 0 {
			r.leftOut = fmt.Sprintf("not compared with %s: %s", unit.Plural(runs, "other run"), why)
		}
		out = append(out, r)
	}
	return out
}

// foldRows are the table's: of many endpoints, those that pass and never changed share
// one.
func foldRows(rows []row, o TextOptions) [][]string {
	var out [][]string
	var quiet []row
	for _, r := range rows {
		if len(rows) > mostRows && !o.All && r.last.Outcome == verdict.Pass && len(r.changes) == 0 {
			quiet = append(quiet, r)
			continue
		}
		out = append(out, r.cells())
	}
	if len(quiet) > 0 {
		out = append(out, quietCells(quiet))
	}
	return out
}

func (r *row) cells() []string {
	return []string{
		r.name, Sparkline(r.points, sparkWidth, sparkRange), r.valueAt(0), r.valueAt(len(r.points) - 1),
		perHour(r.last), number(float64(r.last.Budget)), outcome(r.last),
	}
}

func (r *row) valueAt(i int) string {
	if i < 0 || i >= len(r.points) {
		return unknown
	}
	return number(float64(r.points[i].Value))
}

// quietCells are the row of endpoints that pass, with the largest of their last rates.
func quietCells(quiet []row) []string {
	largest := quiet[0].last.Retained.Value
	for _, r := range quiet {
		largest = max(largest, r.last.Retained.Value)
	}
	return []string{unit.Plural(len(quiet), "endpoint"), "", "", "≤ " + number(float64(largest)), "", "", string(verdict.Pass) + ", unchanged (--all)"}
}
