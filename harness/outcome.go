package harness

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/sampler"
	"github.com/leakcheck/leakcheck/sampler/inspector"
	"github.com/leakcheck/leakcheck/sampler/recording"
)

// Causes that end a run early, carried by the context of its blocks.
var (
	errTargetExited  = errors.New("the target ended")
	errInspectorLost = errors.New("the inspector's connection closed")
)

// exitPatience is how long a lost inspector waits to learn that the target
// has died, which is the better explanation. An engine on a busy machine tells it
// seconds after the inspector has closed.
const exitPatience = 6 * time.Second

// explain turns what ended the run into an event of the recording and an
// error with a kind. Reaching max_duration is an event and not an error.
func (r *run) explain(ctx context.Context, err error) error {
	var known *Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return r.interrupted(ctx)
	case r.leavesLastWords(ctx, err):
		return r.died(r.target.Exit())
	case errors.As(err, &known) && known.Kind == LoadFailed:
		return r.loadFailed(ctx, known)
	case errors.As(err, &known):
		return known
	case errors.Is(err, errDeadline):
		if hung := r.hung(ctx); hung != nil {
			return r.hangs(ctx, hung)
		}
		r.event(recording.Deadline, fmt.Sprintf("max_duration of %s reached", r.plan.maxDuration))
		return nil
	}
	return r.targetLost(ctx, err)
}

func (r *run) interrupted(ctx context.Context) error {
	r.event(recording.Interrupted, "interrupted: "+context.Cause(ctx).Error())
	return ctx.Err()
}

// loadFailed prefers the target's death or hanging as the reason for answers
// that failed.
func (r *run) loadFailed(ctx context.Context, e *Error) error {
	if x := r.exit(ctx, exitPatience/4); x != nil {
		return r.died(x)
	}
	if ctx.Err() != nil {
		return r.interrupted(ctx)
	}
	if hung := r.hung(ctx); hung != nil {
		return r.hangs(ctx, hung)
	}
	r.event(recording.LoadFailed, e.Error())
	return e
}

func (r *run) targetLost(ctx context.Context, err error) error {
	if x := r.exit(ctx, exitPatience); x != nil {
		return r.died(x)
	}
	if ctx.Err() != nil {
		return r.interrupted(ctx)
	}
	var hung *sampler.HungError
	if errors.As(err, &hung) {
		return r.hangs(ctx, hung)
	}
	r.event(recording.InspectorLost, err.Error())
	var closed *inspector.ClosedError
	if !errors.As(err, &closed) && !errors.Is(err, errInspectorLost) {
		return &Error{Kind: TargetFailed, Err: fmt.Errorf("measure target: %w", err)}
	}
	hint := "the target still runs, but its inspector no longer answers: does the app call inspector.close()?"
	if !target.Listens(ctx, r.target.URL()) {
		hint = "the app does not answer either: it has ended, or the connection to its machine has; its own log says more"
	}
	return &Error{Kind: TargetFailed, Err: fmt.Errorf("measure target: %w", err), Hint: hint}
}

// hung asks the target for a sign of life. It takes a while only when there is
// none, and returns nil for one that lives or has ended.
func (r *run) hung(ctx context.Context) *sampler.HungError {
	var hung *sampler.HungError
	errors.As(r.sampler.Before(ctx), &hung)
	return hung
}

func (r *run) hangs(ctx context.Context, hung *sampler.HungError) error {
	if r.leavesLastWords(ctx, hung) {
		return r.died(r.target.Exit())
	}
	r.lost = "answered no more"
	r.event(recording.InspectorLost, hung.Error())
	return &Error{
		Kind: TargetFailed, Err: hung,
		Hint: "its event loop no longer turns: look for a loop or a synchronous call that does not end",
	}
}

// exit waits up to patience for the target's end; nil when it still runs, and
// when ctx ends first.
func (r *run) exit(ctx context.Context, patience time.Duration) *target.Exit {
	if x := r.target.Exit(); x != nil {
		return x
	}
	select {
	case <-r.target.Done():
	case <-time.After(patience):
	case <-ctx.Done():
	}
	return r.target.Exit()
}

func (r *run) died(x *target.Exit) error {
	kind, hint := recording.TargetExited, "the app must survive its load to be measured: its last output is above"
	switch {
	case x.OOMKilled:
		kind, hint = recording.OutOfMemory, "its container was full: raise target.container.memory, or trust the verdict on what was recorded until then"
	case x.OutOfMemory:
		kind, hint = recording.OutOfMemory, "the heap was full: raise --max-old-space-size, or trust the verdict on what was recorded until then"
	case x.Exhausted() != "":
		hint = "its load left no " + x.Exhausted() + ": what the endpoints open and do not close is in the verdict, as far as it was recorded"
	case x.Replaced:
		hint = "what starts the server starts it again when it ends (nodemon, pm2, a script): give the server itself as target.command; its last output says why it ended"
	case x.Signal == "SIGKILL":
		hint = "it did not end by itself: did the kernel end it for want of memory? dmesg or journalctl -k says so"
	case x.LastOutput == "":
		hint = "it must survive its load to be measured, and no output says why it did not"
	}
	r.dead, r.lost = true, "had ended"
	r.event(kind, "the target "+x.String())
	return &Error{
		Kind: TargetFailed, Err: fmt.Errorf("target ended during the run: %s", x),
		Hint: hint, Detail: x.LastOutput,
	}
}

// event records something that happened, as far as there is a recording.
func (r *run) event(kind recording.EventKind, message string) {
	if r.writer == nil {
		return
	}
	e := recording.Event{At: time.Since(r.started), Kind: kind, Message: message}
	r.rec.Events = append(r.rec.Events, e)
	_ = r.writer.Event(e) // the writer's error is sticky and returned on Close
}

// targetError gives a target's error its kind and its hint.
func targetError(err error) error {
	var te *target.Error
	if errors.As(err, &te) {
		return &Error{Kind: TargetFailed, Err: te, Hint: te.Hint, Detail: te.Detail}
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	if errors.Is(err, errDeadline) || errors.Is(err, context.DeadlineExceeded) {
		return &Error{
			Kind: TargetFailed, Err: errors.New("start target: max_duration was over before it was ready"),
			Hint: "max_duration holds for the whole run: give it more",
		}
	}
	return &Error{Kind: TargetFailed, Err: fmt.Errorf("start target: %w", err)}
}

func recordingError(err error) error {
	return &Error{
		Kind: TargetFailed, Err: err,
		Hint: "is the disk full, or the run folder not writable? --runs-dir names another",
	}
}
