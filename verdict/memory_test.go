package verdict

import (
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// A target that dies of memory during its warm-up is judged on that.
func TestOutOfMemory(t *testing.T) {
	tests := []struct {
		name string
		rate float64
		want Outcome
	}{
		{"20 kB/request", 20e3, Leak},
		{"no growth that explains it", 0, Inconclusive},
	}
	for _, tt := range tests {
		s := simulation{seed: 1, endpoints: 1, perBlock: 2000, noise: 5e3, budget: 1, apps: []memory{&linear{rate: tt.rate}}}
		rec := s.record()
		rec.Observations = rec.Observations[:5] // the baseline and four probes
		rec.Events = append(rec.Events, recording.Event{Kind: recording.OutOfMemory, Message: "heap out of memory"})
		if got := mustJudge(t, rec).Endpoints[0].Outcome; got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}
