package harness

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/sampler/recording"
)

const (
	// fullHeap is a heap in which each step of a diagnosis takes so long that
	// there is no time for all of them: a snapshot of it takes 5 to 8 seconds.
	fullHeap = 128 << 20
	// leastTold is how many requests a block must have for its growth to tell
	// whether an endpoint leaks yet.
	leastTold = 100
	// renewedBlock is the load on each endpoint before a process that was started
	// afresh is looked into.
	renewedBlock = time.Second
)

// restartable is a target that can be started once more.
type restartable interface {
	target.Target
	Again(ctx context.Context) (*target.Process, error)
}

// afresh starts the target once more where that is of use, and says so in a note.
// What is accused is then looked into for as long as it would have been without.
func (r *run) afresh(ctx context.Context, longest time.Duration, accused []int) (note string, err error) {
	t, ok := r.again(accused)
	if !ok {
		return "", nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, longest, errDiagnosisTime)
	defer cancel()
	if err := r.renew(ctx, t, accused); err != nil {
		return "", fmt.Errorf("start the target afresh: %w", r.cause(ctx, err))
	}
	return fmt.Sprintf("looked into a process started afresh, as the heap of the one that was measured had grown to %s", r.last().Sample.Heap.Used), nil
}

// again is the target where a process started afresh shows the leaks as well, and
// sooner: what fills the heap of the one that was measured came with the load, and
// from the first requests on.
func (r *run) again(accused []int) (restartable, bool) {
	t, ok := r.target.(restartable)
	first, last := &r.rec.Observations[0].Sample, &r.last().Sample
	full := last.Heap.Used > r.plan.fullHeap && last.Heap.Used > 2*first.Heap.Used
	return t, ok && full && !slices.ContainsFunc(accused, func(e int) bool { return !r.leaksAtOnce(e) })
}

// leaksAtOnce says that an endpoint left in its first block at least half of what
// a request leaves in its last one.
func (r *run) leaksAtOnce(e int) bool {
	first, last := math.NaN(), math.NaN()
	all := r.rec.Observations
	for i := 1; i < len(all); i++ {
		b := &all[i].Block
		if b.Endpoint != e || b.Load.Requests < leastTold {
			continue
		}
		last = float64(all[i].Sample.Retained()-all[i-1].Sample.Retained()) / float64(b.Load.Requests)
		if math.IsNaN(first) {
			first = last
		}
	}
	return first > 0 && 2*first >= last // not where there is no block
}

// renew stops the target and starts it afresh, sets it up and loads what is
// accused, so that what only a new process allocates is there.
func (r *run) renew(ctx context.Context, t restartable, accused []int) error {
	url := t.URL()
	_ = r.sampler.Close() //nolint:contextcheck // bounded by itself; the target is stopped next
	r.sampler = nil
	if err := t.Stop(ctx); err != nil {
		return err
	}
	p, err := t.Again(ctx)
	if err != nil {
		return err
	}
	r.target = p
	if p.URL() != url {
		return fmt.Errorf("the target serves %s now and served %s", p.URL(), url)
	}
	if err := r.openSampler(ctx); err != nil {
		return err
	}
	if err := r.setup(ctx); err != nil {
		return err
	}
	for _, e := range accused {
		if err := r.warm(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) warm(ctx context.Context, which int) error {
	room := r.plan.fullHeap // of a heap that is nearly empty, to be careful
	switch {
	case which >= 0:
		e := r.endpoints[which]
		_, err := r.loader.Block(ctx, e.load, e.requestsFor(renewedBlock, room))
		return err
	case which == recording.Mixed:
		_, _, err := r.loader.Mix(ctx, r.mixture.portions(r.mixture.requestsFor(renewedBlock, r.mixture.usual(), room)))
		return err
	}
	return nil
}
