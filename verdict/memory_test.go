package verdict

import (
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/verdict/simulate"
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
		s := simulate.Run{Seed: 1, Endpoints: 1, PerBlock: 2000, Noise: 5e3, Budget: 1, Apps: []simulate.Memory{&simulate.Linear{PerRequest: tt.rate}}}
		rec := s.Record()
		rec.Observations = rec.Observations[:5] // the baseline and four probes
		rec.Events = append(rec.Events, recording.Event{Kind: recording.OutOfMemory, Message: "heap out of memory"})
		if got := mustJudge(t, rec).Endpoints[0].Outcome; got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}
