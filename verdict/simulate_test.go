package verdict

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// memory is a made-up app: it is told of each stretch of load (or idleness,
// requests 0) and says how many bytes a settled heap then holds.
type memory interface {
	after(endpoint, requests int, elapsed time.Duration) float64
}

// simulation makes recordings as the harness does: probes, warm-up rounds,
// then rounds in random order.
type simulation struct {
	seed      uint64
	endpoints int
	rounds    int
	perBlock  int     // requests
	noise     float64 // standard deviation of a settled sample, bytes
	budget    unit.MBPerHour
	apps      []memory
	rng       *rand.Rand
	drainFrom int // round from which samples wait for 5 s more, 0: never
	now       time.Duration
}

const simulatedRate = 10 // requests per second: 27.8 B/request are 1 MB/h

func (s *simulation) record() *recording.Recording {
	s.rng = rand.New(rand.NewPCG(s.seed, 1))
	rec := &recording.Recording{Header: recording.Header{
		Schema: recording.Schema, RunID: "simulated", Tool: "test", Confidence: 0.99, Seed: s.seed,
		StartedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Scenario:  recording.Scenario{Name: "simulated"},
	}}
	for i := range s.endpoints {
		rec.Header.Endpoints = append(rec.Header.Endpoints, recording.Endpoint{
			Name: string(rune('a' + i)), Request: "GET /", Rate: simulatedRate, Budget: s.budget,
		})
	}
	s.observe(rec, recording.WarmUp, 0, recording.Idle, 0, 0)
	for e := range s.endpoints {
		for n := 10; n < 5000; n *= 4 {
			s.observe(rec, recording.WarmUp, 0, e, n, time.Duration(n)*170*time.Microsecond)
		}
	}
	for round := 1; round <= 2; round++ {
		s.round(rec, recording.WarmUp, round, s.perBlock/2)
	}
	for round := range s.rounds {
		s.round(rec, recording.Measure, round, s.perBlock*min(4, 1+round/minLook))
	}
	return rec
}

func (s *simulation) round(rec *recording.Recording, phase recording.Phase, round, requests int) {
	kinds := s.endpoints
	if phase == recording.Measure {
		kinds++ // one idle block
	}
	for _, e := range s.rng.Perm(kinds) {
		if e == s.endpoints {
			s.observe(rec, phase, round, recording.Idle, 0, 200*time.Millisecond)
			continue
		}
		n := int(float64(requests) * (0.75 + 0.5*s.rng.Float64()))
		s.observe(rec, phase, round, e, n, time.Duration(n)*170*time.Microsecond)
	}
}

func (s *simulation) observe(rec *recording.Recording, phase recording.Phase, round, e, n int, d time.Duration) {
	drained := phase == recording.Measure && s.drainFrom > 0 && round >= s.drainFrom
	settle := 430 * time.Millisecond
	if drained {
		settle += 5 * time.Second
	}
	level := 5e6 + s.noise*s.rng.NormFloat64()
	for _, a := range s.apps {
		a.after(e, n, d)
		level += a.after(recording.Idle, 0, settle)
	}
	o := recording.Observation{Block: recording.Block{
		Phase: phase, Round: round, Endpoint: e, Start: s.now, Elapsed: d,
		Load: recording.Load{Requests: n, Landed: n},
	}}
	s.now += d + settle
	o.Sample = recording.Sample{
		At: s.now, Settled: true, Quiet: true, Drained: drained, Took: settle,
		Heap:  recording.Heap{Used: unit.Bytes(level), Total: unit.Bytes(level) + 1e6, Limit: 4e9},
		Procs: []recording.Process{{PID: 1, Name: "node"}},
	}
	rec.Observations = append(rec.Observations, o)
}

// linear leaks rate bytes per request of one endpoint.
type linear struct {
	endpoint int
	rate     float64
	held     float64
}

func (l *linear) after(e, n int, _ time.Duration) float64 {
	if e == l.endpoint {
		l.held += l.rate * float64(n)
	}
	return l.held
}

// table leaks into one that grows by factor whenever it is full.
type table struct {
	endpoint        int
	entry, factor   float64
	used, allocated float64
}

func (t *table) after(e, n int, _ time.Duration) float64 {
	if e == t.endpoint {
		t.used += float64(n)
	}
	t.allocated = max(t.allocated, 16)
	for t.allocated < t.used {
		t.allocated = math.Ceil(t.allocated * t.factor)
	}
	return t.allocated * t.entry
}

// bounded is a cache that fills to some entries.
type bounded struct {
	endpoint         int
	entry, most, has float64
}

func (b *bounded) after(e, n int, _ time.Duration) float64 {
	if e == b.endpoint {
		b.has = min(b.most, b.has+float64(n))
	}
	return b.has * b.entry
}

// sawtooth is a cache that is cleared whenever it has so many entries.
type sawtooth struct {
	endpoint     int
	entry        float64
	period, seen int
}

func (s *sawtooth) after(e, n int, _ time.Duration) float64 {
	if e == s.endpoint {
		s.seen += n
	}
	return float64(s.seen%s.period) * s.entry
}

// sessions expire by the clock.
type sessions struct {
	endpoint int
	entry    float64
	ttl      time.Duration
	now      time.Duration
	arrived  []arrival
}

type arrival struct {
	from, to time.Duration
	n        float64
}

func (s *sessions) after(e, n int, d time.Duration) float64 {
	if e == s.endpoint && n > 0 {
		s.arrived = append(s.arrived, arrival{s.now, s.now + d, float64(n)})
	}
	s.now += d
	alive := 0.0
	for _, a := range s.arrived {
		from := max(a.from, s.now-s.ttl)
		if from < a.to {
			alive += a.n * float64(a.to-from) / float64(a.to-a.from)
		}
	}
	return alive * s.entry
}

// fading is a healthy process that still warms up: rate/n bytes for request n.
type fading struct {
	scale float64
	n     float64
}

func (f *fading) after(_, n int, _ time.Duration) float64 {
	f.n += float64(n)
	return f.scale * math.Log1p(f.n/1000)
}

// late starts to leak after so many requests.
type late struct {
	endpoint, onset int
	rate            float64
	seen            int
}

func (l *late) after(e, n int, _ time.Duration) float64 {
	if e == l.endpoint {
		l.seen += n
	}
	return l.rate * float64(max(0, l.seen-l.onset))
}

func mustJudge(t testing.TB, rec *recording.Recording) *Verdict {
	t.Helper()
	v, err := Judge(rec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// wander is real movement in either direction, at random, with each block.
type wander struct {
	rng    *rand.Rand
	sd, at float64
}

func newWander(seed uint64, sd float64) *wander {
	return &wander{rng: rand.New(rand.NewPCG(seed, 2)), sd: sd}
}

func (w *wander) after(_, n int, _ time.Duration) float64 {
	if n > 0 {
		w.at += w.sd * w.rng.NormFloat64()
	}
	return w.at
}
