package verdict

import (
	"fmt"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// samplesOf makes a run of about so many samples. Sessions make it transient,
// which is the dearer fit.
func samplesOf(samples, endpoints int, sessions bool) *recording.Recording {
	s := simulate.Run{
		Seed: 1, Endpoints: endpoints, Rounds: samples / (endpoints + 1), PerBlock: 48000 / (2 + endpoints), Noise: 7e3, Budget: 0.25,
	}
	if sessions {
		s.Apps = append(s.Apps, &simulate.Sessions{Entry: 400, TTL: 2500 * time.Millisecond})
	}
	rec := s.Record()
	for i := range rec.Observations {
		rec.Observations[i].Sample.Resources = map[string]int{"fd": 20, "socket": 3, "Timeout": 2 + i%3}
	}
	return rec
}

func BenchmarkJudge(b *testing.B) {
	for _, samples := range []int{100, 1000, 10000} {
		for _, endpoints := range []int{1, 4, 20} {
			for _, sessions := range []bool{false, true} {
				rec := samplesOf(samples, endpoints, sessions)
				b.Run(fmt.Sprintf("samples=%d/endpoints=%d/transient=%t", samples, endpoints, sessions), func(b *testing.B) {
					for b.Loop() {
						if _, err := Judge(rec, Options{}); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
