package loadgen

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// Shape is how an open-loop rate moves within each block. The zero value keeps
// it; of RampTo and Amplitude one is set.
type Shape struct {
	RampTo    unit.PerSecond // at the end of the block
	Amplitude unit.PerSecond // of a sine around the rate, below it
	Period    time.Duration  // of the sine; stretched so that a block has whole ones
}

func (s Shape) check(rate unit.PerSecond) error {
	switch {
	case s == Shape{}:
		return nil
	case rate <= 0:
		return errors.New("a ramp or a sine needs an open-loop rate")
	case s.RampTo < 0 || s.Amplitude < 0 || s.RampTo > 0 && s.Amplitude > 0:
		return errors.New("want a ramp or a sine, above 0")
	case s.Amplitude >= rate || (s.Amplitude > 0) != (s.Period > 0):
		return errors.New("a sine needs an amplitude below the rate, and a period")
	}
	return nil
}

// mean is the rate of a whole block.
func (s Shape) mean(rate unit.PerSecond) unit.PerSecond {
	if s.RampTo > 0 {
		return (rate + s.RampTo) / 2
	}
	return rate
}

// peak is the highest rate of a block.
func (s Shape) peak(rate unit.PerSecond) unit.PerSecond {
	return max(rate+s.Amplitude, s.RampTo)
}

// pacer is vegeta's for n requests.
func (s Shape) pacer(n int, rate unit.PerSecond) vegeta.Pacer {
	whole := float64(n) / float64(s.mean(rate)) // seconds
	switch {
	case rate == 0:
		return nil
	case s.RampTo > 0:
		return vegeta.LinearPacer{StartAt: frequency(rate), Slope: float64(s.RampTo-rate) / whole}
	case s.Amplitude > 0:
		periods := max(1, math.Round(whole/s.Period.Seconds()))
		return vegeta.SinePacer{
			Period: time.Duration(whole / periods * float64(time.Second)),
			Mean:   frequency(rate), Amp: frequency(s.Amplitude), StartAt: vegeta.MeanUp,
		}
	}
	return frequency(rate)
}

func frequency(rate unit.PerSecond) vegeta.ConstantPacer {
	return vegeta.ConstantPacer{Freq: 1, Per: max(1, time.Duration(float64(time.Second)/float64(rate)))}
}

// pacer lets exactly n requests go. With a rate it waits by itself, because
// vegeta's own wait cannot be interrupted.
type pacer struct {
	ctx    context.Context
	n      uint64
	rate   vegeta.Pacer // nil: as fast as the workers come back
	member *member      // nil: whatever the others do
}

func newPacer(ctx context.Context, n int, e *Endpoint, m *member) pacer {
	return pacer{ctx: ctx, n: uint64(n), rate: e.shape.pacer(n, e.openRate), member: m}
}

// Pace implements vegeta.Pacer.
func (p pacer) Pace(elapsed time.Duration, hits uint64) (time.Duration, bool) {
	if hits >= p.n || p.ctx.Err() != nil {
		return 0, true
	}
	if p.member != nil {
		p.member.await(p.ctx, hits)
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
