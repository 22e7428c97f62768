package verdict

import (
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// driftTail is the one-sided error at which the clock is taken to add memory:
// it chooses a model and is no verdict.
const driftTail = 0.01

// knownBackground fits growth by the clock on idle blocks. ok is false when it
// is not distinct from none: blocks of load are then not corrected by a number
// that is mostly noise.
func (j *judge) knownBackground(m metric, n noise) (drift, bool) {
	d, ok := j.idleDrift(m, n)
	if !ok {
		return drift{}, false
	}
	return d, d.cdf(0) < driftTail
}

func (j *judge) idleDrift(m metric, n noise) (drift, bool) {
	all := j.series.of(recording.Idle)
	if len(all) < minLook {
		return drift{}, false
	}
	steps := fitted(all)
	return fitDrift(j.series.changes(steps, m), [][]float64{seconds(steps)}, n)
}

// judgeBackground answers for growth by the clock. Without a budget of its own
// it is shown and not judged.
func (j *judge) judgeBackground() Background {
	b := Background{Outcome: NotJudged, Budget: j.rec.Header.Background.Budget}
	d, ok := j.idleDrift(retained, j.idleNoise(retained))
	if !ok {
		if b.Budget != nil {
			b.Outcome, b.Reason = Inconclusive, "too few idle blocks were measured"
		}
		return b
	}
	rounds := len(j.series.of(recording.Idle))
	fit := boundsOf(d, j.tail(rounds))
	b.Value = unit.BytesPerSecond(fit.value).PerHour()
	b.Low = unit.BytesPerSecond(fit.low).PerHour()
	b.High = unit.BytesPerSecond(fit.high).PerHour()
	b.DetectionLimit = unit.BytesPerSecond(fit.limit).PerHour()
	if b.Budget != nil {
		j.decideBackground(&b, fit, rounds)
	}
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
	case j.transient:
		b.Outcome, b.Reason = Inconclusive, "what goes away with time hides what comes with it"
	case !(b.High <= *b.Budget): // NaN must not pass
		b.Outcome, b.Reason = Inconclusive, "the interval holds the budget: longer idle time would settle it"
		b.Needed = j.needed(fit, allowed, rounds)
	case why != "":
		b.Outcome, b.Reason = Inconclusive, why
	default:
		b.Outcome = Pass
	}
}
