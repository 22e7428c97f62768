package harness

import (
	"context"
	"slices"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

const (
	// loadShare is the part of the measured stretch to spend under load. The
	// blocks are made long enough for it, given what a sample costs.
	loadShare = 0.8
	// releasedShare is that part where samples wait for what is released with time:
	// waiting takes seconds, and the more was sent, the more there is to wait for.
	releasedShare = 0.3
	// Bounds of one block of load.
	minBlockTime = time.Second
	maxBlockTime = 6 * time.Second
	// jitter varies the length of blocks, so that nothing periodic in the app
	// beats against them.
	jitter = 0.25
	// interactionLength is that of the block that shows an interaction, over the others': a
	// table that is resized grows in it as well, unseen in its endpoint's own
	// blocks.
	interactionLength = 0.5
	// idleTime is the idle block of a round; with a background budget the
	// clock itself is measured, and needs longer.
	idleTime       = 200 * time.Millisecond
	backgroundTime = 2500 * time.Millisecond
	// longIdleTime is that of one round in longIdleEach: a timer of a second comes due in it, so that
	// growth by the clock is suspected where there is any.
	longIdleTime, longIdleEach = 2 * time.Second, 3
	// onlyIdleTime is for rounds in which nothing but the clock is in question.
	onlyIdleTime = 8 * time.Second
)

// grossRounds is the fewest rounds after which an endpoint that is decided is measured
// no more: a leak far beyond doubt is.
const grossRounds = 3

// rounds measures until every budget is decided, or the context ends.
func (r *run) rounds(ctx context.Context) error {
	left, begun := r.everything(), 0
	for round := 0; ; round++ {
		if err := r.round(ctx, round, left); err != nil {
			return err
		}
		r.checkServes()
		d, again, err := r.decide(ctx, round)
		if err != nil {
			return err
		}
		measured := round + 1 - begun
		if d.Suspect != "" && !again {
			if d, err = r.split(ctx, round, d); err != nil {
				return err
			}
			if d.Suspect == "" { // found
				left, begun = d, round+1
				continue
			}
		}
		switch {
		case again:
			left, begun = r.everything(), round+1 // what was measured before counts no more
		case measured >= recording.MinRounds && !d.open(), measured >= grossRounds && d.Leaks && !d.open():
			r.decided = r.hooks.Decide != nil
			return nil
		case measured >= recording.MinRounds, measured >= grossRounds && d.Leaks:
			left = d
		}
	}
}

// open reports whether anything is undecided.
func (d *Decision) open() bool {
	return len(d.Undecided) > 0 || d.Background || d.Interaction || d.Others
}

// decide asks what is left to measure. Where memory may be released with time, that is
// looked into first: again says that what was measured so far counts no more.
func (r *run) decide(ctx context.Context, round int) (d Decision, again bool, err error) {
	if r.hooks.Decide == nil {
		return d, false, nil
	}
	d = r.hooks.Decide(r.rec)
	if r.release.on || !r.release.probed.probes(d, round+1) {
		return d, false, nil
	}
	if d.Releases || d.Leaks {
		if again, err = r.workOff(ctx, round, recording.ClockProbe); again || err != nil {
			return d, again, err
		}
	}
	released, err := r.clockProbe(ctx, round, d)
	if err != nil {
		return d, false, err
	}
	if released {
		r.beginRelease(round)
		return d, true, nil
	}
	return r.hooks.Decide(r.rec), false, nil
}

// everything is a decision with nothing decided.
func (r *run) everything() Decision {
	background := r.rec.Header.Background
	d := Decision{Background: background.Budget != nil && !background.Assumed, Interaction: r.plan.measuresInteraction()}
	d.Undecided = r.separate()
	if r.plan.header.Screened {
		d.Others, d.Interaction = true, len(d.Undecided) > 0
	}
	return d
}

// separate are the endpoints that have blocks of their own.
func (r *run) separate() (all []int) {
	if r.plan.header.Screened {
		return r.screening.alone
	}
	for i := range r.endpoints {
		all = append(all, i)
	}
	return all
}

// turn is a block of a round: of one endpoint, of all together, or idle.
type turn struct {
	endpoint int  // or recording.Idle, or recording.Mixed
	foremost int  // the endpoint that stands out in a mixed block, -1 for none
	members  bool // the mixed block is of those that have none of their own
}

// turns are the blocks of a round for what is in question. In mixed mode, each
// endpoint stands out once; to see an interaction, all of its parts are needed.
func (r *run) turns(d Decision) []turn {
	out := []turn{{endpoint: recording.Idle}}
	all, alone := len(r.endpoints), d.Undecided
	if r.plan.mixed() && len(d.Undecided) > 0 {
		for i := range all {
			out = append(out, turn{endpoint: recording.Mixed, foremost: i})
		}
		return out
	}
	if d.Interaction {
		alone = r.separate()
	}
	for _, i := range alone {
		out = append(out, turn{endpoint: i})
	}
	if d.Others || d.Interaction && r.plan.header.Screened {
		out = append(out, slices.Repeat([]turn{{endpoint: recording.Mixed, members: true}}, screenBlocks)...)
	}
	if d.Interaction {
		out = append(out, turn{endpoint: recording.Mixed, foremost: -1})
	}
	return out
}

// round runs one block for each endpoint in question, the mixed ones, and one
// idle block, in random order.
func (r *run) round(ctx context.Context, round int, d Decision) error {
	turns := r.turns(d)
	idle := r.idleFor(d, round)
	length := r.blockTime(round, len(turns)-1, idle)
	for k, i := range r.rng.Perm(len(turns)) {
		if err := r.block(ctx, round, turns[i], length, idle); err != nil {
			return err
		}
		r.tellRound(round, float64(k+1)/float64(len(turns)), length, len(turns))
	}
	return nil
}

func (r *run) block(ctx context.Context, round int, t turn, length, idle time.Duration) error {
	if t.endpoint == recording.Idle {
		_, err := r.idle(ctx, round, idle)
		return err
	}
	varied := time.Duration(float64(length) * (1 + jitter*(2*r.rng.Float64()-1)))
	if t.endpoint == recording.Mixed {
		if t.foremost < 0 && !t.members {
			varied = time.Duration(interactionLength * float64(varied))
		}
		return r.mix(ctx, recording.Measure, round, r.shares(t), varied)
	}
	e := r.endpoints[t.endpoint]
	_, err := r.observe(ctx, recording.Measure, round, e, e.requestsFor(varied, r.room()))
	return err
}

// shares are the proportions of a mixed block.
func (r *run) shares(t turn) []float64 {
	switch {
	case t.members:
		return r.mixedLoad.even(r.members())
	case t.foremost < 0:
		return r.mixedLoad.check
	}
	part := leastForemost + (mostForemost-leastForemost)*r.rng.Float64()
	return r.mixedLoad.foremost(t.foremost, part)
}

func (r *run) idleFor(d Decision, round int) time.Duration {
	switch {
	case !d.Background && round%longIdleEach == 1:
		return longIdleTime
	case !d.Background:
		return idleTime
	case len(d.Undecided) == 0 && !d.Interaction && !d.Others:
		return onlyIdleTime
	}
	return backgroundTime
}

// blockTime is how long each of n blocks must load the target so that samples
// and the idle block take only the rest of the round. Rounds beyond the fewest
// have longer ones: what is undecided then is noisy, and noise that stays
// within bounds (caches that fill and are cleared) weighs less in more requests.
func (r *run) blockTime(round, n int, idle time.Duration) time.Duration {
	if n == 0 {
		return minBlockTime
	}
	if idle > idleTime {
		idle = idleTime // waiting for the clock is measuring, not cost
	}
	share := loadShare
	if r.release.on {
		share = releasedShare
	}
	cost := time.Duration(n+1)*r.sampleTime() + idle
	each := time.Duration(float64(cost) * share / (1 - share) / float64(n))
	if r.plan.header.Screened {
		return min(max(each, r.screenTime()/screenBlocks, minBlockTime), maxBlockTime) // many samples tell more than long blocks
	}
	return min(max(each, minBlockTime)*time.Duration(1+round/recording.MinRounds), maxBlockTime)
}

// sampleTime is what a sample has cost of late.
func (r *run) sampleTime() time.Duration {
	const recent = 4
	obs := r.rec.Observations[max(0, len(r.rec.Observations)-recent):]
	var sum time.Duration
	for i := range obs {
		sum += obs[i].Sample.Took
	}
	return sum / time.Duration(max(1, len(obs)))
}

func (r *run) tellRound(round int, part float64, length time.Duration, blocks int) {
	total := float64(max(recording.MinRounds, round+1))
	each := time.Duration(blocks) * (length + r.sampleTime())
	r.done = (float64(round) + part) / total
	r.left = time.Duration((total - float64(round) - part) * float64(each))
	r.tell(Progress{
		Stage: Measuring, Round: round + 1, Rounds: recording.MinRounds, Done: r.done, Left: r.left,
		Heap: r.last().Sample.Heap.Used,
	})
}
