package main

import (
	"fmt"
	"time"

	"github.com/leakcheck/leakcheck/sampler"
	"github.com/leakcheck/leakcheck/sampler/recording"
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
	// grows: the healthy app does grow while it is measured, and would level off.
	grows bool
}

// kinds are the noises that a verdict must hold its error rates under. The
// leaking endpoint, where there is one, is the last: the noise is on the first.
func kinds() []kind {
	one := func(m func() simulate.Memory) func(uint64) []simulate.Memory {
		return func(uint64) []simulate.Memory { return []simulate.Memory{m()} }
	}
	return []kind{
		{name: "white noise", apps: func(uint64) []simulate.Memory { return nil }},
		{name: "AR(1), 0.7", apps: wander(15e3, 0.7, false)},
		{name: "random walk", apps: wander(15e3, 1, false)},
		{name: "heavy tails", apps: wander(8e3, 1, true)},
		{name: "warm-up that fades", grows: true, apps: one(func() simulate.Memory { return &simulate.Fading{Scale: 40e3} })},
		{name: "cache that fills", apps: one(func() simulate.Memory { return &simulate.Bounded{Entry: 300, Most: 40000} })},
		{name: "cache of 40,000 keys", grows: true, apps: one(func() simulate.Memory { return &simulate.Saturating{Entry: 300, Keys: 40000} })},
		{name: "cache of 200,000 keys", grows: true, apps: one(func() simulate.Memory { return &simulate.Saturating{Entry: 300, Keys: 200000} })},
		{name: "sawtooth", apps: one(func() simulate.Memory { return &simulate.Sawtooth{Entry: 200, Period: 1301} })},
		{name: "sessions of 2.5 s", apps: one(func() simulate.Memory { return &simulate.Sessions{Entry: 400, TTL: 2500 * time.Millisecond} })},
		{name: "sessions of 8 s", apps: one(func() simulate.Memory { return &simulate.Sessions{Entry: 400, TTL: 8 * time.Second} })},
		{name: "sessions of an hour", apps: one(func() simulate.Memory { return &simulate.Sessions{Entry: 400, TTL: time.Hour} })},
	}
}

func wander(sd, keep float64, heavy bool) func(uint64) []simulate.Memory {
	return func(seed uint64) []simulate.Memory {
		w := simulate.NewWander(seed, sd, keep)
		w.Heavy = heavy
		return []simulate.Memory{w}
	}
}

// leakOf is a way to leak, by bytes per request.
type leakOf struct {
	name string
	make func(endpoint int, perRequest float64) simulate.Memory
}

func leaks() []leakOf {
	return []leakOf{
		{"even", func(e int, b float64) simulate.Memory { return &simulate.Linear{Endpoint: e, PerRequest: b} }},
		{"array", func(e int, b float64) simulate.Memory { return &simulate.Table{Endpoint: e, Entry: b, Factor: 1.5} }},
		{"Map", func(e int, b float64) simulate.Memory { return &simulate.Table{Endpoint: e, Entry: b, Factor: 2} }},
		{"late", func(e int, b float64) simulate.Memory {
			return &simulate.Late{Endpoint: e, Onset: 20000, PerRequest: b}
		}},
	}
}

// run is a cell's run of a healthy app, before its first look.
func (c cell) run(seed uint64) simulate.Run {
	const requestsPerRound = 48000
	return simulate.Run{
		Seed: seed, Endpoints: c.endpoints, Rounds: fewestRounds, PerBlock: requestsPerRound / (2 + c.endpoints),
		Noise: noiseOfSample, Budget: simulatedBudget, Mode: c.mode, Apps: c.kind.apps(seed),
		Ahead: sampler.Ahead,
	}
}

// extend judges a run round by round until it is decided, and lets time pass on the
// app's clocks, as the harness does.
func (c cell) extend(seed uint64, leak func() simulate.Memory) (*verdict.Verdict, *recording.Recording, int, error) {
	probes, fewest := probes{}, fewestRounds
	for r := c.run(seed); ; r.Rounds++ {
		rec := c.record(r, seed, leak)
		v, err := verdict.Judge(rec, verdict.Options{Live: r.Rounds < mostRounds})
		if err != nil {
			return nil, nil, 0, fmt.Errorf("judge simulated run %d of %s: %w", seed, c.kind.name, err)
		}
		left := v.Undecided()
		switch {
		case r.ReleasedFrom == 0 && r.Rounds < mostRounds && probes.wants(v) && c.releases(r, seed, leak, rec, v):
			r.ReleasedFrom, fewest = r.Rounds, r.Rounds+fewestRounds
		case r.Rounds >= fewest && len(left.Endpoints) == 0 && !left.Interaction || r.Rounds == mostRounds:
			return v, rec, r.Rounds, nil
		}
	}
}

// record is the run of an app that was restarted.
func (c cell) record(r simulate.Run, seed uint64, leak func() simulate.Memory) *recording.Recording {
	r.Apps = c.kind.apps(seed)
	if leak != nil {
		r.Apps = append(r.Apps, leak())
	}
	return r.Record()
}

// probes are the reasons for which the clocks were advanced once, as in a real run.
type probes struct{ leak, undecided, releases bool }

func (p *probes) wants(v *verdict.Verdict) bool {
	leak, undecided, releases := v.SmallestLeak() > 0, len(v.Undecided().Endpoints) > 0, v.Releases
	wants := leak && !p.leak || undecided && !p.undecided || releases && !p.releases
	*p = probes{p.leak || leak, p.undecided || undecided, p.releases || releases}
	return wants
}

// releases reports whether a run that was judged sees enough released when the clocks are
// advanced after it: the same run, but for its last round.
func (c cell) releases(r simulate.Run, seed uint64, leak func() simulate.Memory, rec *recording.Recording, v *verdict.Verdict) bool {
	r.ReleasedFrom = r.Rounds - 1
	return v.ReleasedEnough(last(rec), last(c.record(r, seed, leak)), rec.WarmedUp())
}

func last(rec *recording.Recording) *recording.Sample {
	return &rec.Observations[len(rec.Observations)-1].Sample
}
