package verdict

import (
	"fmt"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// extended judges as a run does: after the sixth round, and after each one
// more until it is decided.
func extended(t testing.TB, s simulate.Run, apps func() []simulate.Memory, most int) (*Verdict, int) {
	var v *Verdict
	fewest := minLook
	for s.Rounds = minLook; ; s.Rounds = nextLook(s.Rounds, s.ReleasedFrom) {
		s.Apps = apps()
		var err error
		if v, err = Judge(s.Record(), Options{Live: s.Rounds < most}); err != nil {
			t.Fatal(err)
		}
		if s.ReleasedFrom == 0 && releases(s, apps, v) {
			s.ReleasedFrom, s.Ahead, fewest = s.Rounds, time.Hour, s.Rounds+minLook
		}
		if left := v.Undecided(); s.Rounds >= fewest && len(left.Endpoints) == 0 && !left.Interaction || s.Rounds >= most {
			return v, s.Rounds
		}
	}
}

// nextLook is after how many rounds the data is looked at next: nothing changes in between.
func nextLook(rounds, from int) int {
	for rounds++; ; rounds++ {
		if _, exact := look(rounds - from); exact {
			return rounds
		}
	}
}

// releases is what a clock probe after the run says of it.
func releases(s simulate.Run, apps func() []simulate.Memory, v *Verdict) bool {
	if v.SmallestLeak() == 0 && len(v.Undecided().Endpoints) == 0 && !v.Releases {
		return false
	}
	s.Apps = apps()
	rec := s.Record()
	s.Apps, s.ReleasedFrom, s.Ahead = apps(), s.Rounds-1, time.Hour
	probed := s.Record()
	last := len(rec.Observations) - 1
	return v.ReleasedEnough(&rec.Observations[last].Sample, &probed.Observations[last].Sample, rec.WarmedUp())
}

func TestOutcomes(t *testing.T) {
	tests := []struct {
		name      string
		endpoints int
		apps      func() []simulate.Memory
		budget    unit.MBPerHour // 0.25 MB/h at 10/s are 6.9 B/request
		want      []Outcome
	}{
		{"healthy", 4, func() []simulate.Memory { return nil }, 0.25, []Outcome{Pass, Pass, Pass, Pass}},
		{"healthy alone", 1, func() []simulate.Memory { return nil }, 0.25, []Outcome{Pass}},
		{"warms up", 2, func() []simulate.Memory { return []simulate.Memory{&simulate.Fading{Scale: 30e3}} }, 0.25, []Outcome{Pass, Pass}},
		{"16 B/request", 4, func() []simulate.Memory { return []simulate.Memory{&simulate.Linear{Endpoint: 2, PerRequest: 16}} }, 0.25, []Outcome{Pass, Pass, Leak, Pass}},
		{"16 B/request alone", 1, func() []simulate.Memory { return []simulate.Memory{&simulate.Linear{PerRequest: 16}} }, 0.25, []Outcome{Leak}},
		{"array of 16 B entries", 4, func() []simulate.Memory {
			return []simulate.Memory{&simulate.Table{Endpoint: 1, Entry: 16, Factor: 1.5}}
		}, 0.25, []Outcome{Pass, Leak, Pass, Pass}},
		{"array of 16 B entries alone", 1, func() []simulate.Memory { return []simulate.Memory{&simulate.Table{Entry: 16, Factor: 1.5}} }, 0.25, []Outcome{Leak}},
		{"set of 20 B entries", 1, func() []simulate.Memory { return []simulate.Memory{&simulate.Table{Entry: 20, Factor: 2}} }, 0.25, []Outcome{Leak}},
		{"LRU of 5,000 entries", 3, func() []simulate.Memory {
			return []simulate.Memory{&simulate.Bounded{Endpoint: 1, Entry: 300, Most: 5000}}
		}, 0.25, []Outcome{Pass, Pass, Pass}},
		{"cache of 20,000 keys at random", 1, func() []simulate.Memory {
			return []simulate.Memory{&simulate.Saturating{Entry: 300, Keys: 20000}}
		}, 0.25, []Outcome{Pass}},
		{"cache of 200,000 keys at random", 1, func() []simulate.Memory {
			return []simulate.Memory{&simulate.Saturating{Entry: 300, Keys: 200000}}
		}, 0.25, []Outcome{Inconclusive}},
		{"sawtooth of 1,301 entries", 2, func() []simulate.Memory {
			return []simulate.Memory{&simulate.Sawtooth{Endpoint: 1, Entry: 300, Period: 1301}}
		}, 1, []Outcome{Pass, Pass}},
		{"sessions of 2.5 s", 3, func() []simulate.Memory {
			return []simulate.Memory{&simulate.Sessions{Endpoint: 0, Entry: 400, TTL: 2500 * time.Millisecond}}
		}, 0.25, []Outcome{Pass, Pass, Pass}},
		{"sessions of 2.5 s alone", 1, func() []simulate.Memory {
			return []simulate.Memory{&simulate.Sessions{Entry: 400, TTL: 2500 * time.Millisecond}}
		}, 0.25, []Outcome{Pass}},
		{"sessions beside a leak", 3, func() []simulate.Memory {
			return []simulate.Memory{&simulate.Sessions{Endpoint: 0, Entry: 400, TTL: 2500 * time.Millisecond}, &simulate.Linear{Endpoint: 1, PerRequest: 100}}
		}, 0.25, []Outcome{Pass, Leak, Pass}},
		{"sessions of 8 s", 3, func() []simulate.Memory {
			return []simulate.Memory{&simulate.Sessions{Endpoint: 0, Entry: 400, TTL: 8 * time.Second}}
		}, 0.25, []Outcome{Pass, Pass, Pass}},
		{"late onset", 2, func() []simulate.Memory {
			return []simulate.Memory{&simulate.Late{Endpoint: 1, Onset: 20000, PerRequest: 100}}
		}, 0.25, []Outcome{Pass, Leak}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(10) {
				s := simulate.Run{Seed: seed, Endpoints: tt.endpoints, PerBlock: 48000 / (2 + tt.endpoints), Noise: 7e3, Budget: tt.budget}
				v, rounds := extended(t, s, tt.apps, 40)
				got := ""
				ok := true
				for i, e := range v.Endpoints {
					got += fmt.Sprintf("%s %.1f [%.1f, %.1f]  ", e.Outcome, e.Retained.Value, e.Retained.Low, e.Retained.High)
					ok = ok && e.Outcome == tt.want[i]
					if e.Outcome == Leak && (e.Retained.Low <= 0) != (e.ByResizes > 0) {
						t.Errorf("seed %d: a leak of %v with %v by resizes, want one of them", seed, e.Retained, e.ByResizes)
					}
				}
				if !ok {
					t.Errorf("seed %d after %d Rounds: %s%v", seed, rounds, got, v.Warnings)
				} else {
					t.Logf("seed %d after %d Rounds: %s", seed, rounds, got)
				}
			}
		})
	}
}

func mustJudge(t testing.TB, rec *recording.Recording) *Verdict {
	t.Helper()
	v, err := Judge(rec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// What is left of a damaged recording never passes, however well it was measured.
func TestDamagedNeverPasses(t *testing.T) {
	rec := simulate.Run{Seed: 1, Endpoints: 1, Rounds: 12, PerBlock: 3000, Noise: 3000, Budget: 0.25}.Record()
	pass, err := Judge(rec, Options{})
	if err != nil || pass.Outcome != Pass {
		t.Fatalf("got %v, %v before the damage, want pass", pass.Outcome, err)
	}
	rec.Damaged = "line 9 is not as it was written"
	v, err := Judge(rec, Options{})
	if err != nil || v.Outcome != Inconclusive {
		t.Errorf("got %v, %v, want inconclusive", v.Outcome, err)
	}
}
