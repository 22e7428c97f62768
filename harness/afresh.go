package harness

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

const (
	// fullHeap is a heap in which each step of a diagnosis takes so long that
	// there is no time for all of them: a snapshot of one of small objects takes 5
	// seconds and more where another process wants the processor, too.
	fullHeap = 64 << 20
	// slowed is how many times as long the requests of an endpoint must take as at
	// their best for its leak to be what slows them: each runs through all that the
	// ones before it left, and so would each step of a diagnosis.
	slowed = 2
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
	t, why, ok := r.again(accused)
	if !ok {
		return "", nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, longest, errDiagnosisTime)
	defer cancel()
	if err = r.renew(ctx, t, accused); err != nil {
		return "", fmt.Errorf("start the target afresh: %w", r.cause(ctx, err))
	}
	return "looked into a process started afresh, as " + why, nil
}

// again is the target where a process started afresh shows the leaks as well, and
// sooner, and why: what fills the heap of the one that was measured, or slows it
// down, came with the load, and from the first requests on.
func (r *run) again(accused []int) (t restartable, why string, ok bool) {
	t, ok = r.target.(restartable)
	first, last := &r.rec.Observations[0].Sample, &r.last().Sample
	switch {
	case last.Heap.Used > r.plan.fullHeap && last.Heap.Used > 2*first.Heap.Used:
		why = fmt.Sprintf("the heap of the one that was measured had grown to %s", last.Heap.Used)
	case slices.ContainsFunc(accused, r.slows):
		why = "requests to the one that was measured had become slow with what it kept"
	default:
		return nil, "", false
	}
	return t, why, ok && !slices.ContainsFunc(accused, func(e int) bool { return !r.leaksAtOnce(e) })
}

// slows says that the requests of an endpoint take several times as long as they
// did at their best.
func (r *run) slows(e int) bool {
	var best, last unit.PerSecond
	for i := range r.rec.Observations {
		if b := &r.rec.Observations[i].Block; b.Endpoint == e && b.Load.Requests >= leastTold {
			best, last = max(best, b.Load.Rate), b.Load.Rate
		}
	}
	return slowed*last < best
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
