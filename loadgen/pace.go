package loadgen

import (
	"context"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// pacer lets exactly n requests go. With a rate it waits by itself, because
// vegeta's own wait cannot be interrupted.
type pacer struct {
	ctx  context.Context
	n    uint64
	rate *vegeta.ConstantPacer // nil: as fast as the workers come back
	gait *gait                 // nil: whatever the others do
}

func newPacer(ctx context.Context, n int, rate unit.PerSecond, g *gait) pacer {
	p := pacer{ctx: ctx, n: uint64(n), gait: g}
	if rate > 0 {
		p.rate = &vegeta.ConstantPacer{Freq: 1, Per: max(1, time.Duration(float64(time.Second)/float64(rate)))}
	}
	return p
}

// Pace implements vegeta.Pacer.
func (p pacer) Pace(elapsed time.Duration, hits uint64) (time.Duration, bool) {
	if hits >= p.n || p.ctx.Err() != nil {
		return 0, true
	}
	if p.gait != nil {
		p.gait.await(p.ctx, hits)
	}
	if p.rate == nil {
		return 0, p.ctx.Err() != nil
	}
	wait, stop := p.rate.Pace(elapsed, hits)
	if stop || wait <= 0 {
		return 0, stop
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-p.ctx.Done():
		return 0, true
	case <-timer.C:
		return 0, false
	}
}

// Rate implements vegeta.Pacer.
func (p pacer) Rate(elapsed time.Duration) float64 {
	if p.rate == nil {
		return 0
	}
	return p.rate.Rate(elapsed)
}
