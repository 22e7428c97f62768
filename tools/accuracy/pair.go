package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/leakcheck/leakcheck/scenarios/catalog"
)

// pairing is a way in which cases are run twice.
type pairing struct {
	plain, other string // what the runs are called
	// counterpart is the key of the plain run, and whether this is the other one.
	counterpart func(key) (plain key, isOther bool)
}

var (
	containers = pairing{"process", "container", func(k key) (key, bool) {
		is := k.Container
		k.Container = false
		return k, is
	}}
	modes = pairing{"separate", "mixed", func(k key) (key, bool) {
		is := k.Mixed
		k.Mixed = false
		return k, is
	}}
)

// pair is one case in both ways, of the same Node and seed.
type pair struct{ plain, other *Result }

// pairUp joins the results that have a counterpart, in their order.
func (t pairing) pairUp(results []Result) []pair {
	plain := map[key]*Result{}
	for i := range results {
		if _, other := t.counterpart(results[i].key); !other {
			plain[results[i].key] = &results[i]
		}
	}
	var pairs []pair
	for i := range results {
		k, other := t.counterpart(results[i].key)
		if p := plain[k]; other && p != nil {
			pairs = append(pairs, pair{p, &results[i]})
		}
	}
	return pairs
}

// alike reports whether both found the same, which is right.
func (p pair) alike() bool {
	return p.plain.Grade == Right && p.other.Grade == Right
}

// agree reports whether the intervals of each endpoint's leak rate overlap; known
// that there are some to compare.
func (p pair) agree() (overlap, known bool) {
	overlap = true
	for _, e := range p.plain.Endpoints {
		other := endpointNamed(p.other.Endpoints, e.Name)
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

// allAlike reports whether every pair found the same, with leak rates that agree.
func allAlike(pairs []pair) bool {
	for _, p := range pairs {
		if overlap, _ := p.agree(); !overlap || !p.alike() {
			return false
		}
	}
	return len(pairs) > 0
}

// write prints the pairs beside each other as Markdown.
func (t pairing) write(w io.Writer, pairs []pair) error {
	var b strings.Builder
	fmt.Fprintf(&b, "| case | variant | node | seed | %s | B/request [interval] | %s | B/request [interval] | rates agree |\n", t.plain, t.other)
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
	name := suspect(p.plain)
	fmt.Fprintf(b, "| %s | %s | %s | %d | %s | %s | %s | %s | %s |\n", p.plain.Case, p.plain.Variant, p.other.NodeFull, p.plain.Seed,
		got(p.plain), p.plain.rate(name), got(p.other), p.other.rate(name), verdict)
}

// suspect is the endpoint to show: the leaking one of the leaky twin.
func suspect(r *Result) string {
	for _, c := range allCases() {
		if c.Name == r.Case && c.Variant == catalog.Leaky && c.Leaking != catalog.Background && c.Leaking != catalog.Interaction {
			return c.Leaking
		}
	}
	return r.Endpoint
}

// rate prints an endpoint's leak rate.
func (r *Result) rate(name string) string {
	e := endpointNamed(r.Endpoints, name)
	return estimate(e.BytesPerRequest, e.Interval)
}
