package verdict

import (
	"fmt"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// extended judges as a run does: after the sixth round, and after each one
// more until it is decided.
func extended(t testing.TB, s simulation, apps func() []memory, most int) (*Verdict, int) {
	var v *Verdict
	for s.rounds = minLook; ; s.rounds++ {
		s.now, s.apps = 0, apps()
		v = mustJudge(t, s.record())
		if v.Transient && s.drainFrom == 0 {
			s.drainFrom = s.rounds
		}
		endpoints, _ := v.Undecided()
		if len(endpoints) == 0 || s.rounds >= most {
			return v, s.rounds
		}
	}
}

func TestOutcomes(t *testing.T) {
	tests := []struct {
		name      string
		endpoints int
		apps      func() []memory
		budget    unit.MBPerHour // 0.25 MB/h at 10/s are 6.9 B/request
		want      []Outcome
	}{
		{"healthy", 4, func() []memory { return nil }, 0.25, []Outcome{Pass, Pass, Pass, Pass}},
		{"healthy alone", 1, func() []memory { return nil }, 0.25, []Outcome{Pass}},
		{"warms up", 2, func() []memory { return []memory{&fading{scale: 30e3}} }, 0.25, []Outcome{Pass, Pass}},
		{"16 B/request", 4, func() []memory { return []memory{&linear{endpoint: 2, rate: 16}} }, 0.25, []Outcome{Pass, Pass, Leak, Pass}},
		{"16 B/request alone", 1, func() []memory { return []memory{&linear{rate: 16}} }, 0.25, []Outcome{Leak}},
		{"array of 16 B entries", 4, func() []memory { return []memory{&table{endpoint: 1, entry: 16, factor: 1.5}} }, 0.25, []Outcome{Pass, Leak, Pass, Pass}},
		{"array of 16 B entries alone", 1, func() []memory { return []memory{&table{entry: 16, factor: 1.5}} }, 0.25, []Outcome{Leak}},
		{"set of 20 B entries", 1, func() []memory { return []memory{&table{entry: 20, factor: 2}} }, 0.25, []Outcome{Leak}},
		{"LRU of 5,000 entries", 3, func() []memory { return []memory{&bounded{endpoint: 1, entry: 300, most: 5000}} }, 0.25, []Outcome{Pass, Pass, Pass}},
		{"sawtooth of 1,301 entries", 2, func() []memory { return []memory{&sawtooth{endpoint: 1, entry: 300, period: 1301}} }, 1, []Outcome{Pass, Pass}},
		{"sessions of 2.5 s", 3, func() []memory { return []memory{&sessions{endpoint: 0, entry: 400, ttl: 2500 * time.Millisecond}} }, 0.25, []Outcome{Pass, Pass, Pass}},
		{"sessions of 2.5 s alone", 1, func() []memory { return []memory{&sessions{entry: 400, ttl: 2500 * time.Millisecond}} }, 0.25, []Outcome{Pass}},
		{"sessions beside a leak", 3, func() []memory {
			return []memory{&sessions{endpoint: 0, entry: 400, ttl: 2500 * time.Millisecond}, &linear{endpoint: 1, rate: 100}}
		}, 0.25, []Outcome{Pass, Leak, Pass}},
		{"late onset", 2, func() []memory { return []memory{&late{endpoint: 1, onset: 20000, rate: 100}} }, 0.25, []Outcome{Pass, Leak}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for seed := range uint64(20) {
				s := simulation{seed: seed, endpoints: tt.endpoints, perBlock: 48000 / (2 + tt.endpoints), noise: 7e3, budget: tt.budget}
				v, rounds := extended(t, s, tt.apps, 40)
				got := ""
				ok := true
				for i, e := range v.Endpoints {
					got += fmt.Sprintf("%s %.1f [%.1f, %.1f]  ", e.Outcome, e.Retained.Value, e.Retained.Low, e.Retained.High)
					ok = ok && e.Outcome == tt.want[i]
				}
				if !ok {
					t.Errorf("seed %d after %d rounds: %s%v", seed, rounds, got, v.Warnings)
				} else {
					t.Logf("seed %d after %d rounds: %s", seed, rounds, got)
				}
			}
		})
	}
}
