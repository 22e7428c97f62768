package verdict

import (
	"math"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// minLook is the fewest rounds that a verdict is given on, and firstShare the
// part of the allowed error that the first look may spend. Looking again at
// more rounds of the same data is another chance to err: looks are a fifth
// further apart each time, and the rest of the error is spent in a geometric
// series that sums to one (alpha spending; Lan and DeMets, Biometrika 70, 1983).
const (
	minLook     = recording.MinRounds
	firstShare  = 0.4
	grossShare  = 0.05
	grossRounds = 3
	shareRatio  = 0.85
	lookRatio   = 1.2
)

// gross is the number of the look before the first one, which only a leak far beyond doubt
// can be called at: after grossRounds, with grossShare of the error.
const gross = -1

// look numbers the first look at or after so many rounds, from 0, and says
// whether it is at just so many.
func look(rounds int) (index int, exact bool) {
	if rounds < minLook {
		return gross, rounds == grossRounds
	}
	at := minLook
	for at < rounds {
		at = max(at+1, int(float64(at)*lookRatio))
		index++
	}
	return index, at == rounds
}

// lookShare is the part of the error that a look may spend.
func lookShare(index int) float64 {
	switch index {
	case gross:
		return grossShare
	case 0:
		return firstShare
	}
	return (1 - grossShare - firstShare) * (1 - shareRatio) * math.Pow(shareRatio, float64(index-1))
}

// ended says that no more rounds will come.
func (j *judge) ended() bool {
	if !j.live {
		return true
	}
	for _, e := range j.rec.Events {
		switch e.Kind {
		case recording.TargetExited, recording.OutOfMemory, recording.LoadFailed, recording.Interrupted,
			recording.Deadline, recording.InspectorLost:
			return true
		case recording.WarmUpCut, recording.SetupAgain, recording.MultipleProcesses, recording.OpenInspector,
			recording.Released, recording.Backlog:
		}
	}
	return false
}

// budgets counts what is judged: the error of the whole run is shared among
// them (Bonferroni).
func (j *judge) budgets() int {
	n := len(j.rec.Header.Endpoints)
	if j.screens() { // which endpoints stand alone depends on what was measured, and how many do as well
		n = max(n-1, mostLeaking)
	}
	if j.series.hasInteraction() {
		n++
	}
	if b := j.rec.Header.Background; b.Budget != nil {
		n++
	}
	return max(1, n)
}

// screens reports whether the last endpoint stands for many.
func (j *judge) screens() bool { return j.leastShare < 1 }

// allowedError is the part of the run's error that one budget has. Many endpoints that are
// bounded together have half of it: all their bounds hold where the one of their sum does.
func (j *judge) allowedError(i int) float64 {
	all := 1 - j.confidence
	switch {
	case j.screens() && i == len(j.rec.Header.Endpoints)-1:
		return all / 2
	case j.screens():
		all /= 2
	}
	return all / float64(j.budgets())
}

// tail is the one-sided error allowed to one budget at one look.
func (j *judge) tail(i, rounds int) float64 {
	index, _ := look(rounds)
	if j.outOfTime() {
		return j.allowedError(i) * leftShare(index)
	}
	return j.allowedError(i) * lookShare(index)
}

// outOfTime reports whether the run was ended by its time and not by a decision: then the
// last look may spend all that is left of the error.
func (j *judge) outOfTime() bool {
	return slices.ContainsFunc(j.rec.Events, func(e recording.Event) bool { return e.Kind == recording.Deadline })
}

// leftShare is the part of the error that no look before one has spent.
func leftShare(index int) float64 {
	left := 1.0
	for i := gross; i < index; i++ {
		left -= lookShare(i)
	}
	return left
}

// Level is the confidence of one interval by itself, after so many rounds of a
// run with so many budgets, when that of the whole run is given.
func Level(confidence float64, budgets, rounds int) float64 {
	index, _ := look(rounds)
	return 1 - 2*(1-confidence)/float64(budgets)*lookShare(index)
}

// window is how many of the last rounds are fitted: all of the first six, then
// two thirds, so that a warm-up which was longer than expected is forgotten.
// It depends on the number of rounds alone, never on what they hold.
func window(rounds int) int {
	return min(rounds, max(minLook, (2*rounds+2)/3))
}

// fitted are the increments of an endpoint's last rounds, which its regression is of.
func fitted(all []increment) []increment {
	left := roundsIn(all) - window(roundsIn(all))
	first := 0
	for ; first < len(all) && left > 0; first++ {
		if first+1 == len(all) || all[first+1].round != all[first].round {
			left--
		}
	}
	return all[first:]
}

// roundsIn is in how many rounds the increments are, which are in order.
func roundsIn(increments []increment) int {
	n := 0
	for i, st := range increments {
		if i == 0 || st.round != increments[i-1].round {
			n++
		}
	}
	return n
}
