package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/leakcheck/leakcheck/scenarios/catalog"
)

// pair is one case as a process and in a container, of the same Node and seed.
type pair struct{ process, container *Result }

// pairUp joins the results that have a counterpart, in their order.
func pairUp(results []Result) []pair {
	processes := map[key]*Result{}
	for i := range results {
		if !results[i].Container {
			processes[results[i].key] = &results[i]
		}
	}
	var pairs []pair
	for i := range results {
		k := results[i].key
		if !k.Container {
			continue
		}
		k.Container = false
		if process := processes[k]; process != nil {
			pairs = append(pairs, pair{process, &results[i]})
		}
	}
	return pairs
}

// alike says that both found the same, which is right.
func (p pair) alike() bool {
	return p.process.Grade == Right && p.container.Grade == Right
}

// agree says that the intervals of each endpoint's leak rate overlap; known
// that there are some to compare.
func (p pair) agree() (overlap, known bool) {
	overlap = true
	for _, e := range p.process.Endpoints {
		other := endpointNamed(p.container.Endpoints, e.Name)
		if e.Interval == nil || other.Interval == nil {
			continue
		}
		known = true
		overlap = overlap && e.Interval[0] <= other.Interval[1] && other.Interval[0] <= e.Interval[1]
	}
	return overlap && known, known
}

func endpointNamed(all []endpoint, name string) endpoint {
	for _, e := range all {
		if e.Name == name {
			return e
		}
	}
	return endpoint{}
}

// allAlike says whether every pair found the same, with leak rates that agree.
func allAlike(pairs []pair) bool {
	for _, p := range pairs {
		if overlap, _ := p.agree(); !overlap || !p.alike() {
			return false
		}
	}
	return len(pairs) > 0
}

// writePairs prints the pairs beside each other as Markdown.
func writePairs(w io.Writer, pairs []pair) error {
	var b strings.Builder
	b.WriteString("| case | variant | node | seed | process | B/request [interval] | container | B/request [interval] | rates agree |\n")
	b.WriteString("|---|---|---|---:|---|---|---|---|---|\n")
	same, agreeing := 0, 0
	for _, p := range pairs {
		overlap, _ := p.agree()
		same += count(p.alike())
		agreeing += count(overlap)
		p.writeRow(&b)
	}
	fmt.Fprintf(&b, "\nRight in both: %d of %d. Leak rates of all endpoints within each other's intervals: %d of %d.\n", same, len(pairs), agreeing, len(pairs))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("print table: %w", err)
	}
	return nil
}

func (p pair) writeRow(b *strings.Builder) {
	verdict := "no"
	switch overlap, known := p.agree(); {
	case overlap:
		verdict = "yes"
	case !known:
		verdict = "–"
	}
	name := suspect(p.process)
	fmt.Fprintf(b, "| %s | %s | %s | %d | %s | %s | %s | %s | %s |\n", p.process.Case, p.process.Variant, p.container.NodeFull, p.process.Seed,
		got(p.process), p.process.rate(name), got(p.container), p.container.rate(name), verdict)
}

// suspect is the endpoint to show: the guilty one of the leaky twin.
func suspect(r *Result) string {
	for _, c := range allCases() {
		if c.Name == r.Case && c.Variant == catalog.Leaky && c.Guilty != catalog.Background && c.Guilty != catalog.Together {
			return c.Guilty
		}
	}
	return r.Endpoint
}

// rate prints an endpoint's leak rate.
func (r *Result) rate(name string) string {
	e := endpointNamed(r.Endpoints, name)
	return estimate(e.BytesPerRequest, e.Interval)
}
