// Package simulate makes recordings of simulated apps whose leaks are known, so
// that the error rates of a verdict can be measured on thousands of runs.
package simulate

import (
	"math/rand/v2"
	"strconv"
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
	drainTime   = 5 * time.Second  // after load
	drainIdle   = 12 * time.Second // after idleness
	aheadTime   = 300 * time.Millisecond
	idleTime    = 200 * time.Millisecond
	baseHeap    = 5e6
	baseNative  = 50e6 // resident memory outside the heap, which stays
	firstRounds = 6    // rounds beyond have longer blocks, as in a real run
	longest     = 4
)

// Memory is a simulated app, or a part of one. It is told of each stretch of
// load on an endpoint (or of idleness: recording.Idle and 0 requests), and says
// how many bytes a settled heap then holds.
type Memory interface {
	After(endpoint, requests int, elapsed time.Duration) float64
}

// Mode is how the endpoints take turns.
type Mode int

// The modes: one at a time (with one endpoint, the only one), the same with a
// mixed block in each round, and nothing but mixed blocks.
const (
	Separate Mode = iota
	WithMixed
	Mixed
)

// Run says what to simulate: probes, warm-up and rounds as the harness does them.
type Run struct {
	Seed         uint64
	Endpoints    int // named "a", "b", ...
	Rounds       int
	PerBlock     int     // requests, varied by a quarter
	Noise        float64 // standard deviation of a settled sample, bytes
	Budget       unit.MBPerHour
	Mode         Mode
	Apps         []Memory // with the state of a fresh process
	ReleasedFrom int      // round from which samples wait for what goes with time, 0: none
	// Ahead passes on the app's clocks before each sample of those, in no time. With
	// 0 its clocks are not ours to set, and samples wait.
	Ahead time.Duration
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
			Name: endpointName(i), Request: "GET /", Rate: Rate, Budget: r.Budget,
		})
	}
	return &recording.Recording{Header: h}
}

// endpointName is "a", "b", and so on, and then "a1".
func endpointName(i int) string {
	const letters = 26
	name := string(rune('a' + i%letters))
	if i < letters {
		return name
	}
	return name + strconv.Itoa(i/letters)
}

func (s *recorder) round(phase recording.Phase, round, requests int) {
	kinds := s.Endpoints
	if phase == recording.Measure {
		kinds++ // one idle block
	}
	if s.Mode == WithMixed {
		kinds++
	}
	for _, e := range s.rng.Perm(kinds) {
		switch n := func() int { return int(float64(requests) * (0.75 + 0.5*s.rng.Float64())) }; {
		case e == s.Endpoints && phase == recording.Measure:
			s.observe(recording.Block{Phase: phase, Round: round, Endpoint: recording.Idle}, idleTime)
		case e >= s.Endpoints:
			s.mix(phase, round, -1, n()/2) // as short as the harness makes it
		case s.Mode == Mixed && phase == recording.Measure:
			s.mix(phase, round, e, n())
		default:
			s.load(phase, round, e, n())
		}
	}
}

// mix is a block of all endpoints with equal shares, or with one that stands out.
func (s *recorder) mix(phase recording.Phase, round, foremost, n int) {
	const least, most = 0.5, 0.8
	part := least + (most-least)*s.rng.Float64()
	b := recording.Block{Phase: phase, Round: round, Endpoint: recording.Mixed}
	for e := range s.Endpoints {
		share := 1 / float64(s.Endpoints)
		if foremost >= 0 {
			share *= 1 - part
		}
		if e == foremost {
			share += part
		}
		own := int(share * float64(n))
		b.Parts = append(b.Parts, recording.Load{Requests: own, Landed: own})
		b.Load.Requests += own
	}
	b.Load.Landed = b.Load.Requests
	s.observe(b, time.Duration(b.Load.Requests)*perRequest)
}

func (s *recorder) load(phase recording.Phase, round, endpoint, n int) {
	s.observe(recording.Block{
		Phase: phase, Round: round, Endpoint: endpoint,
		Load: recording.Load{Requests: n, Landed: n},
	}, time.Duration(n)*perRequest)
}

// observe lets the apps live through the block and the settling, and samples.
func (s *recorder) observe(b recording.Block, d time.Duration) {
	released := b.Phase == recording.Measure && s.ReleasedFrom > 0 && b.Round >= s.ReleasedFrom
	settle, ahead := settleTime, time.Duration(0)
	switch {
	case released && s.Ahead > 0:
		settle, ahead = settle+aheadTime, s.Ahead
	case released && b.Endpoint == recording.Idle:
		settle += drainIdle
	case released:
		settle += drainTime
	}
	level := baseHeap + s.Noise*s.rng.NormFloat64()
	for _, a := range s.Apps {
		live(a, &b, d)
		a.After(recording.Idle, 0, ahead)
		level += a.After(recording.Idle, 0, settle)
	}
	b.Start, b.Elapsed = s.now, d
	s.now += d + settle
	s.rec.Observations = append(s.rec.Observations, recording.Observation{Block: b, Sample: recording.Sample{
		At: s.now, Settled: true, Disconnected: true, Waited: released, ClockAdvanced: ahead > 0, Took: settle,
		Heap:   recording.Heap{Used: unit.Bytes(level), Total: unit.Bytes(level) + 1e6, Limit: 4e9},
		Memory: recording.Memory{RSS: unit.Bytes(level) + 1e6 + baseNative},
		Procs:  []recording.Process{{PID: 1, Name: "node"}},
	}})
}

// mixer is a Memory that depends on how endpoints interleave.
type mixer interface {
	Mixed(requests []int, elapsed time.Duration)
}

// slices are the parts in which a mixed block is told to those that do not.
const slices = 20

// live has an app live through a block.
func live(a Memory, b *recording.Block, d time.Duration) {
	if b.Endpoint != recording.Mixed {
		a.After(b.Endpoint, b.Load.Requests, d)
		return
	}
	if m, ok := a.(mixer); ok {
		requests := make([]int, len(b.Parts))
		for e := range b.Parts {
			requests[e] = b.Parts[e].Requests
		}
		m.Mixed(requests, d)
		return
	}
	for k := range slices {
		for e := range b.Parts {
			n := b.Parts[e].Requests
			a.After(e, n*(k+1)/slices-n*k/slices, d/time.Duration(slices*len(b.Parts)))
		}
	}
}
