package main

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/tools/accuracy/rules"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// leakSizes are in bytes per request; 0 is a healthy run.
func leakSizes() []float64 { return []float64{0, 10, 20, 50, 200, 1000} }

// opinions are what was said of one run: by us, and by each of the other rules.
type opinions struct {
	ours    verdict.Outcome
	others  []bool // in the order of rules.All: called a leak
	seconds float64
}

// opinionsOn asks the other rules about the run that ours was given on: they have
// no rule of their own for when to stop.
func opinionsOn(rec *recording.Recording, ours verdict.Outcome) opinions {
	o := opinions{ours: ours}
	s := seriesOf(rec)
	for _, r := range rules.All() {
		o.others = append(o.others, r.Leaks(s))
	}
	if n := len(rec.Observations); n > 0 {
		o.seconds = rec.Observations[n-1].Sample.At.Seconds()
	}
	return o
}

// seriesOf is the recording as other tools would have it: the heap after
// warm-up, and then after each block of load.
func seriesOf(rec *recording.Recording) rules.Series {
	var s rules.Series
	sent := 0.0
	for i := range rec.Observations {
		o := &rec.Observations[i]
		sent += float64(o.Block.Load.Requests)
		p := rules.Point{Requests: sent, At: o.Sample.At, Heap: float64(o.Sample.Heap.Used + o.Sample.Memory.External)}
		switch {
		case o.Block.Phase == recording.WarmUp:
			s = rules.Series{p}
		case o.Block.Phase == recording.Measure && o.Block.Endpoint != recording.Idle:
			s = append(s, p)
		}
	}
	return s
}

// group is runs that are counted together.
type group struct {
	name string
	all  []opinions
}

// writeCompared prints how often each rule calls the runs of each group a leak.
func writeCompared(b *strings.Builder, groups []group) {
	b.WriteString("| rule |")
	for _, g := range groups {
		fmt.Fprintf(b, " %s |", g.name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(groups)) + "\n")
	row(b, "leakcheck: leak", groups, func(o *opinions) bool { return o.ours == verdict.Leak })
	row(b, "leakcheck: inconclusive", groups, func(o *opinions) bool { return o.ours == verdict.Inconclusive })
	b.WriteString("| leakcheck: median seconds |")
	for _, g := range groups {
		fmt.Fprintf(b, " %s |", g.seconds())
	}
	b.WriteString("\n")
	for i, r := range rules.All() {
		row(b, fmt.Sprintf("%s: %s", r.Name, r.Says), groups, func(o *opinions) bool { return o.others[i] })
	}
}

func row(b *strings.Builder, name string, groups []group, is func(*opinions) bool) {
	fmt.Fprintf(b, "| %s |", name)
	for _, g := range groups {
		fmt.Fprintf(b, " %s |", g.share(is))
	}
	b.WriteString("\n")
}

func (g group) share(is func(*opinions) bool) string {
	if len(g.all) == 0 {
		return "–"
	}
	n := 0
	for i := range g.all {
		n += count(is(&g.all[i]))
	}
	return fmt.Sprintf("%.3g %%", 100*float64(n)/float64(len(g.all)))
}

func (g group) seconds() string {
	var all []float64
	for i := range g.all {
		all = append(all, g.all[i].seconds)
	}
	if len(all) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f", median(all))
}

// compareSimulated judges runs of each cell with each size of an even leak, by
// all rules, and prints them by size and the healthy ones by kind of noise.
func compareSimulated(ctx context.Context, b *strings.Builder, all []cell, runs, parallel int) error {
	sizes := make([]group, len(leakSizes()))
	healthy := make([]group, len(all))
	for i, c := range all {
		healthy[i].name = c.String()
		for k, size := range leakSizes() {
			said, err := c.opinions(ctx, size, runs, parallel)
			if err != nil {
				return err
			}
			sizes[k].name = fmt.Sprintf("%g B/request", size)
			sizes[k].all = append(sizes[k].all, said...)
			if size == 0 {
				healthy[i].all = said
			}
		}
	}
	sizes[0].name = "healthy"
	b.WriteString("Called a leak, by size of an even leak in one endpoint, all kinds of noise together:\n\n")
	writeCompared(b, sizes)
	b.WriteString("\nFalse alarms by kind of noise:\n\n")
	writeCompared(b, healthy)
	return nil
}

func (c cell) opinions(ctx context.Context, size float64, runs, parallel int) ([]opinions, error) {
	out := make([]opinions, runs)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for seed := range runs {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			j, err := c.judge(uint64(seed), even, size)
			if err == nil {
				out[seed] = j.opinions
			}
			return err
		})
	}
	return out, group.Wait()
}

func even(endpoint int, perRequest float64) simulate.Memory {
	return &simulate.Linear{Endpoint: endpoint, PerRequest: perRequest}
}
