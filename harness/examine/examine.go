// Package examine looks into leaks after the last sample of a run. It loads what
// leaks once more, and gathers evidence: an allocation profile, the containers
// that grow, and what snapshots show. It also reads what a target left that died.
package examine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/sampler"
	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Run is the run whose target is looked into. All that it sends and samples from
// now on is outside of its recording.
type Run interface {
	Recording() *recording.Recording
	Target() target.Target
	Sampler() *sampler.Sampler
	// Context ends when ctx does, or the target, or its inspector. The function
	// must be called, and waits for what watches them.
	Context(ctx context.Context) (context.Context, func())
	// Sample settles the target first.
	Sample(ctx context.Context) (recording.Sample, error)
	// Requests is how many of an endpoint's fill so much time, within what a target
	// with so much room should take at once.
	Requests(endpoint int, d time.Duration, room unit.Bytes) int
	// Growth is an endpoint's, in bytes per request of its last block.
	Growth(endpoint int) float64
	// Load sends so many requests, at most, of an endpoint or of all together.
	Load(ctx context.Context, s recording.Subject, d time.Duration, room unit.Bytes, most int) (recording.Load, error)
	// Lost is why the measured process cannot be looked into any more: it "had ended",
	// or hangs; "" while it can.
	Lost() string
	// Restart stops the target, starts it again and sets it up.
	Restart(ctx context.Context, t Restartable) error
}

// Options are what the scenario says of it.
type Options struct {
	Dir         string        // the run's folder, for snapshots
	Keep        Keep          //
	NoSnapshots bool          // none are taken
	NoSource    bool          // no line of the code is kept
	Timeout     time.Duration // of all together
	FullHeap    unit.Bytes    // a heap too full for a diagnosis; 0: 64 MiB
}

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

// Leaks looks into what is accused, the worst first, and calls report for each.
func Leaks(ctx context.Context, r Run, o Options, accused []recording.Subject, report func(evidence.Evidence)) {
	accused = accused[:min(maxAccused, len(accused))]
	o.FullHeap = cmp.Or(o.FullHeap, fullHeap)
	e := &examiner{Run: r, options: o, most: math.MaxInt32}
	note, err := e.restartFor(ctx, accused)
	if why := r.Lost(); err == nil && why != "" {
		err = fmt.Errorf("not looked into: the target %s, and cannot be started again", why)
	}
	if err != nil {
		for _, s := range accused {
			report(evidence.Evidence{Subject: s, Notes: []string{err.Error()}})
		}
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, o.Timeout, errDiagnosisTime)
	defer cancel()
	ctx, stop := r.Context(ctx)
	defer stop()
	for _, x := range e.look(ctx, accused) {
		if note != "" {
			x.found.Notes = append([]string{note}, x.found.Notes...)
		}
		report(x.found)
	}
}

// look takes the light steps for all that is accused before the snapshots of any:
// these take most of the time, and one cause may explain several leaks.
func (e *examiner) look(ctx context.Context, accused []recording.Subject) []*examination {
	all := make([]*examination, len(accused))
	e.all = all
	for i, s := range accused {
		all[i] = &examination{
			examiner: e, subject: s, found: evidence.Evidence{Subject: s}, before: e.lastSample(),
			places: newPlaces(ctx, e.Sampler()),
		}
		share, cancel := part(ctx, len(accused)-i)
		all[i].carryOut(share, step{"sample before", all[i].begin}, step{"allocation profile", all[i].profile}, step{"watch of containers", all[i].stores})
		cancel()
	}
	defer func() {
		for _, x := range all {
			x.located()
			x.excerpts()
		}
	}()
	for i, x := range all {
		if same := x.sameAs(all[:i]); same != nil {
			x.explainBy(same)
			continue
		}
		share, cancel := part(ctx, len(all)-i)
		x.carryOut(share, step{"heap snapshots", x.growth})
		cancel()
	}
	return all
}

// part is a context with one in n of the time that is left.
func part(ctx context.Context, n int) (context.Context, context.CancelFunc) {
	end, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, time.Until(end)/time.Duration(n), errDiagnosisTime)
}

// examiner is what all examinations of a run have in common.
type examiner struct {
	Run
	options Options
	most    int // requests of a block
	// disturbed: snapshots were taken, after which resident memory says nothing.
	disturbed bool
	all       []*examination
}

// cause prefers the reason that the context ended for over the error that this
// made elsewhere.
func cause(ctx context.Context, err error) error {
	if c := context.Cause(ctx); c != nil && !errors.Is(c, context.Canceled) {
		return c
	}
	return err
}

// examination is the gathering of evidence of one leak.
type examination struct {
	*examiner
	subject recording.Subject
	before  recording.Sample // of the block to come

	compared int // snapshots, as far as there is time
	found    evidence.Evidence
	places   *places
	// watcher still holds the containers that it saw grow, one of each store.
	watcher    *sampler.Watcher
	containers map[string]sampler.RawStore
}

// step is one way to look at a leak.
type step struct {
	name string
	run  func(context.Context) error
}

// carryOut gathers what it can. A step that fails is noted, and the others are taken
// all the same.
func (x *examination) carryOut(ctx context.Context, steps ...step) {
	begin := time.Now()
	for _, s := range steps {
		if err := s.run(ctx); err != nil {
			x.note("%s: %v", s.name, cause(ctx, err))
		}
	}
	x.found.Took += time.Since(begin)
}

func (e *examiner) lastSample() recording.Sample {
	all := e.Recording().Observations
	return all[len(all)-1].Sample
}

// begin takes a new sample: what was looked into before has left its traces.
func (x *examination) begin(ctx context.Context) error {
	s, err := x.Sample(ctx)
	if err == nil {
		x.before = s
	}
	return err
}

func (x *examination) note(format string, args ...any) {
	x.found.Notes = append(x.found.Notes, fmt.Sprintf(format, args...))
}

// load runs a block of about d, of at most n requests, and settles the target.
func (x *examination) load(ctx context.Context, d time.Duration, most int) (evidence.Load, error) {
	begin := time.Now()
	var done evidence.Load
	if err := x.Sampler().Before(ctx); err != nil {
		return done, err
	}
	l, err := x.send(ctx, d, most)
	done.Requests, done.Elapsed = l.Requests, time.Since(begin)
	if err != nil {
		return done, err
	}
	after, err := x.Sample(ctx)
	if err == nil && !x.disturbed {
		x.moved(done, &after)
	}
	return done, err
}

// send is the load of a block, or the wait where it is the clock that leaks.
func (x *examination) send(ctx context.Context, d time.Duration, most int) (recording.Load, error) {
	if x.subject != recording.Idle {
		return x.Load(ctx, x.subject, d, x.before.Left(), min(most, x.most))
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
	if err := x.Sampler().StartProfile(ctx); err != nil {
		return err
	}
	load, err := x.load(ctx, profileTime, math.MaxInt32)
	if err != nil {
		return err
	}
	sites, err := x.Sampler().StopProfile(ctx)
	if err != nil {
		return err
	}
	x.found.Profile = evidence.Profile{Load: load, Sites: x.places.sites(sites)}
	return nil
}
