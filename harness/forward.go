package harness

import (
	"context"
	"errors"
	"time"

	"github.com/leakcheck/leakcheck/loadgen"
	"github.com/leakcheck/leakcheck/sampler"
	"github.com/leakcheck/leakcheck/sampler/recording"
)

// touches is how many requests an endpoint is sent after time was let pass: what a
// request sweeps once in a while is gone then.
const touches = 10

// drainedBy says what each sample does for that.
func (r *run) drainedBy() string {
	if r.passesTime() {
		return "an hour passes on the target's clocks before each sample"
	}
	return "waiting for it before each sample"
}

// passesTime says that an hour may pass on the target's clocks. A target that is not
// ours keeps its time.
func (r *run) passesTime() bool {
	s := r.plan.scenario
	return s.Target.Attach == nil && !off(s.Run.PassTime) && !r.drain.fixed
}

// forward lets time pass after a block, and sends a few more of its requests.
func (r *run) forward(ctx context.Context, block *recording.Block) error {
	if err := r.sampler.Forward(ctx); err != nil {
		return err
	}
	switch {
	case block == nil || block.Endpoint == recording.Idle:
		return nil
	case block.Endpoint == recording.Mixed:
		whole, parts, err := r.touch(ctx)
		block.Load.Add(&whole)
		for i := range parts {
			block.Parts[i].Add(&parts[i])
		}
		return err
	}
	e := r.endpoints[block.Endpoint]
	l, err := r.loader.Block(ctx, e.load, touches)
	if err == nil {
		r.tellSetups(e, &l)
	}
	block.Load.Add(&l)
	return err
}

// touch sends a few requests to all endpoints.
func (r *run) touch(ctx context.Context) (whole recording.Load, parts []recording.Load, err error) {
	var few []loadgen.Portion
	for _, e := range r.endpoints {
		few = append(few, loadgen.Portion{Endpoint: e.load, Requests: touches})
	}
	whole, parts, err = r.loader.Mix(ctx, few)
	for i, e := range r.endpoints {
		r.tellSetups(e, &parts[i])
	}
	return whole, parts, err
}

// look lets time pass once, to see whether much of what has grown goes away with it.
func (r *run) look(ctx context.Context, round int, by Decision) error {
	r.drain.looked = true
	if !r.passesTime() {
		return nil
	}
	first, begin := r.last().Sample, time.Now()
	var refused *sampler.ScriptError
	if err := r.sampler.Forward(ctx); errors.As(err, &refused) {
		r.drain.fixed = true
		r.tell(Progress{Stage: Measuring, Round: round + 1, Rounds: recording.MinRounds, Message: err.Error() + ": what is held for a time is not told from a leak"})
		return nil
	} else if err != nil {
		return r.cause(ctx, err)
	}
	whole, parts, err := r.touch(ctx)
	if err != nil {
		return r.unsent(ctx, err)
	}
	elapsed := time.Since(begin)
	s, _, err := r.still(ctx, first, time.Now(), forwardChecks, forwardPause, begin)
	if err != nil {
		return r.cause(ctx, err)
	}
	s.Forward, s.Loop = true, recording.Loop{}
	all := first.Retained()
	r.drain.skips = by.Goes(all-s.Retained(), all-r.rec.WarmedUp().Retained(), all)
	return r.keep(recording.Observation{Block: recording.Block{
		Phase: recording.Look, Round: round, Endpoint: recording.Mixed,
		Start: begin.Sub(r.started), Elapsed: elapsed, Load: whole, Parts: parts,
	}, Sample: s})
}
