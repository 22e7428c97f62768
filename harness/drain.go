package harness

import (
	"context"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

const (
	// A drained sample is one after which the heap fell by less than
	// drainTolerance in drainChecks samples in a row, drainPause apart: long
	// enough for a sweep each second to show.
	drainPause     = 600 * time.Millisecond
	drainChecks    = 2
	drainTolerance = 1e-3
	// Where time was let pass on the target's clocks, its sweeps have begun already.
	forwardPause  = 200 * time.Millisecond
	forwardChecks = 1
	// maxDrain bounds the wait; what is held for longer counts as retained.
	maxDrain = 12 * time.Second
	// fullDrains idle blocks wait for that long, whatever they see: a sweep each few
	// seconds falls into it. The later ones wait for drainMargin times as long as
	// memory was seen to take to go.
	fullDrains  = 2
	drainMargin = 1.5
	// peekTime is for the idle block which looks whether any memory goes.
	peekTime = 6 * time.Second
)

// draining is how a run waits for memory that goes away with time. Once it is on, time
// passes on the target's clocks before each sample, where it may.
type draining struct {
	on     bool
	peek   bool          // the next idle block looks whether any does
	peeked bool          // one did
	looked bool          // whether any goes when time is let pass on the clocks
	skips  bool          // much does, so that there is nothing to wait for
	fixed  bool          // the clocks cannot be set
	gone   unit.Bytes    // what an idle block saw go
	of     unit.Bytes    // all there was
	full   int           // idle blocks that waited for maxDrain
	latest time.Duration // into an idle block, when memory was last seen to go
}

// wait is how long a sample waits at least, if it does wait. An idle block waits
// long enough for the lowest level of its round, which all endpoints are bound by.
func (d *draining) wait(idle bool) (least time.Duration, waits bool) {
	switch {
	case d.on && (d.skips || !idle):
		return 0, true
	case !idle:
		return 0, false
	case d.peek:
		return peekTime, true
	case d.on && d.full < fullDrains:
		return maxDrain, true
	}
	return time.Duration(drainMargin * float64(d.latest)), d.on
}

// learn takes from an idle block's wait how much memory went of all, and when the last.
func (d *draining) learn(least time.Duration, gone, all unit.Bytes, last time.Duration) {
	d.latest = max(d.latest, last)
	if least == maxDrain {
		d.full++
	}
	if d.peek {
		d.peek, d.peeked, d.gone, d.of = false, true, gone, all
	}
}

// wanted says that samples should wait from now on: the verdict saw memory go, or much
// went when time was let pass, or in an idle block.
func (d *draining) wanted(by Decision) bool {
	return !d.on && (by.Drain || d.skips || d.peeked && by.Goes != nil && by.Goes(d.gone, 0, d.of))
}

// settled takes the sample after a block, or nil for one of ours; when memory is known
// to go away with time, it lets time pass first, and waits.
func (r *run) settled(ctx context.Context, block *recording.Block) (recording.Sample, error) {
	begin, idle := time.Now(), block != nil && block.Endpoint == recording.Idle
	first, err := r.sampler.Sample(ctx)
	least, waits := r.drain.wait(idle)
	if !waits || err != nil {
		return first, err
	}
	forward := r.drain.on && r.passesTime()
	if forward {
		if err := r.forward(ctx, block); err != nil {
			return first, err
		}
	}
	checks, pause := drainChecks, drainPause
	if r.drain.skips {
		checks, pause = forwardChecks, forwardPause
	}
	s, last, err := r.still(ctx, first, begin, checks, pause, begin.Add(least))
	s.Forward = forward
	if idle && err == nil {
		all := first.Retained()
		r.drain.learn(least, all-s.Retained(), all, last.Sub(begin))
	}
	return s, err
}

// still samples again, once at least, until memory has not fallen for so many samples,
// and says when it was last seen to. The sample took all the time since begin.
func (r *run) still(ctx context.Context, first recording.Sample, begin time.Time, checks int, pause time.Duration, earliest time.Time) (s recording.Sample, last time.Time, err error) {
	s, last = first, begin
	same, end := 0, time.Now().Add(maxDrain)
	for again := true; again; again = (same < checks || time.Now().Before(earliest)) && time.Now().Before(end) {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return s, last, ctx.Err()
		}
		next, err := r.sampler.Sample(ctx)
		if err != nil {
			return s, last, err
		}
		same++
		if float64(next.Retained()) < (1-drainTolerance)*float64(s.Retained()) {
			same, last = 0, time.Now()
		}
		next.Took = time.Since(begin)
		next.Loop, next.Quiet = s.Loop, next.Quiet && s.Quiet // of the block, which only the first saw
		next.Drained = same >= checks
		s = next
	}
	return s, last, nil
}
