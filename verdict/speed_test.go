package verdict

import (
	"fmt"
	"runtime"
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

// Judging takes time in proportion to the samples: ten times as many take ten
// times the memory and no more, whatever else the machine does. A dense matrix of
// the samples would take a hundred times as much.
func TestJudgeIsLinear(t *testing.T) {
	for _, sessions := range []bool{false, true} {
		few, many := allocated(t, samplesOf(500, 2, sessions)), allocated(t, samplesOf(5000, 2, sessions))
		t.Logf("transient %t: %d kB for 500 samples, %d kB for 5,000", sessions, few>>10, many>>10)
		const most = 14 // times; 10.3 and 10.5 on 2026-11-21
		if many > most*few {
			t.Errorf("transient %t: ten times the samples take %.1f times the memory, want at most %d", sessions, float64(many)/float64(few), most)
		}
	}
}

// allocated is what one judging allocates, in bytes.
func allocated(t *testing.T, rec *recording.Recording) uint64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	mustJudge(t, rec)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// BenchmarkJudge is the time that leakcheck judge needs beyond reading the file:
// below a second for 10,000 samples.
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
