package history

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Export is a form of the history that another tool reads. Endpoint "" is all
// of them.
type Export struct {
	Name  string
	About string
	Write func(w io.Writer, groups []Group, endpoint string) error
}

// Exports lists the forms, the default first.
func Exports() []Export {
	return []Export{
		{"jsonl", "a run a line, as JSON", writeLines},
		{"otava", "CSV for Apache Otava: a run a row, an endpoint's bytes per request a column", writeOtava},
		{"benchmark", "JSON for github-action-benchmark (customSmallerIsBetter): the latest run", writeBenchmark},
	}
}

// ErrNothing says that no run holds what a form needs.
var ErrNothing = errors.New("no run that measured every endpoint")

// writeLines keeps everything that the history knows of each run.
func writeLines(w io.Writer, groups []Group, endpoint string) error {
	enc := json.NewEncoder(w)
	for i := range groups {
		for _, r := range groups[i].Runs {
			if endpoint != "" {
				r.Endpoints = only(&r, endpoint)
			}
			if err := enc.Encode(r); err != nil {
				return fmt.Errorf("write runs: %w", err)
			}
		}
	}
	return nil
}

func only(r *Run, endpoint string) []Endpoint {
	if e := r.Endpoint(endpoint); e != nil {
		return []Endpoint{*e}
	}
	return []Endpoint{}
}

// otavaTime is a form of time that Otava parses.
const otavaTime = "2006-01-02 15:04:05 -0700"

// writeOtava writes the group that was measured last: runs of another kind are
// not comparable, and Otava would find changes between them. Otava takes no
// empty cell, so a run that lacks an endpoint is left out.
func writeOtava(w io.Writer, groups []Group, endpoint string) error {
	g := &groups[len(groups)-1]
	names := columns(g, endpoint)
	last := map[string]*Run{}
	for _, name := range names {
		last[name] = g.lastOf(name)
	}
	t := csv.NewWriter(w)
	rows := [][]string{append([]string{"time", "commit", "run"}, names...)}
	for i := range g.Runs {
		if values := cells(&g.Runs[i], names, last); values != nil {
			r := &g.Runs[i]
			rows = append(rows, append([]string{r.at().UTC().Format(otavaTime), r.Commit, r.ID}, values...))
		}
	}
	if len(rows) == 1 {
		return ErrNothing
	}
	if err := t.WriteAll(rows); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

func columns(g *Group, endpoint string) []string {
	if endpoint != "" {
		return []string{endpoint}
	}
	return g.EndpointNames()
}

// cells are the run's leak rates, nil when it lacks one of the last runs' endpoints.
func cells(r *Run, names []string, last map[string]*Run) []string {
	var out []string
	for _, name := range names {
		e := r.Endpoint(name)
		if e == nil || !e.Measured() || Apart(last[name], r, name) != "" {
			return nil
		}
		out = append(out, strconv.FormatFloat(float64(e.Fit.Mean), 'f', 3, 64))
	}
	return out
}

// benchmark is one figure of github-action-benchmark, which compares its value
// with that of the commit before as a ratio.
type benchmark struct {
	Name  string               `json:"name"`
	Unit  string               `json:"unit"`
	Value unit.BytesPerRequest `json:"value"`
	Range string               `json:"range"`
	Extra string               `json:"extra"`
}

// writeBenchmark writes the run that was started last.
func writeBenchmark(w io.Writer, groups []Group, endpoint string) error {
	r := latest(groups)
	out := []benchmark{}
	for i := range r.Endpoints {
		e := &r.Endpoints[i]
		if !e.Measured() || endpoint != "" && e.Name != endpoint {
			continue
		}
		out = append(out, benchmark{
			Name: r.Scenario + "/" + e.Name, Unit: "B/request", Value: e.Fit.Mean,
			Range: "± " + number(float64(e.Retained.High-e.Retained.Low)/2),
			Extra: fmt.Sprintf("%s, budget %s MB/h, run %s, %s", e.Outcome, number(float64(e.Budget)), r.ID, r.Kind()),
		})
	}
	if len(out) == 0 {
		return ErrNothing
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		return fmt.Errorf("write benchmarks: %w", err)
	}
	return nil
}

func latest(groups []Group) *Run {
	var last *Run
	var at time.Time
	for i := range groups {
		for k := range groups[i].Runs {
			if r := &groups[i].Runs[k]; last == nil || r.StartedAt.After(at) {
				last, at = r, r.StartedAt
			}
		}
	}
	return last
}
