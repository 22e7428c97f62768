package simulate

import (
	"math/rand/v2"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// Turn says what the next round of a screening run measures.
type Turn struct {
	Alone       []int // endpoints in blocks of their own
	Others      bool  // all others in a mixed block
	Interaction bool  // whether those that stand alone leak with others
	Locate      bool  // where the growth of the others comes from is looked for first
}

// Screening simulates a run of many endpoints, which are bounded by mixed blocks, as the harness
// steers it by what a verdict says. Run says what the app is; its Mode is not used.
type Screening struct {
	Run
	Decide func(*recording.Recording) (next Turn, done bool)
	// Locate says what the next block loads, or which endpoints were found, and whether as a pair.
	Locate func(*recording.Recording) (load, found []int, pair bool)
}

const (
	// interactionLength is that of a mixed block which checks for interactions, over others.
	interactionLength = 0.5
	warmBlocks        = 4
	// screenBlocks is how many mixed blocks of all are in a round.
	screenBlocks = 5
)

// Record simulates the run, of at most so many rounds as it says, and returns with it what was found.
func (c Screening) Record() (rec *recording.Recording, alone []int) {
	s := &recorder{Run: c.Run, rng: rand.New(rand.NewPCG(c.Seed, 1)), rec: c.header()}
	s.rec.Header.Screened = true
	s.observe(recording.Block{Phase: recording.WarmUp, Endpoint: recording.Idle}, 0)
	everyone := s.others(nil)
	for n := 10; n < c.PerBlock/4; n *= 6 {
		s.mixOf(recording.WarmUp, 0, everyone, n)
	}
	for round := 1; round <= warmBlocks; round++ {
		s.mixOf(recording.WarmUp, round, everyone, c.PerBlock/2)
	}
	turn, pair, done := Turn{Others: true}, []int(nil), false
	for round := 0; round < c.Rounds && !done; round++ {
		s.screenRound(round, turn, alone, pair)
		if turn, done = c.Decide(s.rec); !turn.Locate {
			continue
		}
		found, together := s.locate(c, round)
		if alone = append(alone, found...); together {
			pair = found
		}
		turn = Turn{Alone: alone, Others: true, Interaction: len(alone) > 0}
	}
	s.rec.End = &recording.End{At: s.now}
	return s.rec, alone
}

func (s *recorder) screenRound(round int, turn Turn, alone, pair []int) {
	n := s.PerBlock
	s.observe(recording.Block{Phase: recording.Measure, Round: round, Endpoint: recording.Idle}, idleTime)
	for _, e := range turn.Alone {
		s.load(recording.Measure, round, e, s.varied(n/2))
	}
	for range screenBlocks {
		if turn.Others {
			s.mixOf(recording.Measure, round, s.others(alone), s.varied(n))
		}
	}
	switch {
	case turn.Interaction && pair != nil:
		s.mixOf(recording.Measure, round, pair, s.varied(int(interactionLength*float64(n))))
	case turn.Interaction:
		s.mixOf(recording.Measure, round, s.others(nil), s.varied(int(interactionLength*float64(n))))
	}
}

// locate loads parts of the endpoints until it is known which of them leak.
func (s *recorder) locate(c Screening, round int) (found []int, pair bool) {
	for {
		load, found, pair := c.Locate(s.rec)
		if len(load) == 0 {
			return found, pair
		}
		s.mixOf(recording.Locate, round, load, s.varied(s.PerBlock/2))
	}
}

func (s *recorder) varied(n int) int { return int(float64(n) * (0.75 + 0.5*s.rng.Float64())) }

// others are all endpoints but some.
func (s *recorder) others(but []int) []int {
	out := make([]bool, s.Endpoints)
	for _, e := range but {
		out[e] = true
	}
	var all []int
	for e, left := range out {
		if !left {
			all = append(all, e)
		}
	}
	return all
}

// mixOf is a block of some endpoints, with equal shares.
func (s *recorder) mixOf(phase recording.Phase, round int, set []int, n int) {
	b := recording.Block{Phase: phase, Round: round, Endpoint: recording.Mixed, Parts: make([]recording.Load, s.Endpoints)}
	for _, e := range set {
		own := max(1, n/len(set))
		b.Parts[e] = recording.Load{Requests: own, Landed: own}
		b.Load.Requests += own
	}
	b.Load.Landed = b.Load.Requests
	s.observe(b, time.Duration(b.Load.Requests)*perRequest)
}
