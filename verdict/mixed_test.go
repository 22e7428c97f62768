package verdict

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// What leaks is named whether endpoints take turns, with mixed blocks between,
// or only run together; and what leaks together is named as that.
func TestMixedOutcomes(t *testing.T) {
	const unclear = Outcome("pass, or not judged where the interval holds the budget")
	none := func() []simulate.Memory { return nil }
	even := func() []simulate.Memory { return []simulate.Memory{&simulate.Linear{Endpoint: 2, PerRequest: 16}} }
	late := func() []simulate.Memory {
		return []simulate.Memory{&simulate.Late{Endpoint: 1, Onset: 20000, PerRequest: 100}}
	}
	sessions := func() []simulate.Memory {
		return []simulate.Memory{&simulate.Sessions{Entry: 400, TTL: 30 * time.Second}, &simulate.Linear{Endpoint: 1, PerRequest: 100}}
	}
	together := func() []simulate.Memory {
		return []simulate.Memory{&simulate.Interaction{First: 0, Second: 1, PerRequest: 200}}
	}
	beside := func() []simulate.Memory {
		return append(together(), even()...)
	}
	cache := func() []simulate.Memory {
		return []simulate.Memory{&simulate.Bounded{Endpoint: 1, Entry: 300, Most: 5000}}
	}
	tests := []struct {
		name      string
		mode      simulate.Mode
		endpoints int
		apps      func() []simulate.Memory
		want      []Outcome // of the endpoints, and of all together last
	}{
		{"healthy", simulate.WithMixed, 4, none, []Outcome{Pass, Pass, Pass, Pass, unclear}},
		{"healthy", simulate.Mixed, 4, none, []Outcome{Pass, Pass, Pass, Pass}},
		{"16 B/request", simulate.WithMixed, 4, even, []Outcome{Pass, Pass, Leak, Pass, NotJudged}},
		{"16 B/request", simulate.Mixed, 4, even, []Outcome{Pass, Pass, Leak, Pass}},
		{"late onset", simulate.WithMixed, 2, late, []Outcome{Pass, Leak, NotJudged}},
		{"late onset", simulate.Mixed, 2, late, []Outcome{Pass, Leak}},
		{"LRU of 5,000 entries", simulate.WithMixed, 3, cache, []Outcome{Pass, Pass, Pass, unclear}},
		{"LRU of 5,000 entries", simulate.Mixed, 3, cache, []Outcome{Pass, Pass, Pass}},
		{"sessions beside a leak", simulate.WithMixed, 3, sessions, []Outcome{Pass, Leak, Pass, NotJudged}},
		{"sessions beside a leak", simulate.Mixed, 3, sessions, []Outcome{Pass, Leak, Pass}},
		{"two together", simulate.Separate, 2, together, []Outcome{Pass, Pass}},
		{"two together", simulate.WithMixed, 2, together, []Outcome{Pass, Pass, Leak}},
		{"two together of four", simulate.WithMixed, 4, together, []Outcome{Pass, Pass, Pass, Pass, Leak}},
		{"two together, and one alone", simulate.WithMixed, 4, beside, []Outcome{Pass, Pass, Leak, Pass, NotJudged}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(5) {
				s := simulate.Run{Mode: tt.mode, Seed: seed, Endpoints: tt.endpoints, PerBlock: 48000 / (2 + tt.endpoints), Noise: 7e3, Budget: 0.25}
				v, rounds := extended(t, s, tt.apps, 40)
				var got []Outcome
				for i, e := range v.All() {
					got = append(got, e.Outcome)
					if tight := e.Retained.High > e.Budget.PerRequest(e.Rate); i == recording.Mixed && tt.want[len(got)-1] == unclear && tight == (e.Outcome == NotJudged) {
						got[len(got)-1] = unclear
					}
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("mode %d, seed %d after %d rounds (-want +got):\n%s", tt.mode, seed, rounds, diff)
				}
			}
		})
	}
}

// Without noise, rounds of mixed blocks give every endpoint its own rate, and
// mixed blocks beside separate ones give nothing beyond.
func TestMixedIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		endpoints := rapid.IntRange(2, 5).Draw(t, "endpoints")
		s := simulate.Run{
			Seed: rapid.Uint64Range(1, 1<<30).Draw(t, "seed"), Endpoints: endpoints, Rounds: 6, PerBlock: 5000, Budget: 1,
			Mode: rapid.SampledFrom([]simulate.Mode{simulate.WithMixed, simulate.Mixed}).Draw(t, "mode"),
		}
		want := make([]float64, endpoints)
		for e := range want {
			want[e] = float64(rapid.IntRange(0, 500).Draw(t, "leak"))
			s.Apps = append(s.Apps, &simulate.Linear{Endpoint: e, PerRequest: want[e]})
		}
		rec := s.Record()
		j := newJudge(rec, Options{})
		if mixed := s.Mode == simulate.Mixed; j.series.mixed != mixed || j.series.hasInteraction() == mixed {
			t.Fatalf("mixed %v, checked %v in mode %d", j.series.mixed, j.series.hasInteraction(), s.Mode)
		}
		for e := range endpoints {
			increments := j.series.of(e)
			if len(increments) != s.Rounds {
				t.Fatalf("%d increments of endpoint %d in %d rounds", len(increments), e, s.Rounds)
			}
			sent := 0.0
			for _, st := range j.series.increments {
				if s.Mode == simulate.Mixed || st.endpoint == e {
					sent += j.series.sent(st, e)
				}
			}
			if got := total(requests(increments)); math.Abs(got-sent) > 1e-6*sent {
				t.Errorf("%g requests in the increments of endpoint %d, want %g", got, e, sent)
			}
			for i, rate := range ratios(j.series.changes(increments, retained), requests(increments)) {
				if math.Abs(rate-want[e]) > 0.5 { // levels are whole bytes
					t.Errorf("endpoint %d leaks %g B/request in round %d, want %g", e, rate, i, want[e])
				}
			}
		}
		for _, beyond := range j.series.changes(j.series.of(recording.Mixed), retained) {
			if math.Abs(beyond) > 10 {
				t.Errorf("%g bytes beyond the parts", beyond)
			}
		}
	})
}

// Intervals of mixed mode hold the truth as often as those of separate blocks.
func TestMixedCoverage(t *testing.T) {
	t.Parallel()
	const runs = 300
	held, of := 0, 0
	for seed := range uint64(runs) {
		s := simulate.Run{Mode: simulate.Mixed, Seed: seed, Endpoints: 3, Rounds: 6, PerBlock: 5000, Noise: 7e3, Budget: 1}
		s.Apps = []simulate.Memory{&simulate.Linear{Endpoint: 1, PerRequest: 30}, simulate.NewWander(seed, 10e3, 1)}
		v := mustJudge(t, s.Record())
		for e, want := range []float64{0, 30, 0} {
			r := v.Endpoints[e].Retained
			held += count01(float64(r.Low) <= want && want <= float64(r.High))
			of++
		}
	}
	share, want := float64(held)/float64(of), Level(0.99, 3, 6)
	t.Logf("%.2f %% of %d intervals hold the truth, %.2f %% are promised", 100*share, of, 100*want)
	if share < want-0.015 { // what docs/accuracy.md says of every kind of noise
		t.Errorf("%d of %d intervals hold the truth, want %.2f %%", held, of, 100*want)
	}
}

func count01(b bool) int {
	if b {
		return 1
	}
	return 0
}

// An interaction is judged against the sum of the budgets, at the sum of the rates.
func TestTogetherBudget(t *testing.T) {
	s := simulate.Run{
		Mode: simulate.WithMixed, Seed: 1, Endpoints: 2, Rounds: 6, PerBlock: 12000, Noise: 7e3, Budget: 0.25,
		Apps: []simulate.Memory{&simulate.Interaction{First: 0, Second: 1, PerRequest: 200}},
	}
	rec := s.Record()
	v := mustJudge(t, rec)
	g := v.Interaction
	if g.Budget != 0.5 || g.Rate != 2*simulate.Rate || g.Request != "a + b" || v.Outcome != Leak {
		t.Errorf("together: %+v", g)
	}
	// A quarter of all requests follow one of the other endpoint.
	if math.Abs(float64(g.Retained.Value)-50) > 5 {
		t.Errorf("%g B/request together, want 50", float64(g.Retained.Value))
	}
	if got := v.Leaking(); !cmp.Equal(got, []int{recording.Mixed}) {
		t.Errorf("leaking: %v", got)
	}
	lax, err := Judge(rec, Options{Budgets: map[string]unit.MBPerHour{"a": 5}})
	if err != nil {
		t.Fatal(err)
	}
	if lax.Interaction.Outcome != Pass || lax.Outcome != Pass {
		t.Errorf("with 5.25 MB/h: %s, want pass: %s", lax.Interaction.Outcome, lax.Interaction.Reason)
	}
}

// A table that grows while all endpoints are loaded may be any one's: a leak
// into one near the budget is not passed between its resizes.
func TestTablesInMixedBlocks(t *testing.T) {
	for name, mode := range map[string]simulate.Mode{"checked": simulate.WithMixed, "mixed": simulate.Mixed} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(8) {
				s := simulate.Run{Mode: mode, Seed: seed, Endpoints: 4, PerBlock: 8000, Noise: 7e3, Budget: 0.25}
				v, rounds := extended(t, s, func() []simulate.Memory {
					return []simulate.Memory{
						&simulate.Bounded{Entry: 300, Most: 40000},
						&simulate.Table{Endpoint: 3, Entry: 11, Factor: 1.5},
					}
				}, 20)
				if e := v.Endpoints[3]; e.Outcome == Pass {
					t.Errorf("seed %d: 11 B/request passed after %d rounds: %+v", seed, rounds, e.Retained)
				}
			}
		})
	}
}
