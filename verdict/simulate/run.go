// Package simulate makes recordings of made-up apps whose leaks are known, so
// that the error rates of a verdict can be measured on thousands of runs.
package simulate

import (
	"math/rand/v2"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Rate is the production rate of every simulated endpoint, in requests per
// second: 27.8 bytes/request are 1 MB/h.
const Rate = 10

const (
	perRequest  = 170 * time.Microsecond // under load
	settleTime  = 430 * time.Millisecond
	drainTime   = 5 * time.Second
	idleTime    = 200 * time.Millisecond
	baseHeap    = 5e6
	firstRounds = 6 // rounds beyond have longer blocks, as in a real run
	longest     = 4
)

// Memory is a made-up app, or a part of one. It is told of each stretch of
// load on an endpoint (or of idleness: recording.Idle and 0 requests), and says
// how many bytes a settled heap then holds.
type Memory interface {
	After(endpoint, requests int, elapsed time.Duration) float64
}

// Run says what to simulate: probes, warm-up and rounds as the harness does them.
type Run struct {
	Seed      uint64
	Endpoints int // named "a", "b", ...
	Rounds    int
	PerBlock  int     // requests, varied by a quarter
	Noise     float64 // standard deviation of a settled sample, bytes
	Budget    unit.MBPerHour
	Apps      []Memory // with the state of a fresh process
	DrainFrom int      // round from which samples wait for what goes with time, 0: none
}

// recorder is a run in progress.
type recorder struct {
	Run
	rng *rand.Rand
	now time.Duration
	rec *recording.Recording
}

// Record simulates the run. Equal runs with fresh Apps give equal recordings.
func (r Run) Record() *recording.Recording {
	s := &recorder{Run: r, rng: rand.New(rand.NewPCG(r.Seed, 1)), rec: r.header()}
	s.observe(recording.Block{Phase: recording.WarmUp, Endpoint: recording.Idle}, 0)
	for e := range r.Endpoints {
		for n := 10; n < 5000; n *= 4 {
			s.load(recording.WarmUp, 0, e, n)
		}
	}
	for round := 1; round <= 2; round++ {
		s.round(recording.WarmUp, round, r.PerBlock/2)
	}
	for round := range r.Rounds {
		s.round(recording.Measure, round, r.PerBlock*min(longest, 1+round/firstRounds))
	}
	s.rec.End = &recording.End{At: s.now}
	return s.rec
}

func (r Run) header() *recording.Recording {
	h := recording.Header{
		Schema: recording.Schema, RunID: "simulated", Tool: "simulate", Confidence: 0.99, Seed: r.Seed,
		StartedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Scenario:  recording.Scenario{Name: "simulated"},
	}
	for i := range r.Endpoints {
		h.Endpoints = append(h.Endpoints, recording.Endpoint{
			Name: string(rune('a' + i)), Request: "GET /", Rate: Rate, Budget: r.Budget,
		})
	}
	return &recording.Recording{Header: h}
}

func (s *recorder) round(phase recording.Phase, round, requests int) {
	kinds := s.Endpoints
	if phase == recording.Measure {
		kinds++ // one idle block
	}
	for _, e := range s.rng.Perm(kinds) {
		if e == s.Endpoints {
			s.observe(recording.Block{Phase: phase, Round: round, Endpoint: recording.Idle}, idleTime)
			continue
		}
		s.load(phase, round, e, int(float64(requests)*(0.75+0.5*s.rng.Float64())))
	}
}

func (s *recorder) load(phase recording.Phase, round, endpoint, n int) {
	s.observe(recording.Block{
		Phase: phase, Round: round, Endpoint: endpoint,
		Load: recording.Load{Requests: n, Landed: n},
	}, time.Duration(n)*perRequest)
}

// observe lets the apps live through the block and the settling, and samples.
func (s *recorder) observe(b recording.Block, d time.Duration) {
	drained := b.Phase == recording.Measure && s.DrainFrom > 0 && b.Round >= s.DrainFrom
	settle := settleTime
	if drained {
		settle += drainTime
	}
	level := baseHeap + s.Noise*s.rng.NormFloat64()
	for _, a := range s.Apps {
		a.After(b.Endpoint, b.Load.Requests, d)
		level += a.After(recording.Idle, 0, settle)
	}
	b.Start, b.Elapsed = s.now, d
	s.now += d + settle
	s.rec.Observations = append(s.rec.Observations, recording.Observation{Block: b, Sample: recording.Sample{
		At: s.now, Settled: true, Quiet: true, Drained: drained, Took: settle,
		Heap:  recording.Heap{Used: unit.Bytes(level), Total: unit.Bytes(level) + 1e6, Limit: 4e9},
		Procs: []recording.Process{{PID: 1, Name: "node"}},
	}})
}
