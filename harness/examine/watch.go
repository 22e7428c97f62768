package examine

import (
	"context"
	"errors"
	"time"

	"github.com/leakcheck/leakcheck/sampler"
	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording"
)

// watchedBlock is how long a watched block is, and the most of its requests. Of the
// time that is left each of the two takes a quarter at most, as settling and a busy
// machine want theirs.
func (x *examination) watchedBlock(ctx context.Context) (long time.Duration, most int) {
	long, most = watchTime, maxWatched
	if i, one := x.subject.Endpoint(); one && x.Requests(i, watchTime, x.before.Left()) < leastWatched {
		long, most = slowWatch, leastWatched
	}
	if end, ok := ctx.Deadline(); ok {
		long = min(long, time.Until(end)/4)
	}
	return long, most
}

// stores finds the lines that put something into what lives on. The first block
// shows what lives on; what is put into it in the second one counts, also where
// there was no time for all of it.
func (x *examination) stores(ctx context.Context) error {
	w, err := x.Sampler().Watch(ctx)
	if err != nil {
		return err
	}
	load, err := x.watchBlocks(ctx, w)
	if err != nil {
		return errors.Join(err, w.Stop(ctx))
	}
	seen, err := w.End(ctx)
	if err != nil {
		return err
	}
	x.watcher = w
	x.found.Watch, x.containers = x.places.watched(seen)
	x.found.Watch.Load = load
	return nil
}

// watchBlocks loads the target for the watcher.
func (x *examination) watchBlocks(ctx context.Context, w *sampler.Watcher) (evidence.Load, error) {
	early, cancel := beforeEnd(ctx)
	defer cancel()
	long, most := x.watchedBlock(early)
	if _, err := x.load(early, long, most); err != nil {
		return evidence.Load{}, cause(early, err)
	}
	if err := w.Mark(ctx); err != nil {
		return evidence.Load{}, err
	}
	load, err := x.load(early, long, most)
	cut := early.Err() != nil && ctx.Err() == nil && (load.Requests > 0 || x.subject == recording.Idle)
	if err != nil && cut {
		x.note("watch of containers: cut short, as %v", cause(early, err))
		return load, nil
	}
	if err != nil {
		return load, cause(early, err)
	}
	return load, nil
}

// lastWords is the time that is left for telling what was seen.
const lastWords = 2 * time.Second

// beforeEnd ends so long before ctx does that what was seen can be told.
func beforeEnd(ctx context.Context) (context.Context, context.CancelFunc) {
	end, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadlineCause(ctx, end.Add(-lastWords), errDiagnosisTime)
}
