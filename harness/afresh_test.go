package harness

import (
	"testing"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

func TestAgain(t *testing.T) {
	const kept = 10_000 // bytes per request
	observed := func(endpoint, requests int, heap unit.Bytes) recording.Observation {
		return recording.Observation{
			Block:  recording.Block{Endpoint: endpoint, Load: recording.Load{Requests: requests}},
			Sample: recording.Sample{Heap: recording.Heap{Used: heap}},
		}
	}
	grown := []recording.Observation{
		observed(recording.Idle, 0, 10e6),
		observed(0, 1000, 10e6+1000*kept),
		observed(1, 9000, 10e6+1000*kept),
		observed(0, 20000, 10e6+21000*kept),
	}
	late := []recording.Observation{grown[0], observed(0, 1000, 10e6), observed(0, 20000, 10e6+20000*kept)}
	small := []recording.Observation{grown[0], observed(0, 1000, 10e6+1000*kept), observed(0, 1000, 10e6+2000*kept)}
	atRate := func(o recording.Observation, rate unit.PerSecond) recording.Observation {
		o.Block.Load.Rate = rate
		return o
	}
	slow := []recording.Observation{small[0], atRate(small[1], 1000), atRate(small[2], 200)}
	large := []recording.Observation{observed(recording.Idle, 0, 200e6), observed(0, 1000, 200e6+1000*kept)}
	for _, tt := range []struct {
		name    string
		all     []recording.Observation
		accused []int
		target  target.Target
		want    bool
	}{
		{"a heap full of what it leaked", grown, []int{0}, &target.Process{}, true},
		{"an endpoint that does not grow beside it", grown, []int{0, 1}, &target.Process{}, false},
		{"a leak that begins late", late, []int{0}, &target.Process{}, false},
		{"requests that became slow", slow, []int{0}, &target.Process{}, true},
		{"a small heap", small, []int{0}, &target.Process{}, false},
		{"a heap that is large from the beginning", large, []int{0}, &target.Process{}, false},
		{"a target that was there before", grown, []int{0}, contained{}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &run{plan: &Plan{fullHeap: fullHeap}, target: tt.target, rec: &recording.Recording{Observations: tt.all}}
			if _, _, got := r.again(tt.accused); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
