package loadgen

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

const (
	// enoughRate is the share of an open-loop rate that must be achieved.
	enoughRate = 0.9
	// maxOpenWorkers bounds the sockets that an overloaded target can be made
	// to hold.
	maxOpenWorkers = 1000
)

// errClosed is the cause of a block's end when its Loader was closed.
var errClosed = errors.New("loader closed")

// Block sends exactly n requests and returns once each is answered or given up
// and every connection is closed. BytesIn and BytesOut are those on the
// connections, headers included.
//
// It ends early, without an error, when the load cannot land: none of the first
// 50 requests landed, none in two timeouts, none any more for a timeout of every
// worker, or fewer than half of 200 or more.
// It sends fewer when no more rows of unique data are left, and returns a
// *UsedUpError when none is.
// When ctx ends it cuts off what is in flight (counted as failed), and returns
// what was counted with the cause.
func (l *Loader) Block(ctx context.Context, e *Endpoint, n int) (recording.Load, error) {
	return l.block(ctx, e, n, e.concurrency(e.workers))
}

// concurrency is how many workers send a block: the workers to begin with and at most, in step
// with those of other endpoints when they load the target together.
type concurrency struct {
	first, most int
	member      *member
}

// block is Block with so many workers.
func (l *Loader) block(ctx context.Context, e *Endpoint, n int, c concurrency) (recording.Load, error) {
	parent, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	defer context.AfterFunc(l.closed, func() { stop(errClosed) })() //nolint:contextcheck // the loader's end, beside ctx
	if err := context.Cause(parent); err != nil || n <= 0 {
		return recording.Load{}, blockError(e, err)
	}
	n, err := e.data.left(n)
	if err != nil {
		return recording.Load{}, blockError(e, err)
	}
	if e.driver != nil {
		load, err := l.drive(parent, e, n, c.first)
		return load, blockError(e, err)
	}
	attack, cancel := context.WithCancel(parent)
	defer cancel()
	t := l.newTransport(attack, e.timeout)
	t.abortAfter, t.expect = e.abortAfter, e.expect
	t.ended = c.member.ended
	e.client.configure(t, n)
	if len(e.visits) > 0 {
		t.visits = newVisits(l, e)
	}
	load := l.attack(cancel, t, e, n, c)
	return load, blockError(e, context.Cause(parent))
}

func (l *Loader) attack(cancel context.CancelFunc, t *transport, e *Endpoint, n int, c concurrency) recording.Load {
	a := vegeta.NewAttacker(
		vegeta.Client(&http.Client{Transport: t}),
		vegeta.Workers(uint64(min(n, c.first))),
		vegeta.MaxWorkers(uint64(min(n, c.most))),
	)
	defer processors.share()()
	interrupted := make(chan struct{})
	release := context.AfterFunc(t.ctx, func() {
		defer close(interrupted)
		a.Stop()
		t.interrupt()
	})
	count := tally{began: time.Now()}
	for r := range a.Attack(e.targeter(&l.seq), newPacer(t.ctx, n, e, c.member), 0, "") {
		count.add(r, e.expect)
		if count.cannotLand(e.timeout, min(n, c.first)) {
			cancel()
		}
	}
	if !release() {
		<-interrupted
	}
	t.finish()
	return summarise(&count, t, e, c.most)
}

func summarise(count *tally, t *transport, e *Endpoint, workers int) recording.Load {
	load := count.total()
	load.BytesIn, load.BytesOut = unit.Bytes(t.in), unit.Bytes(t.out)
	load.Workers = workers
	if t.visits != nil {
		t.visits.summarise(&load)
	}
	if e.openRate > 0 {
		load.OpenRate = e.shape.mean(e.openRate)
		load.Workers = int(t.peak.Load())
		rate, ok := count.throughput()
		load.Saturated = load.Workers >= workers || ok && rate < enoughRate*float64(load.OpenRate)
	}
	return load
}

// Pace has the endpoint's requests sent at a rate from the next block on.
func (e *Endpoint) Pace(rate unit.PerSecond) { e.openRate = rate }

// concurrency is the endpoint's with so many workers. An open loop gets as many as its
// rate needs when each answer takes a second.
func (e *Endpoint) concurrency(workers int) concurrency {
	workers = max(workers, e.client.Pipeline) // fewer would not complete a burst
	if e.openRate == 0 {
		return concurrency{first: workers, most: workers}
	}
	return concurrency{first: e.workers, most: min(maxOpenWorkers, max(e.workers, int(math.Ceil(float64(e.shape.peak(e.openRate))))))}
}

func blockError(e *Endpoint, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("load endpoint %q: %w", e.name, err)
}
