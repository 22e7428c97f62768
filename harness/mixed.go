package harness

import (
	"context"
	"math"
	"time"

	"github.com/leakcheck/leakcheck/loadgen"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/scenarios"
)

const (
	// leastShare is the smallest part of an even share that an endpoint has in the
	// block that shows an interaction, so that one with little traffic is in it at all.
	leastShare = 0.25
	// leastForemost and mostForemost bound the part of a mixed block that goes to
	// the endpoint which stands out in it. Proportions that differ so much tell
	// the endpoints' growth apart.
	leastForemost = 0.5
	mostForemost  = 0.8
	// mixedName stands for all endpoints in what is told of the progress.
	mixedName = "all endpoints together"
)

// mixedLoad is all endpoints as one load.
type mixedLoad struct {
	endpoints []*endpoint
	traffic   []float64 // each one's share of production's requests
	asked     []float64 // how many requests each one's budget asks for, over those of others
	check     []float64 // proportions of the block that looks for interactions
	screens   bool      // endpoints have no blocks of their own that tell their throughput
	growth    float64   // bytes per request in the last mixed block, 0 when it shrank
	times     int       // how many endpoints' workers load the target together
	slow      float64   // time that it took, over what the endpoints' own throughputs say
}

func newMixedLoad(endpoints []*endpoint, h *recording.Header) *mixedLoad {
	m := &mixedLoad{endpoints: endpoints, slow: 1, times: 1, screens: h.Screened}
	if m.screens {
		m.times = screenTimes
	}
	sum := 0.0
	for i := range h.Endpoints {
		sum += float64(h.Endpoints[i].Rate)
	}
	for i := range h.Endpoints {
		m.traffic = append(m.traffic, float64(h.Endpoints[i].Rate)/sum)
		m.asked = append(m.asked, 1/float64(h.Endpoints[i].Budget.PerRequest(h.Endpoints[i].Rate)))
	}
	m.check = m.usual()
	return m
}

// usual is the proportions of the block that shows an interaction: production's, with
// no endpoint left out.
func (m *mixedLoad) usual() []float64 {
	floor := leastShare / float64(len(m.traffic))
	shares, sum := make([]float64, len(m.traffic)), 0.0
	for i, t := range m.traffic {
		shares[i] = max(t, floor)
		sum += shares[i]
	}
	for i := range shares {
		shares[i] /= sum
	}
	return shares
}

// foremost is proportions in which one endpoint has so large a part, and what is
// left is as in production.
func (m *mixedLoad) foremost(endpoint int, part float64) []float64 {
	shares := make([]float64, len(m.traffic))
	for i, t := range m.traffic {
		shares[i] = (1 - part) * t
	}
	shares[endpoint] += part
	return shares
}

// perRequest is how long a request of the load takes by the endpoints' own
// throughputs: closed loops share the target, open ones keep their time.
func (m *mixedLoad) perRequest(shares []float64) float64 {
	closed, open := 0.0, 0.0
	for i, e := range m.endpoints {
		each := shares[i] / math.Max(float64(e.rate), 0.1)
		if e.open {
			open = max(open, each)
		} else {
			closed += each
		}
	}
	return max(closed, open)
}

// requestsFor is how many requests of each endpoint fill d, within what the
// target's memory should take in one block.
func (m *mixedLoad) requestsFor(d time.Duration, shares []float64, room unit.Bytes) []int {
	growth := m.growth
	separate := 0.0
	for i, e := range m.endpoints {
		separate += shares[i] * e.growth
	}
	whole := endpoint{growth: max(growth, separate)}
	return split(min(d.Seconds()/m.perRequest(shares)/m.slow, float64(whole.most(room))), shares)
}

// split gives each endpoint its share of n requests, and at least one where it has any.
func split(n float64, shares []float64) []int {
	requests := make([]int, len(shares))
	for i, s := range shares {
		if s > 0 {
			requests[i] = max(1, int(math.Round(n*s)))
		}
	}
	return requests
}

// atMost scales requests to no more than so many in all.
func (m *mixedLoad) atMost(most int, requests []int) []int {
	sum := 0
	for _, n := range requests {
		sum += n
	}
	out := make([]int, len(requests))
	for i, n := range requests {
		if n > 0 {
			out[i] = max(1, int(float64(n)*min(1, float64(most)/float64(sum))))
		}
	}
	return out
}

// portions share the endpoints' workers by the time that each one's requests
// take, so that about as many are in flight as in a block of one.
func (m *mixedLoad) portions(requests []int) []loadgen.Portion {
	times, sum := make([]float64, len(requests)), 0.0
	for i, n := range requests {
		times[i] = float64(n) / math.Max(float64(m.endpoints[i].rate), 0.1)
		sum += times[i]
	}
	out := make([]loadgen.Portion, len(requests))
	for i, e := range m.endpoints {
		workers := int(math.Ceil(times[i] / sum * float64(e.workers*m.times)))
		out[i] = loadgen.Portion{Endpoint: e.load, Requests: requests[i], Workers: max(1, workers)}
	}
	return out
}

// atOnce is how many requests are in flight; 0 is not bound.
func (m *mixedLoad) atOnce() (most int) {
	if m.screens {
		for _, e := range m.endpoints {
			most = max(most, e.workers*m.times)
		}
	}
	return most
}

// learn takes throughput and growth from a block that went well.
func (m *mixedLoad) learn(b *recording.Block, grown unit.Bytes) {
	if b.Load.Requests == 0 {
		return
	}
	shares := make([]float64, len(b.Parts))
	for i := range b.Parts {
		shares[i] = float64(b.Parts[i].Requests) / float64(b.Load.Requests)
		if mean := b.Parts[i].Latency.Mean; m.screens && mean > 0 { // no other block tells
			m.endpoints[i].rate = unit.PerSecond(float64(m.endpoints[i].workers) / mean.Seconds())
		}
	}
	m.slow = b.Elapsed.Seconds() / (float64(b.Load.Requests) * m.perRequest(shares))
	m.growth = max(0, float64(grown)/float64(b.Load.Requests))
}

// mixed reports the endpoints that mode of the scenario asks for together.
func (p *Plan) mixed() bool { return p.scenario.Run.Mode == scenarios.ModeMixed }

// measuresInteraction reports whether a mixed block of each round checks whether the endpoints
// explain it.
func (p *Plan) measuresInteraction() bool {
	return p.scenario.Run.Mode == "" && len(p.requests) > 1 && !p.header.Screened
}

// mix runs a block of all endpoints in some proportions for about d.
func (r *run) mix(ctx context.Context, phase recording.Phase, round int, shares []float64, d time.Duration) error {
	return r.mixOf(ctx, phase, round, r.mixedLoad.requestsFor(d, shares, r.room()))
}

// mixOf runs a block of so many requests of each endpoint.
func (r *run) mixOf(ctx context.Context, phase recording.Phase, round int, requests []int) error {
	_, err := r.load(ctx, recording.Block{Phase: phase, Round: round, Endpoint: recording.Mixed}, func(b *recording.Block) (err error) {
		r.tellBlock(phase, round, mixedName, 0)
		if b.Load, b.Parts, err = r.loader.Mix(ctx, r.mixedLoad.portions(requests), r.mixedLoad.atOnce()); err != nil {
			return err
		}
		for i, e := range r.endpoints {
			r.tellSetups(e, &b.Parts[i])
		}
		return nil
	})
	return err
}
