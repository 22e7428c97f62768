package verdict

import (
	"github.com/leakcheck/leakcheck/sampler/recording"
)

// Sessions that expire, pools that drain and promises that time out hold
// memory beyond the block that took it, and let it go in a later one. Seen
// block by block, one endpoint leaks and its neighbours shrink; both are
// wrong. No endpoint can shrink a process for ever, so where memory goes, it
// was left by others, and two rules of bookkeeping replace the simple fit:
// endpoints are fitted together with an offset for the block that came last,
// and none retains more than the whole process does at its lowest.

const (
	// releaseShare is how much of an endpoint's growth must have gone away again
	// to switch to those rules.
	releaseShare = 0.25
	// releaseRounds is the fewest rounds that show it. It is fewer than a
	// verdict needs, so that samples can soon wait for what goes.
	releaseRounds = 4
)

// letsGo says that memory was seen to go away with time, or samples waited for that.
func (j *judge) letsGo() bool { return j.transient || j.drained || j.drainedRounds.len() >= minLook }

// releases says whether an endpoint's blocks add more than its budget allows
// while the lowest level of a round rises by less: what they took went away.
func (j *judge) releases(o Options) bool {
	for e := range j.rec.Header.Endpoints {
		own := j.series.of(e)
		if len(own) < releaseRounds {
			continue
		}
		lowest := j.series.floors(rounds(own), recording.Idle, retained)
		between := float64(len(own) - 2) // of its blocks surely lie between the two lowest levels
		rise := lowest[len(lowest)-1].level - lowest[0].level
		h := &j.rec.Header.Endpoints[e]
		grown := total(j.series.changes(own, retained))
		if grown <= float64(o.budget(h).PerRequest(h.Rate))*total(requests(own)) {
			continue
		}
		grown *= between / float64(len(own))
		if grown-rise > releaseShare*grown {
			return true
		}
	}
	return false
}
