package sampler

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

const (
	// pause lets close callbacks and finalizers run between two collections.
	pause = 20 * time.Millisecond
	// Settling ends when the lowest reading and another one agree within the larger
	// of these.
	toleranceBytes = 2 << 10
	toleranceShare = 0.0005
	// Settling gives up after so many collections, or (with two made) so long.
	maxCollections = 8
	maxSettle      = 3 * time.Second
)

// settle collects garbage, with turns of the event loop between, until the lowest
// reading of the heap has come twice. What V8 takes for a while (a compilation, a
// queue of the app's own observers) is seen in some collections and not in
// others: the lowest level is what stays. The last reading at it stands; without a second
// one the sample is not settled.
func (s *Sampler) settle(ctx context.Context, sample *recording.Sample) (usage, error) {
	begin := time.Now()
	var lowest unit.Bytes
	var stands usage
	for n := 1; ; n++ {
		now, err := s.collect(ctx)
		if err != nil {
			return usage{}, err
		}
		again := n > 1 && agree(lowest, now.Used)
		if n == 1 || again || now.Used < lowest {
			stands = now
		}
		if n == 1 || now.Used < lowest {
			lowest = now.Used
		}
		sample.At, sample.GCs, sample.Settled = time.Since(s.options.Start), n, again
		if again || n == maxCollections || n > 1 && time.Since(begin) > maxSettle {
			return stands, nil
		}
		if err := s.turn(ctx); err != nil {
			return usage{}, err
		}
	}
}

func agree(a, b unit.Bytes) bool {
	diff := max(a, b) - min(a, b)
	return diff <= max(toleranceBytes, unit.Bytes(toleranceShare*float64(b)))
}

func (s *Sampler) turn(ctx context.Context) error {
	if err := sleep(ctx, pause); err != nil {
		return err
	}
	return s.probe.turn(ctx)
}

// collect collects and reads all isolates and returns their sum.
func (s *Sampler) collect(ctx context.Context) (usage, error) {
	if err := s.each(ctx, (*isolate).collect); err != nil {
		return usage{}, err
	}
	return s.sum(), nil
}

// each does something in the main isolate, and then in all workers at once: they
// are spoken to through the main thread, whose own part may take longer than
// they have to answer.
func (s *Sampler) each(ctx context.Context, do func(*isolate, context.Context) error) error {
	if err := do(s.isolates[0], ctx); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, i := range s.isolates[1:] {
		g.Go(func() error { return do(i, ctx) })
	}
	return g.Wait()
}

func (s *Sampler) sum() usage {
	var u usage
	for _, i := range s.isolates {
		if !i.gone {
			u.add(i.last)
		}
	}
	return u
}
