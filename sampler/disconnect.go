package sampler

import (
	"context"
	"time"

	"github.com/leakcheck/leakcheck/sampler/procmem"
)

const (
	// pollConnections is how often the target's connections are counted.
	pollConnections = 10 * time.Millisecond
	// maxDisconnect bounds the wait; stuckConnections ends it early when the count
	// does not move, as connections that leak never go. Those that stood before
	// (a pool's, or another client's) need no such patience.
	maxDisconnect    = 2 * time.Second
	stuckConnections = 500 * time.Millisecond
	stuckBefore      = 100 * time.Millisecond
	// idle follows the last close, for what the target does about it.
	idle = 30 * time.Millisecond
	// blindIdle is the wait where connections cannot be counted.
	blindIdle = 300 * time.Millisecond
)

// awaitDisconnect waits until the target has no more connections than when the sampler
// was opened, and says whether that came about.
func (s *Sampler) awaitDisconnect(ctx context.Context) (bool, error) {
	begin := time.Now()
	last, moved := -1, begin
	for {
		n, err := procmem.Established(s.options.PID, s.options.Port)
		if err != nil {
			return false, sleep(ctx, blindIdle)
		}
		s.baseline = min(s.baseline, n) // the probes of readiness may have been open still
		if n <= s.baseline {
			return true, sleep(ctx, idle)
		}
		if n != last {
			last, moved = n, time.Now()
		}
		patience := stuckConnections
		if n <= s.stuck {
			patience = stuckBefore
		}
		if time.Since(begin) > maxDisconnect || time.Since(moved) > patience {
			s.stuck = n
			return false, nil
		}
		if err := sleep(ctx, pollConnections); err != nil {
			return false, err
		}
	}
}
