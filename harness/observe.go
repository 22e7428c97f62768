package harness

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/harness/driver"
	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/loadgen"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// maxFailed is the share of requests that may fail in a block before the run
// ends: what did not land was not measured. Fewer than leastFailed are too few
// to tell, unless a block of one endpoint has nothing else.
const (
	maxFailed   = 0.1
	leastFailed = 3
)

// observe runs one block of n requests on e (no load when e is nil) and takes
// the settled sample after it.
func (r *run) observe(ctx context.Context, phase recording.Phase, round int, e *endpoint, n int) (*recording.Observation, error) {
	if e == nil {
		return r.load(ctx, recording.Block{Phase: phase, Round: round, Endpoint: recording.Idle}, func(*recording.Block) error { return nil })
	}
	return r.load(ctx, recording.Block{Phase: phase, Round: round, Endpoint: e.index}, func(b *recording.Block) (err error) {
		r.tellBlock(phase, round, e.name, e.rate)
		if b.Load, err = r.loader.Block(ctx, e.load, n); err == nil {
			r.tellSetups(e, &b.Load)
		}
		return err
	})
}

// load runs a block, which send fills in, and takes the settled sample after it.
func (r *run) load(ctx context.Context, block recording.Block, send func(*recording.Block) error) (*recording.Observation, error) {
	if err := r.sampler.Before(ctx); err != nil {
		return nil, r.cause(ctx, err)
	}
	begin := time.Now()
	block.Start = begin.Sub(r.started)
	if err := send(&block); err != nil {
		return nil, r.unsent(ctx, err)
	}
	block.Elapsed = time.Since(begin)
	return r.sample(ctx, block)
}

// unsent is why requests could not be sent.
func (r *run) unsent(ctx context.Context, err error) error {
	if errors.As(err, new(*loadgen.UsedUpError)) {
		return &Error{Kind: LoadFailed, Err: err, Hint: "give it more rows, or order: sequential or random"}
	}
	if broken, ok := errors.AsType[*driver.Error](err); ok {
		return &Error{Kind: LoadFailed, Err: err, Hint: broken.Hint, Detail: broken.Output}
	}
	return r.cause(ctx, err)
}

// idle waits for d without load and samples.
func (r *run) idle(ctx context.Context, round int, d time.Duration) (*recording.Observation, error) {
	begin := time.Now()
	select {
	case <-time.After(d):
	case <-ctx.Done():
		return nil, r.cause(ctx, ctx.Err())
	}
	return r.sample(ctx, recording.Block{
		Phase: recording.Measure, Round: round, Endpoint: recording.Idle,
		Start: begin.Sub(r.started), Elapsed: time.Since(begin),
	})
}

// sample settles the target after the block, records both, and fails when the
// block's load did not land.
func (r *run) sample(ctx context.Context, block recording.Block) (*recording.Observation, error) {
	s, err := r.observed(ctx, &block)
	if err != nil {
		return nil, r.loadOr(ctx, &block, r.unsent(ctx, err))
	}
	obs := recording.Observation{Block: block, Sample: s}
	if len(r.rec.Observations) > 0 {
		r.learn(&block, s.Retained()-r.last().Sample.Retained())
	}
	if err := r.keep(obs); err != nil {
		return nil, err
	}
	return r.last(), r.loadOr(ctx, &block, nil)
}

// keep records an observation.
func (r *run) keep(obs recording.Observation) error {
	r.rec.Observations = append(r.rec.Observations, obs)
	if err := r.writer.Observe(obs); err != nil {
		return recordingError(err)
	}
	return nil
}

// observed is the settled sample after a block, or nil for one of ours, with the
// memory of the target's containers.
func (r *run) observed(ctx context.Context, block *recording.Block) (recording.Sample, error) {
	s, err := r.sampleAfter(ctx, block)
	if err == nil {
		s.Containers, err = r.target.Containers(ctx)
	}
	return s, err
}

// learn takes throughput and growth from a block that went well.
func (r *run) learn(b *recording.Block, grown unit.Bytes) {
	switch b.Endpoint {
	case recording.Idle:
	case recording.Mixed:
		r.mixedLoad.learn(b, grown)
	default:
		r.endpoints[b.Endpoint].learn(b.Load, grown)
	}
}

// loadOr is the error of a block whose load failed, or else err.
func (r *run) loadOr(ctx context.Context, block *recording.Block, err error) error {
	for i, e := range r.endpoints {
		l := block.LoadOf(i)
		if !tooMany(block, l) {
			continue
		}
		request := r.plan.header.Endpoints[i].Request
		failed := &Error{
			Kind: LoadFailed,
			Err:  fmt.Errorf("endpoint %q (%s): %d of %d requests failed%s: %s", e.name, request, l.Failed, l.Requests, among(block), failures(l)),
			Hint: loadHint(l),
		}
		if l.Landed == 0 && target.SpeaksTLS(context.WithoutCancel(ctx), r.target.URL()) {
			failed.Hint = target.TLSHint
		}
		if d := r.plan.driverOf(i); d != nil {
			failed.Hint, failed.Detail = d.ByHand(), d.Said()
		}
		return failed
	}
	return err
}

// tooMany says that one endpoint's failures in a block end the run.
func tooMany(block *recording.Block, l *recording.Load) bool {
	if block.Endpoint != recording.Mixed && l.Failed == l.Requests {
		return l.Failed > 0
	}
	return l.Failed >= leastFailed && float64(l.Failed) > maxFailed*float64(l.Requests)
}

// among says that the load was not the endpoint's alone.
func among(block *recording.Block) string {
	if block.Endpoint == recording.Mixed {
		return " while all endpoints were loaded"
	}
	return ""
}

func loadHint(l *recording.Load) string {
	const hint = "expect: lists the statuses that are right for this endpoint, timeout: allows slower answers; target.log has the app's side"
	if l.Errors[loadgen.UnexpectedStatus(http.StatusNotFound)] == l.Failed {
		return "is the path right? " + hint
	}
	for why := range l.Errors {
		if strings.HasPrefix(why, loadgen.NoHTTP2) {
			return "leave client.http away, or let the app serve HTTP/2: by http2.createServer(), or with target.tls by http2.createSecureServer()"
		}
	}
	return hint
}

// failures lists why requests failed, most frequent first.
func failures(l *recording.Load) string {
	type reason struct {
		text string
		n    int
	}
	var all []reason
	for text, n := range l.Errors {
		all = append(all, reason{text, n})
	}
	slices.SortFunc(all, func(a, b reason) int { return b.n - a.n })
	const most = 3
	out := ""
	for i, x := range all[:min(most, len(all))] {
		if i > 0 {
			out += "; "
		}
		out += fmt.Sprintf("%s (%d)", x.text, x.n)
	}
	return out
}

// cause prefers the reason that the context ended for over the error that
// this made elsewhere.
func (r *run) cause(ctx context.Context, err error) error {
	if c := context.Cause(ctx); c != nil && !errors.Is(c, context.Canceled) {
		return c
	}
	return err
}

func (r *run) last() *recording.Observation {
	return &r.rec.Observations[len(r.rec.Observations)-1]
}

// room is what the target may still grow, until its heap or its container is
// full; 0 when neither limit is known.
func (r *run) room() unit.Bytes { return r.last().Sample.Left() }

func (r *run) tellBlock(phase recording.Phase, round int, name string, rate unit.PerSecond) {
	p := Progress{Stage: WarmingUp, Rounds: recording.MinRounds, Endpoint: name, Rate: rate}
	if phase == recording.Measure {
		p.Stage, p.Round = Measuring, round+1
		p.Done, p.Left = r.done, r.left
	}
	if len(r.rec.Observations) > 0 {
		p.Heap = r.last().Sample.Heap.Used
	}
	r.tell(p)
}
