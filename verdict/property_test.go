package verdict

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// anyRun draws a simulated run with a leak of some size on some endpoint.
func anyRun(t *rapid.T) *recording.Recording {
	endpoints := rapid.IntRange(1, 4).Draw(t, "endpoints")
	s := simulate.Run{
		Seed:      rapid.Uint64Range(1, 1<<30).Draw(t, "seed"),
		Endpoints: endpoints,
		Rounds:    rapid.IntRange(1, 14).Draw(t, "rounds"),
		PerBlock:  rapid.IntRange(100, 20000).Draw(t, "requests"),
		Noise:     rapid.Float64Range(0, 50e3).Draw(t, "noise"),
		Budget:    1,
		Apps: []simulate.Memory{
			&simulate.Linear{
				Endpoint:   rapid.IntRange(0, endpoints-1).Draw(t, "leaking"),
				PerRequest: rapid.SampledFrom([]float64{0, 8, 30, 300}).Draw(t, "leak"),
			},
			&simulate.Fading{Scale: 20e3},
		},
	}
	return s.Record()
}

func judgeAt(t *rapid.T, rec *recording.Recording, budget unit.MBPerHour) *Verdict {
	v, err := Judge(rec, Options{Budgets: map[string]unit.MBPerHour{"": budget}})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestJudgeIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rec := anyRun(t)
		if diff := cmp.Diff(judgeAt(t, rec, 1), judgeAt(t, rec, 1)); diff != "" {
			t.Errorf("two verdicts on one recording differ:\n%s", diff)
		}
	})
}

// A larger budget never makes an outcome worse: pass stays pass, and what was
// no leak becomes none.
func TestLargerBudgetIsNeverWorse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rec := anyRun(t)
		small := rapid.Float64Range(0.01, 20).Draw(t, "budget")
		large := small * rapid.Float64Range(1, 50).Draw(t, "factor")
		a, b := judgeAt(t, rec, unit.MBPerHour(small)), judgeAt(t, rec, unit.MBPerHour(large))
		for i := range a.Endpoints {
			was, is := a.Endpoints[i].Outcome, b.Endpoints[i].Outcome
			if was == Pass && is == Leak || was == Inconclusive && is == Leak {
				t.Errorf("endpoint %d: %s at %g MB/h and %s at %g MB/h", i, was, small, is, large)
			}
		}
	})
}

func TestTooFewRoundsNeverPass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rec := anyRun(t)
		v := judgeAt(t, rec, 1000)
		if v.Rounds < minLook && v.Outcome == Pass {
			t.Errorf("passed on %d rounds", v.Rounds)
		}
	})
}

// What ends a run before its time, or spoils it, forbids a pass and does not
// hide a leak.
func TestSpoiledRunsNeverPass(t *testing.T) {
	spoil := map[string]func(*recording.Recording){
		"target exited": func(r *recording.Recording) {
			r.Events = append(r.Events, recording.Event{Kind: recording.TargetExited, Message: "exited with code 1"})
		},
		"inspector lost": func(r *recording.Recording) {
			r.Events = append(r.Events, recording.Event{Kind: recording.InspectorLost})
		},
		"interrupted": func(r *recording.Recording) {
			r.Events = append(r.Events, recording.Event{Kind: recording.Interrupted})
		},
		"shared port": func(r *recording.Recording) {
			r.Events = append(r.Events, recording.Event{Kind: recording.MultipleProcesses, Message: "2 processes serve the port"})
		},
		"restarted": func(r *recording.Recording) {
			for i := range r.Observations[len(r.Observations)/2:] {
				r.Observations[len(r.Observations)/2+i].Sample.Procs = []recording.Process{{PID: 2, Name: "node"}}
			}
		},
		"load failed": func(r *recording.Recording) {
			for i := range r.Observations {
				l := &r.Observations[i].Block.Load
				l.Failed = l.Requests / 20
				l.Landed -= l.Failed
			}
		},
		"saturated": func(r *recording.Recording) {
			for i := range r.Observations {
				r.Observations[i].Block.Load.Saturated = r.Observations[i].Block.Endpoint != recording.Idle
			}
		},
		"unsettled": func(r *recording.Recording) {
			for i := range r.Observations {
				r.Observations[i].Sample.Settled = false
			}
		},
	}
	for name, f := range spoil {
		t.Run(name, func(t *testing.T) {
			healthy := simulate.Run{Seed: 1, Endpoints: 2, Rounds: 8, PerBlock: 12000, Noise: 5e3, Budget: 1}
			rec := healthy.Record()
			if v := mustJudge(t, rec); v.Outcome != Pass {
				t.Fatalf("got %s before it was spoiled, want pass", v.Outcome)
			}
			f(rec)
			if v := mustJudge(t, rec); v.Outcome != Inconclusive {
				t.Errorf("got %s, want inconclusive", v.Outcome)
			}
			leaky := healthy
			leaky.Apps = []simulate.Memory{&simulate.Linear{Endpoint: 1, PerRequest: 300}}
			rec = leaky.Record()
			f(rec)
			if v := mustJudge(t, rec); v.Endpoints[1].Outcome != Leak {
				t.Errorf("leak: got %s, want leak", v.Endpoints[1].Outcome)
			}
		})
	}
}

func TestNothingMeasuredIsInconclusive(t *testing.T) {
	s := simulate.Run{Seed: 1, Endpoints: 1, PerBlock: 1000, Budget: 1}
	rec := s.Record()
	rec.Observations = nil
	if v := mustJudge(t, rec); v.Outcome != Inconclusive {
		t.Errorf("got %s, want inconclusive", v.Outcome)
	}
}

func TestResources(t *testing.T) {
	s := simulate.Run{Seed: 3, Endpoints: 2, Rounds: 6, PerBlock: 4000, Noise: 5e3, Budget: 1}
	rec := s.Record()
	open := 20
	for i := range rec.Observations {
		o := &rec.Observations[i]
		if o.Block.Endpoint == 1 {
			open += o.Block.Load.Requests
		}
		o.Sample.Resources = map[string]int{"fd": open, "Timeout": 3 + i%2}
	}
	v := mustJudge(t, rec)
	want := []Resource{{Endpoint: 1, Name: "fd", PerRequest: 1, Last: open}}
	if diff := cmp.Diff(want, v.Resources); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	if v.Endpoints[0].Outcome != Pass || v.Endpoints[1].Outcome != Leak {
		t.Errorf("got %s and %s, want pass and leak", v.Endpoints[0].Outcome, v.Endpoints[1].Outcome)
	}
}

func TestWaiver(t *testing.T) {
	tests := []struct {
		until time.Time
		want  Outcome
	}{
		{time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), Pass}, // holds through its day
		{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Leak},
	}
	for _, tt := range tests {
		s := simulate.Run{Seed: 1, Endpoints: 2, Rounds: 6, PerBlock: 12000, Noise: 5e3, Budget: 1, Apps: []simulate.Memory{&simulate.Linear{PerRequest: 300}}}
		rec := s.Record()
		rec.Header.Endpoints[0].Waive = &recording.Waive{Reason: "known", Until: tt.until}
		if v := mustJudge(t, rec); v.Outcome != tt.want {
			t.Errorf("waived until %s, run on 2026-01-02: got %s, want %s", tt.until.Format(time.DateOnly), v.Outcome, tt.want)
		}
	}
}

// The interval of six rounds holds the truth as often as it says, within what
// 200 runs can show, for noise that stays and noise that goes.
func TestCoverage(t *testing.T) {
	const runs = 200
	tests := []struct {
		name      string
		endpoints int
		apps      func(seed uint64) []simulate.Memory
		most      int // intervals off, of runs x endpoints; 1 % and 0.25 % are nominal
	}{
		{"measurement noise", 1, func(uint64) []simulate.Memory { return nil }, 6},
		{"measurement noise", 4, func(uint64) []simulate.Memory { return nil }, 8},
		{"random walk", 4, func(seed uint64) []simulate.Memory { return []simulate.Memory{simulate.NewWander(seed, 40e3, 1)} }, 8},
		{"sawtooth", 1, func(uint64) []simulate.Memory { return []simulate.Memory{&simulate.Sawtooth{Entry: 300, Period: 1301}} }, 6},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s, %d endpoints", tt.name, tt.endpoints), func(t *testing.T) {
			t.Parallel()
			off := 0
			for seed := range uint64(runs) {
				s := simulate.Run{Seed: seed, Endpoints: tt.endpoints, Rounds: 6, PerBlock: 12000, Noise: 7e3, Budget: 1, Apps: tt.apps(seed)}
				for _, e := range mustJudge(t, s.Record()).Endpoints {
					if e.Retained.Low > 0 || e.Retained.High < 0 {
						off++
					}
				}
			}
			t.Logf("%d of %d intervals off", off, runs*tt.endpoints)
			if off > tt.most {
				t.Errorf("%d of %d intervals do not hold the truth, want at most %d", off, runs*tt.endpoints, tt.most)
			}
		})
	}
}

func TestNumbersAreFinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, e := range judgeAt(t, anyRun(t), 1).Endpoints {
			for _, x := range []float64{float64(e.Retained.Value), float64(e.Retained.Low), float64(e.Retained.High), float64(e.MinDetectable)} {
				if math.IsNaN(x) || math.IsInf(x, 0) {
					t.Errorf("endpoint %s: %v", e.Name, e)
				}
			}
		}
	})
}
