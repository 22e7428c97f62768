package verdict

import (
	"math/rand/v2"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// pair is a run of two endpoints, the last of which leaves so many bytes per
// request.
func pair(seed uint64, leak float64) simulate.Run {
	return simulate.Run{
		Seed: seed, Endpoints: 2, Rounds: 6, PerBlock: 4000, Noise: 2e3, Budget: 1,
		Apps: []simulate.Memory{&simulate.Linear{Endpoint: 1, PerRequest: leak}},
	}
}

// compiled adds code to each sample: what each block leaves of it, and what V8
// throws away again.
func compiled(rec *recording.Recording, size func(observation int) float64) *recording.Recording {
	for i := range rec.Observations {
		heap := &rec.Observations[i].Sample.Heap
		bytes := 400e3 + size(i)
		heap.Spaces = map[string]unit.Bytes{"code_space": unit.Bytes(bytes)}
		heap.Used += unit.Bytes(codePerByte * bytes)
	}
	return rec
}

// Code that comes and goes is no noise of the app's: the verdict is that of the
// same run without it.
func TestCodeThatComesAndGoes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		for leak, want := range map[float64]Outcome{0: Pass, 60: Leak} {
			calm := mustJudge(t, pair(seed, leak).Record())
			rng := rand.New(rand.NewPCG(seed, 7))
			v := mustJudge(t, compiled(pair(seed, leak).Record(), func(int) float64 { return 100e3 * rng.Float64() }))
			e, quiet := &v.Endpoints[1], &calm.Endpoints[1]
			if quiet.Outcome != want {
				t.Fatalf("seed %d, %g B/request without code: %s (%s), want %s", seed, leak, quiet.Outcome, quiet.Reason, want)
			}
			if e.Outcome == Pass && want == Leak || e.Outcome == Leak && want == Pass {
				t.Errorf("seed %d, %g B/request: %s (%s)", seed, leak, e.Outcome, e.Reason)
			}
			if width, was := e.Retained.High-e.Retained.Low, quiet.Retained.High-quiet.Retained.Low; width > 8*was {
				t.Errorf("seed %d, %g B/request: interval of %s beside %s without code", seed, leak, width, was)
			}
		}
	}
}

// Code that an endpoint's blocks bring, and others take away, is not retained,
// however evenly it comes.
func TestCodeOfOneEndpoint(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		rec := pair(seed, 0).Record()
		v := mustJudge(t, compiled(rec, func(i int) float64 {
			if rec.Observations[i].Block.Endpoint == 0 {
				return 60e3 // it has just been loaded
			}
			return 0
		}))
		if e := &v.Endpoints[0]; e.Outcome != Pass {
			t.Errorf("seed %d: %s (%s), %s [%s, %s]", seed, e.Outcome, e.Reason, e.Retained.Value, e.Retained.Low, e.Retained.High)
		}
	}
}

// A leak of code is one like any other.
func TestCodeThatStays(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		rec := pair(seed, 0).Record()
		sent := 0.0
		compiled(rec, func(i int) float64 {
			if b := rec.Observations[i].Block; b.Endpoint == 1 {
				sent += float64(b.Load.Requests)
			}
			return 60 * sent
		})
		v := mustJudge(t, rec)
		if e := v.Endpoints[1]; e.Outcome != Leak || v.Endpoints[0].Outcome == Leak {
			t.Errorf("seed %d: %s (%s) and %s, want pass or inconclusive and leak", seed, v.Endpoints[0].Outcome, e.Reason, e.Outcome)
		}
	}
}
