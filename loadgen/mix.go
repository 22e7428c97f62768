package loadgen

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Portion is one endpoint's part of a mixed block.
type Portion struct {
	Endpoint *Endpoint
	Requests int
	// Workers is how many of them are sent at once; 0: as in a block of its own.
	Workers int
}

// Mix sends the portions together: each is a block as Block sends it, and the
// closed loops among them go forward in step, so that their requests interleave
// from the first to the last. It returns their loads in order, and all of them
// added up, but for what is known of each alone: its latencies, its open rate.
// Where atOnce is not 0, the closed loops have no more requests than that in flight.
//
// When one portion cannot be sent, or ctx ends, the others are cut off.
func (l *Loader) Mix(ctx context.Context, portions []Portion, atOnce int) (whole recording.Load, parts []recording.Load, err error) {
	begin := time.Now()
	parts = make([]recording.Load, len(portions))
	group, ctx := errgroup.WithContext(ctx)
	s := newLockstep(portions, atOnce)
	for i, p := range portions {
		group.Go(func() (err error) {
			defer s.leave(i)
			c := p.Endpoint.concurrency(orDefault(p.Workers, p.Endpoint.workers))
			c.member = s.of(i)
			parts[i], err = l.block(ctx, p.Endpoint, p.Requests, c)
			return err
		})
	}
	err = group.Wait()
	return added(parts, time.Since(begin)), parts, err
}

// added is the loads as one that took d.
func added(parts []recording.Load, d time.Duration) recording.Load {
	var sum recording.Load
	for i := range parts {
		sum.Add(&parts[i])
		sum.Workers += parts[i].Workers
	}
	if sum.Requests > 0 && d > 0 {
		sum.Rate = unit.PerSecond(float64(sum.Requests) / d.Seconds())
	}
	return sum
}
