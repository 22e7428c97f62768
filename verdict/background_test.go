package verdict

import (
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// What load stirs up says nothing of growth by the clock, which idle blocks show.
func TestBackgroundBesideRestlessLoad(t *testing.T) {
	for seed := range uint64(20) {
		rec := simulate.Run{
			Seed: seed, Endpoints: 2, Rounds: 12, PerBlock: 8000, Noise: 1e3, Budget: 5,
			Apps: []simulate.Memory{simulate.NewWander(seed, 60e3, 1)},
		}.Record()
		budget := unit.MBPerHour(40)
		rec.Header.Background.Budget = &budget
		if b := mustJudge(t, rec).Background; b.Outcome != Pass || b.Low > 0 {
			t.Errorf("seed %d: %s (%s), %.1f to %.1f MB/h, want pass around 0", seed, b.Outcome, b.Reason, float64(b.Low), float64(b.High))
		}
	}
}
