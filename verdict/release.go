package verdict

import (
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Sessions that expire, caches with a lifetime and promises that time out hold memory
// beyond the block that took it, and release it in a later one. A minute of load takes
// that for a leak. So before a leak is called, and where the fewest rounds decide nothing,
// a run advances the target's clocks once (a clock probe). Where much of what has grown is
// released, all samples from then on are taken after advancing the clocks (or after
// waiting, where the clocks are not ours), and only rounds of such samples count.

// countsFrom is the first round that counts: the one after samples began to be taken after
// advancing the clocks, or waiting, and after a backlog was worked off. In older files, the
// samples tell.
func countsFrom(rec *recording.Recording) int {
	at := time.Duration(-1)
	for _, e := range rec.Events {
		if e.Kind == recording.Released || e.Kind == recording.Backlog {
			at = max(at, e.At)
		}
	}
	if at < 0 {
		return releasedFrom(rec)
	}
	last := -1
	for i := range rec.Observations {
		if b := &rec.Observations[i].Block; b.Phase == recording.Measure && b.Start < at {
			last = max(last, b.Round)
		}
	}
	return last + 1
}

// releasedFrom is the first of the last rounds in a row whose samples were all taken after
// advancing the clocks, or waiting; 0 where the last one was not, or where so few only waited
// that older versions judged by all rounds.
func releasedFrom(rec *recording.Recording) int {
	last, from, advanced := -1, 0, false
	for i := range rec.Observations {
		o := &rec.Observations[i]
		if o.Block.Phase != recording.Measure {
			continue
		}
		last, advanced = max(last, o.Block.Round), o.Sample.ClockAdvanced
		if !o.Sample.Released() {
			from = o.Block.Round + 1
		}
	}
	if from > last || !advanced && last-from+1 < minLook {
		return 0
	}
	return from
}

const (
	// releaseShare is the part of what leaks or has grown that must be released for samples
	// to be taken after advancing the clocks, and releaseSDs how many standard deviations of
	// a sample it must be.
	releaseShare = 0.25
	releaseSDs   = 2
	// releaseOfAll is that part of all that is retained, where nothing has grown.
	releaseOfAll = 0.1
)

// ReleasedEnough reports whether a clock probe released enough to matter: a quarter of
// the smallest leak's growth, so that no large one hides what another endpoint holds
// for a time, or of what the process has grown by since the warm-up; where memory is seen to be released, whatever is no noise. Compiled code that was
// flushed on the way is nobody's.
func (v *Verdict) ReleasedEnough(before, after, warmedUp *recording.Sample) bool {
	codeless := func(s *recording.Sample) float64 { return retained(s) - codePerByte*code(s) }
	released, grown := codeless(before)-codeless(after), codeless(before)-codeless(warmedUp)
	least := releaseOfAll * codeless(before)
	switch left := float64(v.SmallestLeak()); {
	case v.Releases:
		least = 0
	case left > 0:
		least = releaseShare * left
	case grown > 0:
		least = min(least, releaseShare*grown)
	}
	return released > max(least, releaseSDs*float64(v.Noise))
}

// releases reports whether an endpoint's requests make the process smaller by more than
// its budget.
func (j *judge) releases() bool {
	g, ok := j.growth(0)
	return ok && j.releasing(g.fit, none) != ""
}

// none is no endpoint.
const none = recording.Mixed - 1

// SmallestLeak is how much the smallest leak of JS memory has retained in the measured
// rounds: it could be held for a time only. It is 0 where something else leaks, or nothing.
func (v *Verdict) SmallestLeak() unit.Bytes {
	least := unit.Bytes(0)
	take := func(e *Endpoint) {
		if e.Outcome != Leak || e.Retained.Low <= 0 && e.ByResizes <= 0 {
			return
		}
		left := unit.Bytes(float64(max(e.Retained.Value, e.ByResizes)) * float64(e.Requests))
		if least == 0 || left < least {
			least = left
		}
	}
	for _, e := range v.All() {
		take(e)
	}
	if v.Screening != nil {
		take(&v.Screening.Total)
	}
	return least
}
