package verdict

import (
	"fmt"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// suspected is the probability of growth beyond the budget from which it is measured on
// where the scenario asks for none of its own.
const suspected = 0.9

// judgeBackground answers for growth by the clock.
func (j *judge) judgeBackground() Background {
	b := Background{Outcome: NotJudged, Budget: j.rec.Header.Background.Budget}
	idle := fitted(j.series.of(recording.Idle))
	f := (*fit)(nil)
	if len(idle) >= minLook {
		f = j.fitFrom(j.roundStart(idle[0].round))
	}
	var rate mixture
	ok := f != nil
	if ok {
		contrast := make([]float64, f.layout.columns)
		contrast[f.layout.clock] = 1
		rate, ok = f.noise.rate(f.layout.endpoints, contrast)
	}
	if !ok {
		if b.Budget != nil && !j.rec.Header.Background.Assumed {
			b.Outcome, b.Reason = Inconclusive, "too few idle blocks were measured"
		}
		return b
	}
	rounds := len(j.series.of(recording.Idle))
	fit := rate.bounds(j.tail(recording.Idle, rounds)).times(1e3) // KB to bytes per second
	b.Value = unit.BytesPerSecond(fit.value).PerHour()
	b.Low = unit.BytesPerSecond(fit.low).PerHour()
	b.High = unit.BytesPerSecond(fit.high).PerHour()
	b.MinDetectable = unit.BytesPerSecond(fit.limit).PerHour()
	if b.Budget == nil {
		return b
	}
	j.decideBackground(&b, fit, rounds)
	if likely := 1 - rate.cdf(float64(b.Budget.PerSecond())/1e3); b.Outcome == Inconclusive && j.rec.Header.Background.Assumed && (likely < suspected || j.ended()) {
		b.Outcome, b.Needed = NotJudged, 0
		b.Reason = fmt.Sprintf("no growth by the clock is shown; less than %s could have gone unnoticed", b.MinDetectable)
	}
	return b
}

// times are the bounds in another unit.
func (b bounds) times(by float64) bounds {
	b.value, b.low, b.high, b.limit, b.err = by*b.value, by*b.low, by*b.high, by*b.limit, by*b.err
	return b
}

func (j *judge) decideBackground(b *Background, fit bounds, rounds int) {
	allowed := float64(b.Budget.PerSecond())
	why := j.cutShort()
	_, exact := look(rounds)
	switch {
	case !exact && !j.ended():
		b.Outcome, b.Reason = Inconclusive, "the next look at the data comes with more rounds"
	case b.Low > *b.Budget:
		b.Outcome, b.Reason = Leak, "memory grows by the clock, without requests"
	case !(b.High <= *b.Budget): // NaN must not pass
		b.Outcome, b.Reason = Inconclusive, "the interval holds the budget: longer idle time would settle it"
		b.Needed = j.needed(fit, allowed, rounds)
	case why != "":
		b.Outcome, b.Reason = Inconclusive, why
	default:
		b.Outcome = Pass
	}
}
