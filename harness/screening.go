package harness

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Where a scenario has many endpoints, blocks of their own for each would take minutes. So
// they are loaded together, and what all of them retain bounds each one (screening). Only where
// that is too much, parts of them are loaded until it is known which ones leak, and these
// get blocks of their own beside the others' (splitting).

// Location says where the growth of endpoints comes from that are loaded together.
type Location struct {
	Found []int // to be measured by themselves from now on
	Pair  bool  // those found leak only together
	Alike bool  // memory grows whichever are loaded: there is nothing more to be found
	Load  []int // for the next block; none where Found is known, or will not be
}

const (
	// screenProbe ends the probes of all endpoints together.
	screenProbe = 500 * time.Millisecond
	// screenWarm is the length of a block in the warm-up, and maxScreenWarm how many
	// there are at most.
	screenWarm    = 2 * time.Second
	maxScreenWarm = 8
	// sampleNoise is how far a settled sample is off at best, in bytes, and gross how many times
	// more than budgets allow is growth that no warm-up explains.
	sampleNoise, gross = 4 << 10, 100
	// screenNoise is how much growth of all the fewest rounds can bound, in bytes, where an app is
	// as quiet as most are: five times a sample's own noise.
	screenNoise = 5 * sampleNoise
	// screenBlocks is how many mixed blocks of all are in a round: many samples tell noise that is
	// gone in the next one from growth.
	screenBlocks = 5
	// screenTimes is how many endpoints' workers load the target together: many endpoints wait, and
	// each is sent few requests.
	screenTimes = 4
	// mostAlone is how many endpoints get blocks of their own, one after the other: an app with
	// so many leaks is mended before the others are asked for.
	mostAlone = 4
)

// screening is what a run has found that screens.
type screening struct {
	alone []int // endpoints that have blocks of their own
	over  bool  // nothing more is looked for
}

// members are the endpoints that are loaded together.
func (r *run) members() []int {
	var out []int
	for i := range r.endpoints {
		if !slices.Contains(r.screening.alone, i) {
			out = append(out, i)
		}
	}
	return out
}

// warmUpTogether probes all endpoints with growing mixed blocks, and repeats these until
// what a request of all retains has levelled off.
func (r *run) warmUpTogether(ctx context.Context) error {
	everyone := r.mixedLoad.even(r.members())
	for n := firstRequests * len(r.endpoints); ; n *= probeGrowth {
		allowed := r.mixedLoad.most(r.room())
		if err := r.mixOf(ctx, recording.WarmUp, 0, split(float64(min(n, allowed)), everyone)); err != nil {
			return err
		}
		if r.last().Block.Elapsed >= screenProbe || n >= allowed {
			break
		}
	}
	return r.warmTogether(ctx, everyone)
}

// warmTogether repeats mixed blocks until they leave no more than budgets allow, or than a sample
// is off by: growth that goes on is no warm-up.
func (r *run) warmTogether(ctx context.Context, everyone []float64) error {
	allowed := r.mixedLoad.allowed(r.rec.Header.Endpoints)
	for round := 1; round <= maxScreenWarm; round++ {
		if err := r.mix(ctx, recording.WarmUp, round, everyone, screenWarm); err != nil {
			return err
		}
		sent := float64(r.last().Block.Load.Requests)
		if grown := r.mixedLoad.growth * sent; grown <= max(allowed*sent, sampleNoise) {
			return nil
		}
		if r.mixedLoad.growth > allowed*gross {
			if worked, err := r.workOff(ctx, 0, recording.WarmUp); worked || err != nil || round > 1 {
				return err
			}
		}
	}
	r.event(recording.WarmUpCut, fmt.Sprintf("memory was still growing or shrinking after %d warm-up rounds", maxScreenWarm))
	return nil
}

// screenTime is how long a mixed block loads all endpoints so that the fewest rounds bound each
// closely enough, where levels are off by screenNoise.
func (r *run) screenTime() time.Duration {
	m := r.mixedLoad
	requests := screenNoise / m.allowed(r.rec.Header.Endpoints) / recording.MinRounds
	seconds := requests * m.perRequest(m.even(r.members())) * m.slow
	return min(time.Duration(seconds*float64(time.Second)), maxBlockTime)
}

// split finds out which endpoints memory grows by, and says what is left to measure: a suspect
// where they were not found.
func (r *run) split(ctx context.Context, round int, d Decision) (Decision, error) {
	if r.screening.over || r.hooks.Locate == nil {
		d.Others = d.Others && !r.screening.over
		return d, nil
	}
	before := len(r.screening.alone)
	found, err := r.locate(ctx, round, d.Suspect)
	if !found || err != nil {
		return d, err
	}
	d.Undecided = append(slices.Clone(d.Undecided), r.screening.alone[before:]...)
	d.Others, d.Interaction, d.Suspect = true, true, ""
	return d, nil
}

// locate loads parts of the endpoints until it is known which of them memory grows by, and
// reports whether that is so.
func (r *run) locate(ctx context.Context, round int, suspect string) (found bool, err error) {
	length := max(minBlockTime, r.screenTime()/2)
	for first := true; ; first = false {
		l := r.hooks.Locate(r.rec, suspect)
		if len(l.Load) == 0 {
			r.screening.alone = append(r.screening.alone, l.Found...)
			r.screening.over = r.screening.over || l.Alike || len(l.Found) == 0 || len(r.screening.alone) >= mostAlone
			r.mixedLoad.check = r.checkShares(l)
			return len(l.Found) > 0, nil
		}
		if first {
			r.tell(Progress{Stage: Measuring, Round: round + 1, Rounds: recording.MinRounds, Message: "memory grows: looking for the endpoints that it grows by"})
		}
		if err := r.mix(ctx, recording.Locate, round, r.mixedLoad.even(l.Load), length); err != nil {
			return false, err
		}
	}
}

// checkShares are those of the block that looks for interactions: of a pair that leaks together,
// else half for the endpoints that stand alone and half for all others.
func (r *run) checkShares(l Location) []float64 {
	if l.Pair {
		return r.mixedLoad.even(l.Found)
	}
	alone, others := r.mixedLoad.even(r.screening.alone), r.mixedLoad.even(r.members())
	for i := range alone {
		alone[i] = (alone[i] + others[i]) / 2
	}
	return alone
}

// allowed is what a request of all may retain so that no endpoint is beyond its budget,
// whichever it comes from.
func (m *mixedLoad) allowed(endpoints []recording.Endpoint) float64 {
	all := 0.0
	for i := range endpoints {
		all += 1 / float64(endpoints[i].Budget.PerRequest(endpoints[i].Rate))
	}
	return 1 / all
}

// even is proportions of some endpoints by which each is bounded as closely as its budget
// asks for: the less one may retain, the more requests it is sent.
func (m *mixedLoad) even(set []int) []float64 {
	shares, sum := make([]float64, len(m.asked)), 0.0
	for _, i := range set {
		sum += m.asked[i]
	}
	floor := leastShare * sum / float64(max(1, len(set)))
	whole := 0.0
	for _, i := range set {
		shares[i] = max(floor, m.asked[i])
		whole += shares[i]
	}
	for _, i := range set {
		shares[i] /= whole
	}
	return shares
}

// most is how many requests of all may be sent in one block.
func (m *mixedLoad) most(room unit.Bytes) int {
	whole := endpoint{growth: m.growth}
	return whole.most(room)
}
