package examine

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
	// again is looked into.
	renewedBlock = time.Second
)

// Restartable is a target that can be started once more.
type Restartable interface {
	target.Target
	Again(ctx context.Context) (*target.Process, error)
}

// restartFor starts the target once more where that is of use, and says so in a
// note. What is accused is then looked into for as long as it would have been
// without.
func (e *examiner) restartFor(ctx context.Context, accused []recording.Subject) (note string, err error) {
	t, why, ok := e.restarts(accused)
	if !ok {
		return "", nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, e.options.Timeout, errDiagnosisTime)
	defer cancel()
	if err = e.renew(ctx, t, accused); err != nil {
		return "", fmt.Errorf("restart the target: %w", cause(ctx, err))
	}
	return "diagnosed in a restarted process, because " + why, nil
}

// restarts is the target where a process that was restarted shows the leaks as well,
// and sooner, and why: what fills the heap of the one that was measured, or slows
// it down, came with the load, and from the first requests on.
func (e *examiner) restarts(accused []recording.Subject) (t Restartable, why string, ok bool) {
	t, ok = e.Target().(Restartable)
	first, last := &e.Recording().Observations[0].Sample, e.lastSample()
	switch {
	case e.Lost() != "":
		e.most = e.survived(accused)
		return t, "the one that was measured " + e.Lost(), ok
	case last.Heap.Used > e.options.FullHeap && last.Heap.Used > 2*first.Heap.Used:
		why = fmt.Sprintf("the heap of the measured one had grown to %s", last.Heap.Used)
	case slices.ContainsFunc(accused, e.slows):
		why = "the leak had made requests too slow in the measured one"
	default:
		return nil, "", false
	}
	return t, why, ok && !slices.ContainsFunc(accused, func(s recording.Subject) bool { return !e.leaksAtOnce(s) })
}

// survived is how many requests a process which is started after another one died
// may be sent for each leak and step: half of what that one lived through, for all.
func (e *examiner) survived(accused []recording.Subject) int {
	const steps = 8 // blocks of one examination, the one before it included
	total := 0
	all := e.Recording().Observations
	for i := range all {
		total += all[i].Block.Load.Requests
	}
	return max(1, total/2/len(accused)/steps)
}

// slows reports whether the requests of an endpoint take several times as long as they
// did at their best.
func (e *examiner) slows(s recording.Subject) bool {
	var best, last unit.PerSecond
	all := e.Recording().Observations
	for i := range all {
		if b := &all[i].Block; b.Of(s) && b.Load.Requests >= leastTold {
			best, last = max(best, b.Load.Rate), b.Load.Rate
		}
	}
	return slowed*last < best
}

// leaksAtOnce reports whether an endpoint left in its first block at least half of what
// a request leaves in its last one.
func (e *examiner) leaksAtOnce(s recording.Subject) bool {
	first, last := math.NaN(), math.NaN()
	all := e.Recording().Observations
	for i := 1; i < len(all); i++ {
		b := &all[i].Block
		if !b.Of(s) || b.Load.Requests < leastTold {
			continue
		}
		last = float64(all[i].Sample.Retained()-all[i-1].Sample.Retained()) / float64(b.Load.Requests)
		if math.IsNaN(first) {
			first = last
		}
	}
	return first > 0 && 2*first >= last // not where there is no block
}

// renew restarts the target and loads what is accused, so that what only a
// new process allocates is there.
func (e *examiner) renew(ctx context.Context, t Restartable, accused []recording.Subject) error {
	if err := e.Restart(ctx, t); err != nil {
		return err
	}
	for _, s := range accused {
		if s == recording.Idle {
			continue
		}
		room := e.options.FullHeap // of a heap that is nearly empty, to be careful
		if _, err := e.Load(ctx, s, renewedBlock, room, e.most); err != nil {
			return err
		}
	}
	return nil
}
