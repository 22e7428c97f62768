package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"
)

// writeSummary prints rates for each Node, and for all.
func writeSummary(b *strings.Builder, results []Result) {
	byNode := map[int][]Result{}
	for _, r := range results {
		byNode[r.Node] = append(byNode[r.Node], r)
	}
	b.WriteString("| node | leaks found | of healthy apps called leaks | inconclusive | failed | median seconds | median load share | suspects right | their lines right |\n")
	b.WriteString("|---|---|---|---:|---:|---:|---:|---|---|\n")
	for _, node := range slices.Sorted(maps.Keys(byNode)) {
		tallyOf(byNode[node]).write(b, fmt.Sprint(node))
	}
	if len(byNode) > 1 {
		tallyOf(results).write(b, "all")
	}
	b.WriteString("\nFound: the leaking endpoint named, and no other. Suspects: the first one of a leak, its pattern and line. Intervals: 95 %, Clopper-Pearson.\n")
}

// tally counts a group of runs.
type tally struct {
	leaky, found        int
	healthy, accused    int
	undecided, failed   int
	seconds, loadShares []float64
	named               int // whose case says where it leaks
	suspects, lines     int // right ones
}

func tallyOf(results []Result) *tally {
	t := &tally{}
	for i := range results {
		t.add(&results[i])
	}
	return t
}

func (t *tally) add(r *Result) {
	switch r.Grade {
	case Undecided:
		t.undecided++
	case Failed:
		t.failed++
	}
	switch {
	case r.Expected != "":
		t.leaky++
		t.found += count(r.Grade == Right)
	case r.Grade != Failed: // which could not have been called a leak
		t.healthy++
		t.accused += count(r.Grade == FalseAlarm)
	}
	if r.Grade == Failed {
		return // a run that broke off says nothing of how long one takes
	}
	t.seconds = append(t.seconds, r.Seconds)
	if n := r.Named; n != nil && n.WantLine != "" {
		t.named++
		t.suspects += count(n.right())
		t.lines += count(n.rightLine())
	}
	if r.LoadShare != nil {
		t.loadShares = append(t.loadShares, *r.LoadShare)
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func (t *tally) write(b *strings.Builder, name string) {
	seconds, share := "–", "–"
	if len(t.seconds) > 0 {
		seconds = fmt.Sprintf("%.0f", median(t.seconds))
	}
	if len(t.loadShares) > 0 {
		share = fmt.Sprintf("%.0f %%", 100*median(t.loadShares))
	}
	fmt.Fprintf(b, "| %s | %s | %s | %d | %d | %s | %s | %s | %s |\n", name,
		rate(t.found, t.leaky), rate(t.accused, t.healthy), t.undecided, t.failed, seconds, share,
		rate(t.suspects, t.named), rate(t.lines, t.named))
}

func rate(k, n int) string {
	if n == 0 {
		return "–"
	}
	lo, hi := clopperPearson(k, n, 0.95)
	return fmt.Sprintf("%d/%d = %.3g %% [%.3g, %.3g]", k, n, 100*float64(k)/float64(n), 100*lo, 100*hi)
}

// clopperPearson is the exact interval of a rate of k out of n (Clopper and
// Pearson 1934, by quantiles of the beta distribution).
func clopperPearson(k, n int, confidence float64) (lo, hi float64) {
	tail := (1 - confidence) / 2
	lo, hi = 0, 1
	if k > 0 {
		lo = distuv.Beta{Alpha: float64(k), Beta: float64(n - k + 1)}.Quantile(tail)
	}
	if k < n {
		hi = distuv.Beta{Alpha: float64(k + 1), Beta: float64(n - k)}.Quantile(1 - tail)
	}
	return lo, hi
}

// median needs one value at least.
func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	mid := len(s) / 2
	if len(s)%2 == 1 {
		return s[mid]
	}
	return (s[mid-1] + s[mid]) / 2
}
