package loadgen

import (
	"context"
	"slices"
	"sync"
)

// lockstepSlack is how far, as a part of its requests, one portion may be ahead of
// the one that is furthest behind.
const lockstepSlack = 0.02

// lockstep keeps the portions of a mixed block in step.
type lockstep struct {
	mu    sync.Mutex
	moved *sync.Cond
	size  []float64 // requests
	begun []float64 // part of them; 1 for a portion that is not waited for
}

func newLockstep(portions []Portion) *lockstep {
	s := &lockstep{size: make([]float64, len(portions)), begun: make([]float64, len(portions))}
	s.moved = sync.NewCond(&s.mu)
	for i, p := range portions {
		s.size[i] = float64(p.Requests)
		if p.Requests == 0 || p.Endpoint.openRate > 0 || p.Endpoint.driver != nil {
			s.begun[i] = 1 // it has a pace of its own
		}
	}
	return s
}

// member is one portion's part in the lockstep.
type member struct {
	*lockstep
	portion int
}

// of is nil for a portion that has a pace of its own.
func (s *lockstep) of(portion int) *member {
	if s.begun[portion] == 1 {
		return nil
	}
	return &member{s, portion}
}

// await returns when the portion, of which so many requests have begun, is not
// too far ahead of the others, or ctx has ended.
func (m *member) await(ctx context.Context, begun uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	was := m.begun[m.portion]
	m.begun[m.portion] = float64(begun) / m.size[m.portion]
	if was < slices.Min(m.begun) {
		m.moved.Broadcast()
	}
	if !m.ahead() {
		return
	}
	defer context.AfterFunc(ctx, m.wake)()
	for m.ahead() && ctx.Err() == nil {
		m.moved.Wait()
	}
}

func (m *member) ahead() bool {
	return m.begun[m.portion] > slices.Min(m.begun)+lockstepSlack
}

// leave lets the others go on without a portion.
func (s *lockstep) leave(portion int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun[portion] = 1
	s.moved.Broadcast()
}

// wake has those who wait look at their contexts again.
func (s *lockstep) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved.Broadcast()
}
