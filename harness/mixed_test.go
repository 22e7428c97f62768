package harness

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/scenarios"
)

// mixedLoadOf has an endpoint for each production rate, of which the target answers
// 1,000 requests a second.
func mixedLoadOf(rates ...unit.PerSecond) *mixedLoad {
	var endpoints []*endpoint
	h := recording.Header{}
	for i, rate := range rates {
		endpoints = append(endpoints, &endpoint{index: i, workers: 10, rate: 1000})
		h.Endpoints = append(h.Endpoints, recording.Endpoint{Rate: rate})
	}
	return newMixedLoad(endpoints, &h)
}

func total(shares []float64) float64 {
	sum := 0.0
	for _, s := range shares {
		sum += s
	}
	return sum
}

func TestProportions(t *testing.T) {
	m := mixedLoadOf(60, 38, 2)
	usual := m.usual()
	// 2 % is raised to a quarter of a third, before all are scaled to 1.
	want := leastShare / 3 / (0.98 + leastShare/3)
	if math.Abs(total(usual)-1) > 1e-9 || math.Abs(usual[2]-want) > 1e-9 || math.Abs(usual[0]/usual[1]-60.0/38) > 1e-9 {
		t.Errorf("usual: %v, want 1 in all, %.3f for the last", usual, want)
	}
	rare := m.foremost(2, 0.6)
	for i, want := range []float64{0.4 * 0.60, 0.4 * 0.38, 0.6 + 0.4*0.02} {
		if math.Abs(rare[i]-want) > 1e-9 {
			t.Errorf("with the last foremost: %v, want %.3f at %d", rare, want, i)
		}
	}
}

// Blocks last as long as is asked for by the endpoints' own throughputs, at the
// pace of open loops, and no longer than the target's memory allows.
func TestMixedRequests(t *testing.T) {
	m := mixedLoadOf(10, 10)
	m.endpoints[1].rate = 100
	even := []float64{0.5, 0.5}
	// A pair takes 11 ms.
	if got := m.requestsFor(2200*time.Millisecond, even, 0); !cmp.Equal(got, []int{200, 200}) {
		t.Errorf("requests: %v, want 200 of each", got)
	}
	if p := m.portions([]int{200, 200}); p[0].Workers != 1 || p[1].Workers != 10 {
		t.Errorf("workers: %d and %d, want 1 and 10: the second takes ten times as long", p[0].Workers, p[1].Workers)
	}
	m.endpoints[1].open = true
	if got := m.requestsFor(2*time.Second, even, 0); !cmp.Equal(got, []int{200, 200}) {
		t.Errorf("requests beside an open loop: %v, want 200 of each: at 100/s it takes all the time", got)
	}
	m.learn(&recording.Block{
		Endpoint: recording.Mixed, Elapsed: time.Second, Load: recording.Load{Requests: 100},
		Parts: []recording.Load{{Requests: 50}, {Requests: 50}},
	}, 100*maxBlockGrowth/50)
	if got := m.requestsFor(time.Hour, even, 0); !cmp.Equal(got, []int{25, 25}) {
		t.Errorf("requests of a gross leak: %v, want 25 of each, for 32 MiB", got)
	}
	if got := m.atMost(10, []int{90, 10, 0}); !cmp.Equal(got, []int{9, 1, 0}) {
		t.Errorf("at most 10: %v", got)
	}
}

func TestTurns(t *testing.T) {
	undecided := Decision{Undecided: []int{1}}
	together := Decision{Undecided: []int{1}, Interaction: true}
	clock := Decision{Background: true}
	screens := Decision{Undecided: []int{1}, Others: true, Interaction: true}
	idle, mixed, members := turn{endpoint: recording.Idle}, turn{endpoint: recording.Mixed, foremost: -1}, turn{endpoint: recording.Mixed, members: true}
	one := func(i int) turn { return turn{endpoint: i} }
	tests := []struct {
		name, mode string
		d          Decision
		want       []turn
	}{
		{"one endpoint in question", "", undecided, []turn{idle, one(1)}},
		{"what all leak together in question", "", together, []turn{idle, one(0), one(1), one(2), mixed}},
		{"only the clock", "", clock, []turn{idle}},
		{"mixed mode", scenarios.ModeMixed, undecided, []turn{idle, {endpoint: recording.Mixed}, {endpoint: recording.Mixed, foremost: 1}, {endpoint: recording.Mixed, foremost: 2}}},
		{"mixed mode, only the clock", scenarios.ModeMixed, clock, []turn{idle}},
		{"screening", scenarios.ModeScreening, screens, []turn{idle, one(1), members, members, members, members, members, mixed}},
		{"screening, the others alone", scenarios.ModeScreening, Decision{Others: true}, []turn{idle, members, members, members, members, members}},
	}
	for _, tt := range tests {
		s := &scenarios.Scenario{Run: scenarios.Run{Mode: tt.mode}}
		r := &run{plan: &Plan{scenario: s, header: recording.Header{Screened: s.Screens()}}, screening: screening{alone: []int{1}}, endpoints: mixedLoadOf(1, 1, 1).endpoints}
		if got := r.turns(tt.d); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
