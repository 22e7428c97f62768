package simulate

import (
	"math"
	"math/rand/v2"
	"time"
)

// Bounded is a cache that fills to Most entries.
type Bounded struct {
	Endpoint    int
	Entry, Most float64 // bytes, entries
	has         float64
}

// After implements Memory.
func (b *Bounded) After(e, n int, _ time.Duration) float64 {
	if e == b.Endpoint {
		b.has = min(b.Most, b.has+float64(n))
	}
	return b.has * b.Entry
}

// Saturating is a cache of as many entries as there are Keys, each request's
// drawn at random: the fewer are missing, the slower it fills.
type Saturating struct {
	Endpoint    int
	Entry, Keys float64 // bytes, entries
	has         float64
}

// After implements Memory.
func (s *Saturating) After(e, n int, _ time.Duration) float64 {
	if e == s.Endpoint {
		s.has += (s.Keys - s.has) * -math.Expm1(-float64(n)/s.Keys)
	}
	return s.has * s.Entry
}

// Sawtooth is a cache that is cleared whenever it has Period entries.
type Sawtooth struct {
	Endpoint int
	Entry    float64 // bytes
	Period   int
	seen     int
}

// After implements Memory.
func (s *Sawtooth) After(e, n int, _ time.Duration) float64 {
	if e == s.Endpoint {
		s.seen += n
	}
	return float64(s.seen%s.Period) * s.Entry
}

// Sessions hold Entry bytes for each request until TTL has passed.
type Sessions struct {
	Endpoint int
	Entry    float64
	TTL      time.Duration
	now      time.Duration
	arrived  []arrival
}

type arrival struct {
	from, to time.Duration
	n        float64
}

// After implements Memory.
func (s *Sessions) After(e, n int, d time.Duration) float64 {
	if e == s.Endpoint && n > 0 {
		s.arrived = append(s.arrived, arrival{s.now, s.now + d, float64(n)})
	}
	s.now += d
	alive := 0.0
	for _, a := range s.arrived {
		if from := max(a.from, s.now-s.TTL); from < a.to {
			alive += a.n * float64(a.to-from) / float64(a.to-a.from)
		}
	}
	return alive * s.Entry
}

// Fading is a process that still warms up: growth per request falls as 1/n.
type Fading struct {
	Scale float64 // bytes for each e-fold of requests
	n     float64
}

// After implements Memory.
func (f *Fading) After(_, n int, _ time.Duration) float64 {
	f.n += float64(n)
	const from = 1000 // requests
	return f.Scale * math.Log1p(f.n/from)
}

// Wander moves by a random amount with each block, and keeps Keep of where it
// was: 1 is a random walk, less is first-order autoregression. Heavy draws from
// a distribution with tails so long that it has no variance.
type Wander struct {
	SD, Keep float64
	Heavy    bool
	rng      *rand.Rand
	at       float64
}

// NewWander seeds a Wander.
func NewWander(seed uint64, sd, keep float64) *Wander {
	return &Wander{SD: sd, Keep: keep, rng: rand.New(rand.NewPCG(seed, 2))}
}

// Mixed moves once: by blocks, not by requests.
func (w *Wander) Mixed(_ []int, elapsed time.Duration) { w.After(0, 1, elapsed) }

// After implements Memory.
func (w *Wander) After(_, n int, _ time.Duration) float64 {
	if n > 0 {
		x := w.rng.NormFloat64()
		if w.Heavy {
			x /= math.Sqrt(w.rng.ExpFloat64()) // Student's t with 2 degrees of freedom
		}
		w.at = w.Keep*w.at + w.SD*x
	}
	return w.at
}
