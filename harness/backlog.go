package harness

import (
	"context"
	"fmt"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// A closed loop sends as fast as it is answered, and an app that queues work (jobs,
// batches, writes) may answer many times faster than it works. Its queue then grows in
// each block and shrinks in between, which is no leak at the rate of production. So
// where memory falls while nothing is sent, the run waits until the work is done, and
// sends no faster from then on than it is done.

const (
	// backlogInterval is the time between two readings that look for a backlog, of which
	// backlogFalls in a row must fall.
	backlogInterval = 400 * time.Millisecond
	backlogFalls    = 3
	// maxBacklogWait bounds how long is waited for the work to be done.
	maxBacklogWait = 30 * time.Second
	// workedShare is the part of the rate at which work is done that is sent, and leastTimes
	// how many times the rate of production it is at least.
	workedShare = 0.5
	leastTimes  = 2
)

// backlog is what was seen of work that is queued.
type backlog struct {
	paced bool // requests are sent no faster than the work is done
}

// workOff looks whether work is still being done, waits for it, and has requests sent no
// faster than that from then on. found is false where there is none.
func (r *run) workOff(ctx context.Context, round int, phase recording.Phase) (found bool, err error) {
	if r.backlog.paced {
		return false, nil
	}
	begin, first := time.Now(), r.last().Sample
	s, falls := first, 0
	for ; falls < backlogFalls; falls++ {
		next, err := r.resample(ctx, backlogInterval)
		if err != nil {
			return false, r.cause(ctx, err)
		}
		if !fallen(&s, &next) {
			return false, nil
		}
		s = next
	}
	stage := Measuring
	if phase == recording.WarmUp {
		stage = WarmingUp
	}
	r.tell(Progress{Stage: stage, Round: round + 1, Rounds: recording.MinRounds, Message: "work is queued faster than it is done: waiting until it is done"})
	seen := s
	took := time.Since(begin)
	for time.Since(begin) < maxBacklogWait {
		next, err := r.resample(ctx, backlogInterval)
		if err != nil {
			return false, r.cause(ctx, err)
		}
		done := !fallen(&s, &next)
		if s = next; done {
			break
		}
	}
	s.Took, s.Loop = time.Since(begin), recording.Loop{}
	err = r.keep(recording.Observation{Block: recording.Block{
		Phase: phase, Round: round, Endpoint: recording.Idle, Start: begin.Sub(r.started),
	}, Sample: s})
	r.pace(float64(first.Retained()-seen.Retained()) / took.Seconds())
	return true, err
}

// pace has requests sent no faster than memory is released by the work that they queue,
// in bytes per second.
func (r *run) pace(released float64) {
	r.backlog.paced = true
	was, now := unit.PerSecond(0), unit.PerSecond(0)
	for i, e := range r.endpoints {
		if e.open || e.growth <= 0 {
			continue
		}
		production := r.rec.Header.Endpoints[i].Rate
		rate := max(leastTimes*production, unit.PerSecond(workedShare*released/e.growth))
		if rate < e.rate {
			was, now = max(was, e.rate), max(now, rate)
			e.pace(rate)
		}
	}
	r.event(recording.Backlog, fmt.Sprintf("work is queued faster than it is done at %s: measured at %s", was, now))
}
