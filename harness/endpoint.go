package harness

import (
	"math"
	"time"

	"github.com/leakcheck/leakcheck/loadgen"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

const (
	// maxBlockGrowth bounds what one block may add to a target's memory, and
	// roomShare which part of the room to the heap limit, so that a gross leak
	// is measured before it fills the heap.
	maxBlockGrowth = 32 << 20
	roomShare      = 1.0 / 40
	// minBlock is the fewest requests of a block sized by throughput.
	minBlock = 20
)

// endpoint is one endpoint's load and what has been learnt of it.
type endpoint struct {
	index   int
	name    string
	load    *loadgen.Endpoint
	workers int            // at once, in a block of its own
	open    bool           // its requests keep to a rate, whatever the answers' times
	rate    unit.PerSecond // achieved in the last block of some length
	growth  float64        // bytes per request in the last block, 0 when it shrank
}

func newEndpoint(i int, q loadgen.Request, e *loadgen.Endpoint) *endpoint {
	return &endpoint{index: i, name: q.Name, load: e, workers: q.Workers, open: q.OpenRate > 0}
}

// learn takes throughput and growth from a block that went well.
func (e *endpoint) learn(l recording.Load, grown unit.Bytes) {
	if l.Requests == 0 {
		return
	}
	if l.Rate > 0 {
		e.rate = l.Rate
	}
	e.growth = max(0, float64(grown)/float64(l.Requests))
}

// pace has the endpoint's requests sent at a rate from now on, whatever the answers' times.
func (e *endpoint) pace(rate unit.PerSecond) {
	e.open, e.rate = true, rate
	e.load.Pace(rate)
}

// requestsFor is how many requests fill d, within what the target's memory
// should take in one block.
func (e *endpoint) requestsFor(d time.Duration, room unit.Bytes) int {
	return max(minBlock, min(int(float64(e.rate)*d.Seconds()), e.most(room)))
}

// most is how many requests may be sent in one block, with so much room left
// in the target's heap (0: unknown).
func (e *endpoint) most(room unit.Bytes) int {
	allowed := float64(maxBlockGrowth)
	if room > 0 {
		allowed = min(allowed, roomShare*float64(room))
	}
	if e.growth < 1 {
		return math.MaxInt32
	}
	return max(minBlock, int(allowed/e.growth))
}
