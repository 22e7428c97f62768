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
	// maxDrain bounds the wait; what is held for longer counts as retained.
	maxDrain = 12 * time.Second
	// fullDrains idle blocks wait for that long, whatever they see: a sweep each few
	// seconds falls into it. The later ones wait for drainMargin times as long as
	// memory was seen to take to go.
	fullDrains  = 2
	drainMargin = 1.5
	// peekTime is for the idle block which looks whether any memory goes.
	peekTime = 6 * time.Second
	// muchGone is the part of what is retained that must go for samples to wait for
	// it: connections that were kept open and time out are a few percent.
	muchGone = 0.1
)

// draining is how a run waits for memory that goes away with time.
type draining struct {
	on     bool
	peek   bool          // the next idle block looks whether any does
	peeked bool          // one did
	goes   unit.Bytes    // what it saw go, where it is much
	full   int           // idle blocks that waited for maxDrain
	latest time.Duration // into an idle block, when memory was last seen to go
}

// wait is how long a sample waits at least, if it does wait. An idle block waits
// long enough for the lowest level of its round, which all endpoints are bound by.
func (d *draining) wait(idle bool) (least time.Duration, waits bool) {
	switch {
	case !idle:
		return 0, d.on
	case d.peek:
		return peekTime, true
	case d.on && d.full < fullDrains:
		return maxDrain, true
	}
	return time.Duration(drainMargin * float64(d.latest)), d.on
}

// learn takes from an idle block's wait how much memory went, and when the last.
func (d *draining) learn(least time.Duration, goes unit.Bytes, last time.Duration) {
	d.latest = max(d.latest, last)
	if least == maxDrain {
		d.full++
	}
	if d.peek {
		d.peek, d.peeked, d.goes = false, true, goes
	}
}

// wanted says that samples should wait from now on: the verdict saw memory go, or
// an idle block saw more of it go than samples are apart by themselves.
func (d *draining) wanted(by Decision) bool {
	const beyond = 2 // standard deviations
	return !d.on && (by.Drain || d.goes > beyond*by.Noise)
}

// settled takes the sample; when memory is known to go away with time, it
// waits for that first.
func (r *run) settled(ctx context.Context, idle bool) (recording.Sample, error) {
	begin := time.Now()
	first, err := r.sampler.Sample(ctx)
	least, waits := r.drain.wait(idle)
	if !waits || err != nil {
		return first, err
	}
	s, last := first, time.Duration(0)
	for same := 0; (same < drainChecks || time.Since(begin) < least) && time.Since(begin) < maxDrain; {
		select {
		case <-time.After(drainPause):
		case <-ctx.Done():
			return s, ctx.Err()
		}
		next, err := r.sampler.Sample(ctx)
		if err != nil {
			return s, err
		}
		same++
		if float64(next.Retained()) < (1-drainTolerance)*float64(s.Retained()) {
			same, last = 0, time.Since(begin)
		}
		next.Took = time.Since(begin)
		next.Loop, next.Quiet = s.Loop, next.Quiet && s.Quiet // of the block, which only the first saw
		next.Drained = same >= drainChecks
		s = next
	}
	if idle {
		goes := first.Retained() - s.Retained()
		if float64(goes) < muchGone*float64(first.Retained()) {
			goes = 0
		}
		r.drain.learn(least, goes, last)
	}
	return s, nil
}
