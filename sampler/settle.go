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
	// Settling ends when two readings agree within the larger of these.
	toleranceBytes = 2 << 10
	toleranceShare = 0.0005
	// Settling gives up after so many collections, or (with two made) so long.
	maxCollections = 8
	maxSettle      = 3 * time.Second
)

// settle collects garbage, with turns of the event loop between, until two
// readings of the heap agree. The last one stands, settled or not.
func (s *Sampler) settle(ctx context.Context, sample *recording.Sample) (usage, error) {
	begin := time.Now()
	var before usage
	for n := 1; ; n++ {
		now, err := s.collect(ctx)
		if err != nil {
			return usage{}, err
		}
		sample.At, sample.GCs = time.Since(s.options.Start), n
		sample.Settled = n > 1 && agree(before.Used, now.Used)
		if sample.Settled || n == maxCollections || n > 1 && time.Since(begin) > maxSettle {
			return now, nil
		}
		before = now
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

// collect collects and reads all isolates at once and returns their sum.
func (s *Sampler) collect(ctx context.Context) (usage, error) {
	if err := s.each(ctx, (*isolate).collect); err != nil {
		return usage{}, err
	}
	return s.sum(), nil
}

func (s *Sampler) each(ctx context.Context, do func(*isolate, context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, i := range s.isolates {
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
