package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

const (
	// simulatedBudget is 6.9 bytes/request at the simulated rate: tight enough
	// for drift and noise to matter.
	simulatedBudget = unit.MBPerHour(0.25)
	fewestRounds    = 6
	mostRounds      = 40 // where a run gives up, as max_duration makes it
	noiseOfSample   = 7e3
)

// kind is a way in which healthy memory moves.
type kind struct {
	name string
	apps func(seed uint64) []simulate.Memory
}

// kinds are the noises that a verdict must hold its error rates under. The
// guilty endpoint, where there is one, is the last: the noise is on the first.
func kinds() []kind {
	one := func(m func() simulate.Memory) func(uint64) []simulate.Memory {
		return func(uint64) []simulate.Memory { return []simulate.Memory{m()} }
	}
	return []kind{
		{"white noise", func(uint64) []simulate.Memory { return nil }},
		{"AR(1), 0.7", func(s uint64) []simulate.Memory { return []simulate.Memory{simulate.NewWander(s, 15e3, 0.7)} }},
		{"random walk", func(s uint64) []simulate.Memory { return []simulate.Memory{simulate.NewWander(s, 15e3, 1)} }},
		{"heavy tails", func(s uint64) []simulate.Memory {
			w := simulate.NewWander(s, 8e3, 1)
			w.Heavy = true
			return []simulate.Memory{w}
		}},
		{"warm-up that fades", one(func() simulate.Memory { return &simulate.Fading{Scale: 40e3} })},
		{"cache that fills", one(func() simulate.Memory { return &simulate.Bounded{Entry: 300, Most: 40000} })},
		{"sawtooth", one(func() simulate.Memory { return &simulate.Sawtooth{Entry: 200, Period: 1301} })},
		{"sessions of 2.5 s", one(func() simulate.Memory { return &simulate.Sessions{Entry: 400, TTL: 2500 * time.Millisecond} })},
	}
}

// leakOf is a way to leak, by bytes per request.
type leakOf struct {
	name string
	make func(endpoint int, perRequest float64) simulate.Memory
}

func leaks() []leakOf {
	return []leakOf{
		{"even leak", func(e int, b float64) simulate.Memory { return &simulate.Linear{Endpoint: e, PerRequest: b} }},
		{"array leak", func(e int, b float64) simulate.Memory { return &simulate.Table{Endpoint: e, Entry: b, Factor: 1.5} }},
		{"late leak", func(e int, b float64) simulate.Memory {
			return &simulate.Late{Endpoint: e, Onset: 20000, PerRequest: b}
		}},
	}
}

// writeSimulated judges made-up runs of each kind, healthy and leaking, and
// prints the error rates.
func writeSimulated(ctx context.Context, b *strings.Builder, runs int) error {
	b.WriteString("| noise | endpoints | false alarms | healthy, undecided |")
	for _, l := range leaks() {
		b.WriteString(" " + l.name + " missed | undecided |")
	}
	b.WriteString(" rounds, median |\n|---|---:|---|---:|" + strings.Repeat("---|---:|", len(leaks())) + "---:|\n")
	for _, k := range kinds() {
		for _, endpoints := range []int{1, 4} {
			if err := writeKind(ctx, b, k, endpoints, runs); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(b, "\n%d runs for each cell, budget %s at %s. Leaks are twice the detection limit of the healthy run above the budget."+
		" A run that is undecided after %d rounds counts as such. Intervals: 95 %%, Clopper-Pearson.\n",
		runs, simulatedBudget, unit.PerSecond(simulate.Rate), mostRounds)
	return nil
}

func writeKind(ctx context.Context, b *strings.Builder, k kind, endpoints, runs int) error {
	healthy := &simulatedTally{}
	leaking := make([]simulatedTally, len(leaks()))
	for seed := range uint64(runs) {
		if err := ctx.Err(); err != nil {
			return err
		}
		v, rounds, err := simulateRun(k, endpoints, seed, nil)
		if err != nil {
			return err
		}
		healthy.add(v, rounds)
		guilty := endpoints - 1
		limit := v.Endpoints[guilty].Budget + 2*v.Endpoints[guilty].DetectionLimit
		for i, l := range leaks() {
			leak := func() simulate.Memory { return l.make(guilty, float64(limit.PerRequest(simulate.Rate))) }
			v, rounds, err := simulateRun(k, endpoints, seed, leak)
			if err != nil {
				return err
			}
			leaking[i].add(v, rounds)
		}
	}
	fmt.Fprintf(b, "| %s | %d | %s | %d |", k.name, endpoints, rate(healthy.leak, runs), healthy.undecided)
	for _, t := range leaking {
		fmt.Fprintf(b, " %s | %d |", rate(t.pass, runs), t.undecided)
	}
	fmt.Fprintf(b, " %.0f |\n", median(healthy.rounds))
	return nil
}

type simulatedTally struct {
	leak, pass, undecided int
	rounds                []float64
}

func (t *simulatedTally) add(v *verdict.Verdict, rounds int) {
	switch v.Outcome {
	case verdict.Leak:
		t.leak++
	case verdict.Pass:
		t.pass++
	case verdict.Inconclusive, verdict.NotJudged:
		t.undecided++
	}
	t.rounds = append(t.rounds, float64(rounds))
}

// simulateRun extends a run round by round until it is decided, as the
// harness does.
func simulateRun(k kind, endpoints int, seed uint64, leak func() simulate.Memory) (*verdict.Verdict, int, error) {
	const requestsPerRound = 48000
	r := simulate.Run{
		Seed: seed, Endpoints: endpoints, Rounds: fewestRounds,
		PerBlock: requestsPerRound / (2 + endpoints), Noise: noiseOfSample, Budget: simulatedBudget,
	}
	for ; ; r.Rounds++ {
		r.Apps = k.apps(seed)
		if leak != nil {
			r.Apps = append(r.Apps, leak())
		}
		v, err := verdict.Judge(r.Record(), verdict.Options{Live: r.Rounds < mostRounds})
		if err != nil {
			return nil, 0, fmt.Errorf("judge simulated run %d of %s: %w", seed, k.name, err)
		}
		if undecided, _ := v.Undecided(); len(undecided) == 0 || r.Rounds == mostRounds {
			return v, r.Rounds, nil
		}
		if v.Transient && r.DrainFrom == 0 {
			r.DrainFrom = r.Rounds
		}
	}
}
