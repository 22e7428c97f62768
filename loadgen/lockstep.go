package loadgen

import (
	"context"
	"math"
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
	size  []float64     // requests
	begun []float64     // part of them; 1 for a portion that is not waited for
	slots chan struct{} // one for each request in flight, nil without a bound
	taken []int         // of them, by portion
}

func newLockstep(portions []Portion, atOnce int) *lockstep {
	s := &lockstep{size: make([]float64, len(portions)), begun: make([]float64, len(portions))}
	s.moved = sync.NewCond(&s.mu)
	if s.taken = make([]int, len(portions)); atOnce > 0 {
		s.slots = make(chan struct{}, atOnce)
	}
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

// await returns when the portion, of which so many requests have begun, may begin another, or
// ctx has ended.
func (m *member) await(ctx context.Context, begun uint64) {
	if m.keepStep(ctx, begun); m.slots == nil {
		return
	}
	select {
	case m.slots <- struct{}{}:
		m.mu.Lock()
		m.taken[m.portion]++
		m.mu.Unlock()
	case <-ctx.Done():
	}
}

// ended makes room for another request.
func (m *member) ended() {
	if m == nil || m.slots == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.free(1)
}

// free gives back the portion's slots, or so many of them.
func (m *member) free(most int) {
	for ; most > 0 && m.taken[m.portion] > 0; most-- {
		m.taken[m.portion]--
		<-m.slots
	}
}

// keepStep returns when the portion is not too far ahead of the others, or ctx has ended.
func (m *member) keepStep(ctx context.Context, begun uint64) {
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
	(&member{s, portion}).free(math.MaxInt) // of requests that were let go and never sent
	s.moved.Broadcast()
}

// wake has those who wait look at their contexts again.
func (s *lockstep) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved.Broadcast()
}
