package harness

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/loadgen"
	"github.com/leakcheck/leakcheck/sampler"
	"github.com/leakcheck/leakcheck/sampler/procmem"
	"github.com/leakcheck/leakcheck/sampler/recording"
)

// stopTimeout bounds the end of a run, whatever state the target is in.
const stopTimeout = 8 * time.Second

// errDeadline ends the rounds when max_duration is reached: not a failure.
var errDeadline = errors.New("max_duration reached")

// run is one measurement in progress.
type run struct {
	plan      *Plan
	hooks     Hooks
	rng       *rand.Rand
	started   time.Time
	deadline  time.Time
	target    target.Target
	sampler   *sampler.Sampler
	loader    *loadgen.Loader
	endpoints []*endpoint
	mixedLoad *mixedLoad
	writer    *recording.Writer
	rec       *recording.Recording
	decided   bool
	release   release
	screening screening
	backlog   backlog
	done      float64       // what tellRound told last
	left      time.Duration // the same
	dead      bool          // the target ended by itself
	lost      string        // why the measured process cannot be asked any more; "" while it can
	serves    bool          // the measured process is known to, or was doubted already
}

// Run carries the plan out. The recording holds all that was observed, also
// when an error is returned with it; it is nil only when the target was never
// reached. The error is an *Error, or the context's.
func Run(ctx context.Context, p *Plan, hooks Hooks) (*recording.Recording, error) {
	r := &run{
		plan:    p,
		hooks:   hooks,
		rng:     rand.New(rand.NewPCG(p.header.Seed, seedStream)),
		started: time.Now(),
	}
	r.deadline = r.started.Add(p.maxDuration)
	err := r.measure(ctx)
	err = r.explain(ctx, err)
	if err == nil {
		if err = r.finishRecording(); err != nil {
			err = recordingError(err)
		}
	}
	late := r.autopsy() // before another process may leave something there
	if err == nil || r.lost != "" && ctx.Err() == nil {
		r.diagnose(ctx)
	}
	err = r.close(ctx, err)
	if late != nil {
		err = errors.Join(err, recordingError(late))
	}
	return r.rec, err
}

// seedStream keeps the order of rounds apart from other uses of the seed.
const seedStream = 0x6c65616b

// measure runs all stages up to the last sample.
func (r *run) measure(ctx context.Context) error {
	ctx, release := context.WithDeadlineCause(ctx, r.deadline, errDeadline)
	defer release()
	if err := r.launch(ctx); err != nil {
		return err
	}
	ctx, stop := r.watch(ctx)
	defer stop()
	if err := r.warmUp(ctx); err != nil {
		return err
	}
	return r.rounds(ctx)
}

// launch starts the target, opens the inspector and prepares the load.
func (r *run) launch(ctx context.Context) error {
	r.tell(Progress{Stage: Launching})
	proc, err := r.plan.start(ctx, r.say)
	if err != nil {
		r.dead = true
		return targetError(err)
	}
	r.target, r.serves = proc, r.plan.scenario.Target.Attach == nil || proc.PID() != 0
	if err := r.openSampler(ctx); err != nil {
		return err
	}
	if err := r.openRecording(); err != nil {
		return err
	}
	if all := proc.Shared(); len(all) > 0 {
		r.event(recording.MultipleProcesses, fmt.Sprintf("%d processes serve this port, but only pid %d is measured: requests handled by the others do not show up in its heap", len(all), proc.PID()))
	}
	if open := proc.Exposed(); len(open) > 0 {
		r.event(recording.OpenInspector, fmt.Sprintf("the app has an inspector of its own on %v, where others can run code in it", open))
	}
	if err := r.prepareLoad(); err != nil {
		return err
	}
	return r.setup(ctx)
}

func (r *run) openSampler(ctx context.Context) error {
	t := r.target
	s, err := sampler.Open(ctx, t.Inspector(), sampler.Options{
		PID: t.PID(), Root: t.Root(), Port: t.Port(),
		RunID: r.plan.header.RunID, Start: r.started,
	})
	if err != nil {
		return &Error{
			Kind: TargetFailed, Err: fmt.Errorf("open inspector: %w", err),
			Hint: "leakcheck opens Node's inspector on 127.0.0.1: does the app close it, or does another debugger hold it?",
		}
	}
	r.sampler = s
	return nil
}

func (r *run) openRecording() error {
	h := r.plan.header
	h.StartedAt = r.started.UTC()
	rt := r.sampler.Runtime()
	h.Environment.Node, h.Environment.V8 = rt.Node, rt.V8
	procmem.Describe(&h.Environment)
	r.rec = &recording.Recording{Header: h}
	w, err := recording.NewWriter(filepath.Join(r.plan.dir, RecordingFile), h)
	if err != nil {
		return recordingError(err)
	}
	r.writer = w
	return nil
}

func (r *run) prepareLoad() error {
	loader, err := r.plan.newLoader(r.target.URL())
	if err != nil {
		return &Error{Kind: LoadFailed, Err: err}
	}
	r.loader = loader
	if err := loader.PrepareSetup(r.plan.setup); err != nil {
		return &Error{Kind: LoadFailed, Err: err}
	}
	for i, q := range r.plan.requests {
		e, err := loader.Prepare(q)
		if err != nil {
			return &Error{Kind: LoadFailed, Err: err}
		}
		r.endpoints = append(r.endpoints, newEndpoint(i, q, e))
	}
	r.mixedLoad = newMixedLoad(r.endpoints, &r.plan.header)
	return nil
}

// watch gives a context that ends when the target or its inspector does, so
// that no block waits for an answer that cannot come.
func (r *run) watch(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	joined := make(chan struct{})
	go func() {
		defer close(joined)
		select {
		case <-r.target.Done():
			cancel(errTargetExited)
		case <-r.sampler.Done():
			cancel(errInspectorLost)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil); <-joined }
}

// close ends the recording and stops everything that launch started. It adds
// what goes wrong in that to the reason that the run ended for.
func (r *run) close(ctx context.Context, reason error) error {
	r.tell(Progress{Stage: Stopping, Done: 1})
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if r.loader != nil {
		r.loader.Close()
	}
	if r.sampler != nil {
		_ = r.sampler.Close() //nolint:contextcheck // bounded by itself; the target is stopped next, whatever it answers
	}
	if r.target != nil {
		if err := r.target.Stop(ctx); err != nil {
			reason = errors.Join(reason, &Error{Kind: TargetFailed, Err: err})
		}
	}
	if err := r.finishRecording(); err != nil && !errors.Is(reason, err) {
		reason = errors.Join(reason, recordingError(err))
	}
	return reason
}

// finishRecording writes the end line and closes the file, once; what happens
// later is not recorded. An error is the first that the writer had, which may
// have ended the run.
func (r *run) finishRecording() error {
	if r.writer == nil {
		return nil
	}
	end := r.rec.Spent()
	end.At, end.Decided = time.Since(r.started), r.decided
	r.rec.End = &end
	_ = r.writer.End(end) // Close returns the same
	err := r.writer.Close()
	r.writer = nil
	return err
}

// say passes on a message about the launch.
func (r *run) say(message string) { r.tell(Progress{Stage: Launching, Message: message}) }

func (r *run) tell(p Progress) {
	if r.hooks.Progress != nil {
		r.hooks.Progress(p)
	}
}
