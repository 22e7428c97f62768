package harness

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/sampler/recording"
)

// attached is a target whose end is not seen.
type attached struct {
	target.Target
	url  string
	done chan struct{}
}

func (a attached) URL() string           { return a.url }
func (a attached) Done() <-chan struct{} { return a.done }
func (a attached) Exit() *target.Exit    { return nil }

// runOf is a run of a target, as far as its events can be recorded.
func runOf(t *testing.T, a attached) *run {
	t.Helper()
	w, err := recording.NewWriter(filepath.Join(t.TempDir(), "r"), recording.Header{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return &run{target: a, writer: w, rec: &recording.Recording{}, plan: &Plan{}, started: time.Now()}
}

// Who interrupts a run is not kept waiting to learn why the inspector was lost.
func TestInterruptedWhileLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runOf(t, attached{done: make(chan struct{})})
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("enough"))
		defer cancel()
		begin := time.Now()
		err := r.explain(ctx, errInspectorLost)
		if took := time.Since(begin); took != time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: %v, want the context's end after 1s", took, err)
		}
		if len(r.rec.Events) != 1 || r.rec.Events[0].Kind != recording.Interrupted {
			t.Errorf("events: got %+v, want the interruption", r.rec.Events)
		}
	})
}

// Of a target that is not ours it is not said that it runs, but when it answers.
func TestHintOnLostTarget(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	close(done)
	r := runOf(t, attached{url: "http://" + l.Addr().String(), done: done})
	for _, want := range []string{"still runs", "does not answer either"} {
		var e *Error
		if err := r.explain(t.Context(), errInspectorLost); !errors.As(err, &e) || !strings.Contains(e.Hint, want) {
			t.Errorf("error: got %+v, want a hint with %q", err, want)
		}
		_ = l.Close() // twice is no matter
	}
}

func TestDeadlineBeforeReady(t *testing.T) {
	err := targetError(fmt.Errorf("await the app: %w", errDeadline))
	var e *Error
	if !errors.As(err, &e) || e.Error() != "start target: max_duration was over before it was ready" || e.Hint == "" {
		t.Errorf("error: got %v, want that max_duration was over, with a hint", err)
	}
}
