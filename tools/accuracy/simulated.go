package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// timesLimit is how far beyond the budget the leaks of a campaign are, in
// detection limits of the healthy run.
const timesLimit = 2

// comparedShare is the part of the runs on which all rules are compared, which
// differ by more than small numbers hide.
const comparedShare = 5

// cell is one kind of noise with so many endpoints, of which the last may leak,
// and how they take turns.
type cell struct {
	kind      kind
	endpoints int
	mode      simulate.Mode
}

func (c cell) String() string {
	name := fmt.Sprintf("%s/%d", c.kind.name, c.endpoints)
	if c.mode == simulate.Mixed {
		name += "/mixed"
	}
	return name
}

// cells are all whose name matches: "sawtooth/4".
func cells(match *regexp.Regexp) []cell {
	var out []cell
	for _, k := range kinds() {
		out = append(out, cell{k, 1, simulate.Separate}, cell{k, 4, simulate.WithMixed}, cell{k, 4, simulate.Mixed})
	}
	return slices.DeleteFunc(out, func(c cell) bool { return !match.MatchString(c.String()) })
}

// load is how many endpoints there are, for a table.
func (c cell) load() string {
	if c.mode == simulate.Mixed {
		return fmt.Sprintf("%d, mixed", c.endpoints)
	}
	return fmt.Sprint(c.endpoints)
}

// budgets are what the error of a run is shared by.
func (c cell) budgets() int {
	if c.mode == simulate.WithMixed {
		return c.endpoints + 1
	}
	return c.endpoints
}

// judged is a simulated run and what was said of it.
type judged struct {
	verdict  *verdict.Verdict
	opinions opinions
	rounds   int
	truth    float64 // bytes/request of the last endpoint
}

// trial is one seed of a cell: healthy, and with each leak.
type trial struct {
	healthy judged
	leaking []judged
}

// simulateAll judges so many trials of each cell, in parallel. The result does
// not depend on how many run at a time.
func simulateAll(ctx context.Context, all []cell, runs, parallel int) ([][]trial, error) {
	out := make([][]trial, len(all))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, c := range all {
		out[i] = make([]trial, runs)
		for seed := range runs {
			group.Go(func() (err error) {
				if err = ctx.Err(); err == nil {
					out[i][seed], err = c.trial(uint64(seed))
				}
				return err
			})
		}
	}
	return out, group.Wait()
}

func (c cell) trial(seed uint64) (t trial, err error) {
	if t.healthy, err = c.judge(seed, nil, 0); err != nil {
		return t, err
	}
	e := t.healthy.verdict.Endpoints[c.endpoints-1]
	size := float64((e.Budget + timesLimit*e.MinDetectable).PerRequest(simulate.Rate))
	for _, l := range leaks() {
		leaking, err := c.judge(seed, l.make, size)
		if err != nil {
			return t, err
		}
		t.leaking = append(t.leaking, leaking)
	}
	return t, nil
}

func (c cell) judge(seed uint64, leak func(int, float64) simulate.Memory, size float64) (judged, error) {
	var add func() simulate.Memory
	if leak != nil {
		add = func() simulate.Memory { return leak(c.endpoints-1, size) }
	}
	v, rec, rounds, err := c.extend(seed, add)
	if err != nil {
		return judged{}, err
	}
	ours := v.Outcome
	if size > 0 { // and no healthy endpoint in its place
		ours = v.Endpoints[c.endpoints-1].Outcome
	}
	return judged{v, opinionsOn(rec, ours), rounds, size}, nil
}

// writeSimulated prints the error rates of simulated runs.
func writeSimulated(ctx context.Context, b *strings.Builder, o options) error {
	all, runs := cells(o.cases), o.simulated
	trials, err := simulateAll(ctx, all, runs, o.parallel)
	if err != nil {
		return err
	}
	b.WriteString("| noise | endpoints | false alarms | undecided | rounds | interval holds 0 |")
	for _, l := range leaks() {
		fmt.Fprintf(b, " %s: passed | undecided | rounds | holds |", l.name)
	}
	b.WriteString("\n|---|---:|---|---:|---:|---:|" + strings.Repeat("---:|---:|---:|---:|", len(leaks())) + "\n")
	for i, c := range all {
		writeCell(b, c, trials[i])
	}
	fmt.Fprintf(b, "\n%d runs for each cell, budget %s at %s. Leaks are %d detection limits of the healthy run above the budget."+
		" A run that is undecided after %d rounds counts as such. Intervals: 95 %%, Clopper-Pearson.\n",
		runs, simulatedBudget, unit.PerSecond(simulate.Rate), timesLimit, mostRounds)
	b.WriteString("\n")
	if err := writeCoverage(ctx, b, all, runs, o.parallel); err != nil {
		return err
	}
	b.WriteString("\n")
	return compareSimulated(ctx, b, all, max(1, runs/comparedShare), o.parallel)
}

func writeCell(b *strings.Builder, c cell, trials []trial) {
	healthy := &simulatedTally{}
	leaking := make([]simulatedTally, len(leaks()))
	for _, t := range trials {
		healthy.add(t.healthy)
		for i, l := range t.leaking {
			leaking[i].add(l)
		}
	}
	fmt.Fprintf(b, "| %s | %s | %s | %d | %.0f | %.1f %% |", c.kind.name, c.load(),
		rate(healthy.leak, len(trials)), healthy.undecided, median(healthy.rounds), healthy.coverage())
	for _, t := range leaking {
		fmt.Fprintf(b, " %d | %d | %.0f | %.1f %% |", t.pass, t.undecided, median(t.rounds), t.coverage())
	}
	b.WriteString("\n")
}

// simulatedTally counts outcomes of the runs, and intervals of the last endpoint.
type simulatedTally struct {
	leak, pass, undecided, held int
	rounds                      []float64
}

func (t *simulatedTally) add(j judged) {
	endpoints := j.verdict.Endpoints
	switch j.opinions.ours {
	case verdict.Leak:
		t.leak++
	case verdict.Pass:
		t.pass++
	case verdict.Inconclusive, verdict.NotJudged:
		t.undecided++
	}
	interval := endpoints[len(endpoints)-1].Retained
	t.held += count(float64(interval.Low) <= j.truth && j.truth <= float64(interval.High))
	t.rounds = append(t.rounds, float64(j.rounds))
}

// coverage is the share of intervals that hold the truth, in percent.
func (t *simulatedTally) coverage() float64 { return 100 * float64(t.held) / float64(len(t.rounds)) }
