package loadgen

import (
	"context"
	"slices"
	"sync"
)

// strideSlack is how far, as a part of its requests, one portion may be ahead of
// the one that is furthest behind.
const strideSlack = 0.02

// stride keeps the portions of a mixed block in step.
type stride struct {
	mu    sync.Mutex
	moved *sync.Cond
	size  []float64 // requests
	begun []float64 // part of them; 1 for a portion that is not waited for
}

func newStride(portions []Portion) *stride {
	s := &stride{size: make([]float64, len(portions)), begun: make([]float64, len(portions))}
	s.moved = sync.NewCond(&s.mu)
	for i, p := range portions {
		s.size[i] = float64(p.Requests)
		if p.Requests == 0 || p.Endpoint.openRate > 0 || p.Endpoint.driver != nil {
			s.begun[i] = 1 // it has a pace of its own
		}
	}
	return s
}

// gait is one portion's part in the stride.
type gait struct {
	*stride
	portion int
}

// of is nil for a portion that has a pace of its own.
func (s *stride) of(portion int) *gait {
	if s.begun[portion] == 1 {
		return nil
	}
	return &gait{s, portion}
}

// await returns when the portion, of which so many requests have begun, is not
// too far ahead of the others, or ctx has ended.
func (g *gait) await(ctx context.Context, begun uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	was := g.begun[g.portion]
	g.begun[g.portion] = float64(begun) / g.size[g.portion]
	if was < slices.Min(g.begun) {
		g.moved.Broadcast()
	}
	if !g.ahead() {
		return
	}
	defer context.AfterFunc(ctx, g.wake)()
	for g.ahead() && ctx.Err() == nil {
		g.moved.Wait()
	}
}

func (g *gait) ahead() bool {
	return g.begun[g.portion] > slices.Min(g.begun)+strideSlack
}

// leave lets the others go on without a portion.
func (s *stride) leave(portion int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun[portion] = 1
	s.moved.Broadcast()
}

// wake has those who wait look at their contexts again.
func (s *stride) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved.Broadcast()
}
