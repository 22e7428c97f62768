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
	// Settling ends when the lowest reading has come twice, or any one so many times
	// in a row, within the larger of these.
	steadyRow      = 3
	toleranceBytes = 2 << 10
	toleranceShare = 0.0005
	// Settling gives up after so many collections, or (with two made) so long.
	maxCollections = 8
	maxSettle      = 3 * time.Second
)

// settle collects garbage, with turns of the event loop between, until readings of
// the heap agree. The last one at the level that they agree on counts, or the lowest
// where they did not.
func (s *Sampler) settle(ctx context.Context, sample *recording.Sample) (usage, error) {
	begin := time.Now()
	var l level
	var reading usage
	for {
		now, err := s.collect(ctx)
		if err != nil {
			return usage{}, err
		}
		settled, counts := l.add(now.Used)
		if counts {
			reading = now
		}
		sample.At, sample.GCs, sample.Settled = time.Since(s.options.Start), l.readings, settled
		if settled || l.readings == maxCollections || l.readings > 1 && time.Since(begin) > maxSettle {
			return reading, nil
		}
		if err := s.turn(ctx); err != nil {
			return usage{}, err
		}
	}
}

// level is what readings of the heap come to. What V8 takes for a while (a
// compilation, a queue of the app's own observers) is seen in some collections and
// not in others: the lowest level is what stays, once it has been seen twice. Where
// the first collection was still lower, because closing a connection made something
// that stays, a row of equal readings is.
type level struct {
	readings     int
	row          int // readings at the end that agree with the one before each
	last, lowest unit.Bytes
}

// add takes a reading, and says whether the heap has settled at it, and whether it
// counts as the heap until another one does.
func (l *level) add(used unit.Bytes) (settled, counts bool) {
	l.readings++
	first := l.readings == 1
	if !first && agree(l.last, used) {
		l.row++
	} else {
		l.row = 1
	}
	settled = !first && (agree(l.lowest, used) || l.row >= steadyRow)
	counts = first || settled || used < l.lowest
	if first || used < l.lowest {
		l.lowest = used
	}
	l.last = used
	return settled, counts
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
