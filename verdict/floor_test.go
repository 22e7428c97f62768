package verdict

import (
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// Where memory goes away later than samples wait after load, what the process holds
// at its lowest tells that it goes, and does not hide what stays beside it.
func TestDrainedFloor(t *testing.T) {
	t.Parallel()
	held := &simulate.Sessions{Endpoint: 0, Entry: 400, TTL: 8 * time.Second}
	for _, tt := range []struct {
		name string
		leak float64 // bytes per request of the other endpoint; the budget is 6.9
		pass bool
	}{
		{"nothing stays", 0, true},
		{"less than the budget stays", 1, true},
		{"more than the budget stays", 20, false},
		{"far more stays", 500, false},
	} {
		for seed := range uint64(10) {
			sessions := *held
			run := simulate.Run{
				Seed: seed, Endpoints: 2, Rounds: 24, PerBlock: 12000, Noise: 3e3, Budget: 0.25, DrainFrom: 4,
				Apps: []simulate.Memory{&sessions, &simulate.Linear{Endpoint: 1, PerRequest: tt.leak}},
			}
			rec := run.Record()
			for i := range rec.Observations { // after its load, memory falls for longer than samples wait
				o := &rec.Observations[i]
				o.Sample.Drained = o.Sample.Drained && o.Block.Endpoint != held.Endpoint
			}
			v := mustJudge(t, rec)
			for i, e := range v.Endpoints {
				if pass := e.Outcome == Pass; pass != tt.pass && (tt.pass || i == 1) {
					t.Errorf("%s, seed %d: endpoint %s: %s by %v (%s), want a pass: %t", tt.name, seed, e.Name, e.Outcome, e.Retained, e.Reason, tt.pass)
				}
			}
		}
	}
}
