package harness

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/leakcheck/leakcheck/sampler"
	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/scenarios"
)

const (
	// maxAccused is how many leaks are looked into, the worst first.
	maxAccused = 3
	// profileTime, watchTime and idleLook are the lengths of the extra blocks.
	profileTime = time.Second
	watchTime   = 1500 * time.Millisecond
	idleLook    = 3 * time.Second
	// maxWatched bounds the requests of a watched block, as a stack is taken for
	// each thing that is kept. One with less than leastWatched may miss what is
	// kept by the page, and goes on for up to slowWatch.
	maxWatched   = 3000
	leastWatched = 1200
	slowWatch    = 3 * watchTime
)

// errDiagnosisTime ends a diagnosis that takes too long.
var errDiagnosisTime = errors.New("the time for diagnosis was over")

// diagnose looks into what the caller accuses. The recording is complete by
// then: nothing that happens here is in it.
func (r *run) diagnose(ctx context.Context) {
	unwanted := r.hooks.Accuse == nil || off(r.plan.diagnose.Enabled)
	if unwanted || r.sampler == nil || len(r.rec.Observations) == 0 {
		return
	}
	accused := r.hooks.Accuse(r.rec)
	if len(accused) == 0 {
		return
	}
	accused = accused[:min(maxAccused, len(accused))]
	r.tell(Progress{Stage: Diagnosing})
	longest := cmp.Or(r.plan.diagnose.Timeout, scenarios.DefaultDiagnosis)
	note, err := r.afresh(ctx, longest, accused)
	if err != nil {
		for _, which := range accused {
			r.hooks.Evidence(evidence.Evidence{Endpoint: which, Notes: []string{err.Error()}})
		}
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, longest, errDiagnosisTime)
	defer cancel()
	ctx, stop := r.watch(ctx)
	defer stop()
	for _, which := range accused {
		if ctx.Err() != nil {
			return
		}
		found := r.examine(ctx, which)
		if note != "" {
			found.Notes = append([]string{note}, found.Notes...)
		}
		r.hooks.Evidence(found)
	}
}

// off says that the scenario switches something off.
func off(wanted *bool) bool { return wanted != nil && !*wanted }

// examination is the gathering of evidence of one leak.
type examination struct {
	*run
	endpoint *endpoint        // nil for the background, and for all together
	before   recording.Sample // of the block to come
	// disturbed: snapshots were taken, after which resident memory says nothing.
	disturbed bool
	compared  int // snapshots, as far as there is time
	found     evidence.Evidence
	places    *places
	// watcher still holds the containers that it saw grow, one of each store.
	watcher    *sampler.Watcher
	containers map[string]sampler.RawStore
}

// examine gathers what it can. A step that fails is noted, and the others are
// taken all the same.
func (r *run) examine(ctx context.Context, which int) evidence.Evidence {
	begin := time.Now()
	x := &examination{run: r, found: evidence.Evidence{Endpoint: which}, before: r.last().Sample}
	if which >= 0 {
		x.endpoint = r.endpoints[which]
	}
	x.places = newPlaces(ctx, r.sampler)
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"sample before", x.begin},
		{"allocation profile", x.profile},
		{"watch of containers", x.stores},
		{"heap snapshots", x.growth},
	} {
		if err := step.run(ctx); err != nil {
			x.note("%s: %v", step.name, x.cause(ctx, err))
		}
	}
	x.found.Took = time.Since(begin)
	return x.found
}

// begin samples afresh: what was looked into before has left its traces.
func (x *examination) begin(ctx context.Context) error {
	s, err := x.observed(ctx, nil)
	if err == nil {
		x.before = s
	}
	return err
}

func (x *examination) note(format string, args ...any) {
	x.found.Notes = append(x.found.Notes, fmt.Sprintf(format, args...))
}

// room is that of the process which is looked into.
func (x *examination) room() unit.Bytes { return roomBy(&x.before) }

// load runs a block of about d, of at most n requests, and settles the target.
func (x *examination) load(ctx context.Context, d time.Duration, most int) (evidence.Load, error) {
	begin := time.Now()
	var done evidence.Load
	if err := x.sampler.Before(ctx); err != nil {
		return done, err
	}
	l, err := x.send(ctx, d, most)
	done.Requests, done.Elapsed = l.Requests, time.Since(begin)
	if err != nil {
		return done, err
	}
	after, err := x.observed(ctx, nil)
	if err == nil && !x.disturbed {
		x.moved(done, &after)
	}
	return done, err
}

// send is the load of a block, or the wait where it is the clock that leaks.
func (x *examination) send(ctx context.Context, d time.Duration, most int) (recording.Load, error) {
	switch {
	case x.endpoint != nil:
		return x.loader.Block(ctx, x.endpoint.load, min(most, x.endpoint.requestsFor(d, x.room())))
	case x.found.Endpoint == recording.Mixed:
		shares := x.mixture.usual()
		l, _, err := x.loader.Mix(ctx, x.mixture.portions(x.mixture.atMost(most, x.mixture.requestsFor(d, shares, x.room()))))
		return l, err
	}
	select {
	case <-time.After(max(d, idleLook)):
		return recording.Load{}, nil
	case <-ctx.Done():
		return recording.Load{}, ctx.Err()
	}
}

// moved adds a block to what is known of each part of the memory.
func (x *examination) moved(done evidence.Load, after *recording.Sample) {
	m := &x.found.Moved
	m.Requests += done.Requests
	m.Elapsed += done.Elapsed
	m.Heap += float64(after.Heap.Used - x.before.Heap.Used)
	m.External += float64(after.Memory.External - x.before.Memory.External)
	m.Native += float64(after.Native() - x.before.Native())
	x.before = *after
}

// profile finds the functions whose allocations survive a block.
func (x *examination) profile(ctx context.Context) error {
	if err := x.sampler.StartProfile(ctx); err != nil {
		return err
	}
	load, err := x.load(ctx, profileTime, math.MaxInt32)
	if err != nil {
		return err
	}
	sites, err := x.sampler.StopProfile(ctx)
	if err != nil {
		return err
	}
	x.found.Profile = evidence.Profile{Load: load, Sites: x.places.sites(sites)}
	return nil
}

// watchedBlock is how long a watched block is, and the most of its requests.
func (x *examination) watchedBlock() (long time.Duration, most int) {
	if x.endpoint != nil && x.endpoint.requestsFor(watchTime, x.room()) < leastWatched {
		return slowWatch, leastWatched
	}
	return watchTime, maxWatched
}

// stores finds the lines that put something into what lives on. The first block
// shows what lives on; what is put into it in the second one counts, also where
// there was no time for all of it.
func (x *examination) stores(ctx context.Context) error {
	w, err := x.sampler.Watch(ctx)
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
	long, most := x.watchedBlock()
	if _, err := x.load(early, long, most); err != nil {
		return evidence.Load{}, x.cause(early, err)
	}
	if err := w.Mark(ctx); err != nil {
		return evidence.Load{}, err
	}
	load, err := x.load(early, long, most)
	cut := early.Err() != nil && ctx.Err() == nil && (load.Requests > 0 || x.found.Endpoint == recording.Idle)
	if err != nil && cut {
		x.note("watch of containers: cut short, as %v", x.cause(early, err))
		return load, nil
	}
	if err != nil {
		return load, x.cause(early, err)
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
