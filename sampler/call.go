package sampler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/leakcheck/leakcheck/sampler/inspector"
)

const (
	// answerTime is how long a live event loop may take for one call.
	answerTime = 10 * time.Second
	// collectTime is for garbage collection, which takes about 2 ms per MB and
	// comes after the event loop has been seen to turn.
	collectTime = time.Minute
)

// HungError is a target whose event loop no longer turns: it computes without
// end, or waits inside a call.
type HungError struct {
	Method string // of the inspector, that was not answered
	After  time.Duration
}

func (e *HungError) Error() string {
	return fmt.Sprintf("target hangs: its event loop has not turned for %v (%s)", e.After, e.Method)
}

// call is one call with a deadline of its own, which turns into a *HungError.
func call(ctx context.Context, s inspector.Session, limit time.Duration, method string, params, result any) error {
	errLate := &HungError{Method: method, After: limit}
	limited, cancel := context.WithTimeoutCause(ctx, limit, errLate)
	defer cancel()
	err := s.Call(limited, method, params, result)
	if err != nil && errors.Is(context.Cause(limited), errLate) {
		return errLate
	}
	return err
}

// sleep waits for d, or for the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
