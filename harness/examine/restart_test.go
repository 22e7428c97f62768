package examine

import (
	"testing"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// recorded is a run as far as it was recorded.
type recorded struct {
	Run
	rec    *recording.Recording
	target target.Target
	lost   string
}

func (r recorded) Recording() *recording.Recording { return r.rec }
func (r recorded) Target() target.Target           { return r.target }

func (r recorded) Lost() string { return r.lost }

func TestRestarts(t *testing.T) {
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
		accused []recording.Subject
		target  target.Target
		lost    string
		want    bool
	}{
		{"a heap full of what it leaked", grown, []recording.Subject{0}, &target.Process{}, "", true},
		{"an endpoint that does not grow beside it", grown, []recording.Subject{0, 1}, &target.Process{}, "", false},
		{"a leak that begins late", late, []recording.Subject{0}, &target.Process{}, "", false},
		{"requests that became slow", slow, []recording.Subject{0}, &target.Process{}, "", true},
		{"a small heap", small, []recording.Subject{0}, &target.Process{}, "", false},
		{"a heap that is large from the beginning", large, []recording.Subject{0}, &target.Process{}, "", false},
		{"a target that died", small, []recording.Subject{0}, &target.Process{}, "had ended", true},
		{"a target that was there before", grown, []recording.Subject{0}, struct{ target.Target }{}, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := &examiner{
				Run:     recorded{rec: &recording.Recording{Observations: tt.all}, target: tt.target, lost: tt.lost},
				options: Options{FullHeap: fullHeap},
			}
			if _, _, got := e.restarts(tt.accused); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			// Of 2,000 requests that the dead one lived through, half in 8 blocks.
			if tt.lost != "" && e.most != 125 {
				t.Errorf("got %d requests in a block, want 125", e.most)
			}
		})
	}
}
