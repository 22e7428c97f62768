package main

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// covered is one question to the intervals: of how many rounds, at which
// confidence of the run.
type covered struct {
	rounds     int
	confidence float64
}

func coverages() []covered {
	return []covered{{fewestRounds, 0.99}, {fewestRounds, 0.9}, {2 * fewestRounds, 0.99}, {2 * fewestRounds, 0.6}}
}

// held counts intervals, and those that hold the truth.
type held struct{ held, of int }

func (h *held) add(o held) { h.held, h.of = h.held+o.held, h.of+o.of }

// writeCoverage prints how often the intervals of healthy runs hold the truth,
// beside how often they say that they do.
func writeCoverage(ctx context.Context, b *strings.Builder, all []cell, runs, parallel int) error {
	b.WriteString("| noise | endpoints |")
	for _, q := range coverages() {
		fmt.Fprintf(b, " %d rounds at %g |", q.rounds, q.confidence)
	}
	b.WriteString("\n|---|---:|" + strings.Repeat("---|", len(coverages())) + "\n")
	for _, c := range all {
		fmt.Fprintf(b, "| %s | %s |", c.kind.name, c.load())
		for _, q := range coverages() {
			h, err := c.coverage(ctx, q, runs, parallel)
			if err != nil {
				return err
			}
			fmt.Fprintf(b, " %.1f %% (%.1f %%) |", 100*float64(h.held)/float64(h.of), 100*verdict.Level(q.confidence, c.budgets(), q.rounds))
		}
		b.WriteString("\n")
	}
	return nil
}

func (c cell) coverage(ctx context.Context, q covered, runs, parallel int) (sum held, err error) {
	counts := make([]held, runs)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for seed := range runs {
		group.Go(func() (err error) {
			if err = ctx.Err(); err == nil {
				counts[seed], err = c.holds(q, uint64(seed))
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return held{}, err
	}
	for _, h := range counts {
		sum.add(h)
	}
	return sum, nil
}

// holds asks each endpoint's interval whether it holds the truth: none grows in
// the long run. A warm-up that fades still does while it is measured, as much
// as a twin without noise says.
func (c cell) holds(q covered, seed uint64) (held, error) {
	r, v, err := c.measure(q, seed)
	if err != nil {
		return held{}, err
	}
	truth := make([]float64, c.endpoints)
	if c.kind.grows {
		if truth, err = growth(c.quiet(r, seed)); err != nil {
			return held{}, err
		}
	}
	h := held{of: c.endpoints}
	for i, e := range v.Endpoints {
		h.held += count(float64(e.Retained.Low) <= truth[i] && truth[i] <= float64(e.Retained.High))
	}
	return h, nil
}

// measure judges a run of so many rounds. Where memory is seen to go away with
// time, so many more follow in which time passes before each sample, as a run does
// that: what it would not show yet claims nothing.
func (c cell) measure(q covered, seed uint64) (simulate.Run, *verdict.Verdict, error) {
	r := c.run(seed)
	for r.Rounds = q.rounds; ; r.Rounds += q.rounds {
		rec := c.record(r, seed, nil)
		v, err := verdict.Judge(rec, verdict.Options{Confidence: q.confidence})
		if err != nil {
			return r, nil, fmt.Errorf("judge simulated run %d of %s: %w", seed, c.kind.name, err)
		}
		if r.ReleasedFrom > 0 || !c.releases(r, seed, nil, rec, v) {
			return r, v, nil
		}
		r.ReleasedFrom = r.Rounds
	}
}

// quiet is the same run of the same app, measured without noise.
func (c cell) quiet(r simulate.Run, seed uint64) simulate.Run {
	r.Noise, r.Apps = 0, c.kind.apps(seed)
	return r
}

func growth(r simulate.Run) ([]float64, error) {
	v, err := verdict.Judge(r.Record(), verdict.Options{})
	if err != nil {
		return nil, fmt.Errorf("judge simulated run without noise: %w", err)
	}
	var out []float64
	for _, e := range v.Endpoints {
		out = append(out, float64(e.Retained.Value))
	}
	return out, nil
}
