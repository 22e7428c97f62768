package verdict

import (
	"math"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// Resident memory that grows in each block of one endpoint beyond its budget (of
// 28 bytes per request) is a leak from 24 MiB on, and forbids a pass from an
// eighth of that. What levels off, or is little, or within the budget, does not, and
// what a much longer block adds does not count.
func TestNativeMemory(t *testing.T) {
	const requests = 6 * 8000 // in the measured rounds, about
	steady := func(perRequest float64) func(sent float64) float64 {
		return func(sent float64) float64 { return perRequest * sent }
	}
	tests := []struct {
		name   string
		native func(sent float64) float64 // bytes after so many requests
		long   int                        // how many times longer than the others the last block is
		want   Outcome
	}{
		{"none", steady(0), 1, Pass},
		{"27 B/request, within the budget", steady(27), 1, Pass},
		{"1 MB in all", steady(1e6 / requests), 1, Pass},
		{"12 MB in all", steady(12e6 / requests), 1, Inconclusive},
		{"48 MB in all", steady(48e6 / requests), 1, Leak},
		{"48 MB, and then no more", func(sent float64) float64 { return 48e6 * min(1, 3*sent/requests) }, 1, Pass},
		{"12 MB in uneven blocks", func(sent float64) float64 { return 12e6*sent/requests + 1.2e6*math.Sin(sent/2500) }, 1, Inconclusive},
		{"5 MB in one block, and next to nothing in the others", func(sent float64) float64 {
			if sent > requests/2 {
				sent += 1e6
			}
			return 5 * sent
		}, 1, Pass},
		{"400 B/request, a third of it in a block of four times the length", steady(400), 4, Inconclusive},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := simulate.Run{Seed: 1, Endpoints: 2, Rounds: 6, PerBlock: 8000, Noise: 5e3, Budget: 1}
			rec := s.Record()
			sent := 0.0
			for i := range rec.Observations {
				o := &rec.Observations[i]
				if o.Block.Phase == recording.Measure && o.Block.Endpoint == 0 {
					if o.Block.Round == s.Rounds-1 {
						o.Block.Load.Requests *= tt.long
						o.Block.Load.Landed = o.Block.Load.Requests
					}
					sent += float64(o.Block.Load.Requests)
				}
				o.Sample.Memory.RSS = o.Sample.Heap.Total + unit.Bytes(50e6+tt.native(sent))
			}
			v := mustJudge(t, rec)
			if got := v.Endpoints[0]; got.Outcome != tt.want || v.Endpoints[1].Outcome != Pass {
				t.Errorf("got %s (%s) and %s, want %s and pass", got.Outcome, got.Reason, v.Endpoints[1].Outcome, tt.want)
			}
		})
	}
}
