package harness

import (
	"context"
	"errors"
	"time"

	"github.com/leakcheck/leakcheck/loadgen"
	"github.com/leakcheck/leakcheck/sampler"
	"github.com/leakcheck/leakcheck/sampler/recording"
)

// Some memory is released later than the block that took it: sessions expire, and caches
// have lifetimes. Before a leak is called, and where the fewest rounds decide nothing,
// a clock probe advances the target's clocks by an hour, once, and looks whether enough
// is released. If it is, every sample from then on is taken after advancing the
// clocks, and rounds measured before count no more. Where the clocks are not ours to set,
// the probe waits, and so do the samples.

const (
	// probeRequests is how many requests an endpoint is sent after the clocks were advanced: what a
	// request sweeps once in a while is gone then.
	probeRequests = 10
	// A sample that follows is taken when memory falls by less than fallingShare in so many
	// readings in a row: one where the clocks were advanced, as their sweeps have begun
	// already, and two where the app sweeps when it likes.
	fallingShare     = 1e-3
	advancedInterval = 200 * time.Millisecond
	waitedInterval   = 600 * time.Millisecond
	// maxWait bounds how long a sample waits: memory that is held for longer counts as retained.
	maxWait = 12 * time.Second
	// waitMargin is how much longer samples wait than the probe saw memory take to go.
	waitMargin = 1.5
)

// release is how a run treats memory that is released with time.
type release struct {
	on     bool          // each sample is taken after advancing the clocks, or waiting
	fixed  bool          // the clocks cannot be set
	latest time.Duration // into the probe's wait, when memory last fell
	probed reasons       // for which the clocks were advanced
}

// reasons are those for a clock probe, each of which is one once.
type reasons struct{ leak, undecided, releases bool }

// probes reports whether there is a reason for a clock probe that there was not before.
func (r *reasons) probes(d Decision, rounds int) bool {
	now := reasons{d.Leaks, rounds >= recording.MinRounds && len(d.Undecided) > 0, d.Releases}
	wants := now.leak && !r.leak || now.undecided && !r.undecided || now.releases && !r.releases
	*r = reasons{r.leak || now.leak, r.undecided || now.undecided, r.releases || now.releases}
	return wants
}

// setsClocks reports whether the target's clocks may be set. A target that is not ours
// keeps its time.
func (r *run) setsClocks() bool {
	s := r.plan.scenario
	return s.Target.Attach == nil && !off(s.Run.AdvanceClock) && !r.release.fixed
}

// clockProbe advances the clocks once, or waits, and reports whether enough was released.
func (r *run) clockProbe(ctx context.Context, round int, by Decision) (released bool, err error) {
	before := r.last().Sample
	o := recording.Observation{Block: recording.Block{Phase: recording.ClockProbe, Round: round, Endpoint: recording.Idle, Start: time.Since(r.started)}}
	begin := time.Now()
	if r.setsClocks() {
		if err := r.advanceOnce(ctx, &o.Block, round); err != nil {
			return false, err
		}
	}
	o.Block.Elapsed = time.Since(begin)
	least := time.Duration(0)
	if !r.setsClocks() {
		least = maxWait / 2
	}
	if o.Sample, err = r.untilReleased(ctx, before, least); err != nil {
		return false, r.cause(ctx, err)
	}
	o.Sample.ClockAdvanced, o.Sample.Loop = r.setsClocks(), recording.Loop{}
	if err := r.keep(o); err != nil {
		return false, err
	}
	return by.ReleasedEnough(&before, &o.Sample, r.rec.WarmedUp()), nil
}

// advanceOnce advances the clocks for a probe, and sends each endpoint a few requests. A
// target whose clocks cannot be set keeps its time.
func (r *run) advanceOnce(ctx context.Context, block *recording.Block, round int) error {
	var refused *sampler.ScriptError
	if err := r.sampler.AdvanceClock(ctx); errors.As(err, &refused) {
		r.release.fixed = true
		r.tell(Progress{Stage: Measuring, Round: round + 1, Rounds: recording.MinRounds, Message: err.Error() +
			": memory that expires later (sessions, caches with a TTL) cannot be distinguished from a leak in this run"})
		return nil
	} else if err != nil {
		return r.cause(ctx, err)
	}
	block.Endpoint = recording.Mixed
	var err error
	if block.Load, block.Parts, err = r.sendFew(ctx, nil); err != nil {
		return r.unsent(ctx, err)
	}
	return nil
}

// begin has all samples from now on taken after advancing the clocks, or waiting.
func (r *run) beginRelease(round int) {
	r.release.on = true
	how := "waiting for it before each sample"
	if r.setsClocks() {
		how = "the target's clocks are advanced by an hour before each sample"
	}
	message := "memory is released later than the block that took it: " + how
	r.event(recording.Released, message)
	r.tell(Progress{Stage: Measuring, Round: round + 1, Rounds: recording.MinRounds, Message: message})
}

// sampleAfter takes the sample after a block, or nil for one of ours. When memory is known
// to be released with time, it advances the clocks first, and waits.
func (r *run) sampleAfter(ctx context.Context, block *recording.Block) (recording.Sample, error) {
	first, err := r.sampler.Sample(ctx)
	if !r.release.on || err != nil {
		return first, err
	}
	least := time.Duration(waitMargin * float64(r.release.latest))
	if r.setsClocks() {
		least = 0
		if err := r.advance(ctx, block); err != nil {
			return first, err
		}
	}
	s, err := r.untilReleased(ctx, first, least)
	s.ClockAdvanced = r.setsClocks()
	return s, err
}

// advance advances the clocks after a block, and sends a few more of its requests.
func (r *run) advance(ctx context.Context, block *recording.Block) error {
	if err := r.sampler.AdvanceClock(ctx); err != nil {
		return err
	}
	switch {
	case block == nil || block.Endpoint == recording.Idle:
		return nil
	case block.Endpoint == recording.Mixed:
		whole, parts, err := r.sendFew(ctx, block.Parts)
		block.Load.Add(&whole)
		for i := range parts {
			block.Parts[i].Add(&parts[i])
		}
		return err
	}
	e := r.endpoints[block.Endpoint]
	l, err := r.loader.Block(ctx, e.load, probeRequests)
	if err == nil {
		r.tellSetups(e, &l)
	}
	block.Load.Add(&l)
	return err
}

// sendFew sends a few requests to all endpoints, or to those that have some of a block.
func (r *run) sendFew(ctx context.Context, of []recording.Load) (whole recording.Load, parts []recording.Load, err error) {
	few := make([]loadgen.Portion, len(r.endpoints))
	for i, e := range r.endpoints {
		few[i].Endpoint = e.load
		if len(of) == 0 || of[i].Requests > 0 {
			few[i].Requests = probeRequests
		}
	}
	whole, parts, err = r.loader.Mix(ctx, few, r.mixedLoad.atOnce())
	for i, e := range r.endpoints {
		r.tellSetups(e, &parts[i])
	}
	return whole, parts, err
}

// untilReleased samples again, once at least and for as long, until memory falls no more. The
// sample took all the time since the first.
func (r *run) untilReleased(ctx context.Context, first recording.Sample, least time.Duration) (s recording.Sample, err error) {
	checks, interval := 2, waitedInterval
	if r.setsClocks() {
		checks, interval = 1, advancedInterval
	}
	begin, same := time.Now(), 0
	s = first
	for again := true; again; again = (same < checks || time.Since(begin) < least) && time.Since(begin) < maxWait {
		next, err := r.resample(ctx, interval)
		if err != nil {
			return s, err
		}
		same++
		if fallen(&s, &next) {
			same, r.release.latest = 0, max(r.release.latest, time.Since(begin))
		}
		next.Took = first.Took + time.Since(begin)
		next.Loop, next.Disconnected = s.Loop, next.Disconnected && s.Disconnected // of the block, which only the first saw
		next.Waited = same >= checks
		s = next
	}
	return s, nil
}

// resample waits and samples.
func (r *run) resample(ctx context.Context, interval time.Duration) (recording.Sample, error) {
	select {
	case <-time.After(interval):
	case <-ctx.Done():
		return recording.Sample{}, ctx.Err()
	}
	return r.sampler.Sample(ctx)
}

// fallen reports whether memory fell from one sample to the next.
func fallen(from, to *recording.Sample) bool {
	return float64(to.Retained()) < (1-fallingShare)*float64(from.Retained())
}
