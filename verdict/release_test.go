package verdict

import (
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

func TestReleasedEnough(t *testing.T) {
	const noise = 10e3
	leaks := func(left ...unit.BytesPerRequest) *Verdict {
		v := &Verdict{Noise: noise}
		for _, kB := range left {
			v.Endpoints = append(v.Endpoints, Endpoint{Outcome: Leak, Requests: 1000, Retained: Estimate{Value: kB, Low: kB / 2}})
		}
		return v
	}
	large, open := leaks(10e3), &Verdict{Noise: noise}
	native := &Verdict{Noise: noise, Endpoints: []Endpoint{{Outcome: Leak, Requests: 1000}}}
	for _, tt := range []struct {
		name            string
		gone, grown, of unit.Bytes
		code            unit.Bytes // flushed on the way
		by              *Verdict
		want            bool
	}{
		{"all of it expires", 9e6, 10e6, 40e6, 0, large, true},
		{"a leak beside sessions", 3e6, 10e6, 40e6, 0, large, true},
		{"a pool's connections beside a leak", 1e6, 10e6, 40e6, 0, large, false},
		{"a leak", -20e3, 10e6, 40e6, 0, large, false},
		{"sessions beside a large leak elsewhere", 0.5e6, 10e6, 40e6, 0, leaks(10e3, 500), true},
		{"no more than noise of a small one", 15e3, 10e6, 40e6, 0, leaks(50), false},
		{"a leak of something else, and little expires", 0.4e6, 2e6, 40e6, 0, native, false},
		{"what grew expires", 9e6, 10e6, 40e6, 0, open, true},
		{"code is flushed, and nothing else", 0.33e6, 0.5e6, 40e6, 0.15e6, open, false},
		{"a little of what does not grow", 1e6, -2e6, 40e6, 0, open, false},
		{"much of what does not grow", 5e6, -2e6, 40e6, 0, open, true},
	} {
		sample := func(used, code unit.Bytes) *recording.Sample {
			return &recording.Sample{Heap: recording.Heap{Used: used, Spaces: map[string]unit.Bytes{"code_space": code}}}
		}
		code := unit.Bytes(1e6)
		before, after, warm := sample(tt.of, code), sample(tt.of-tt.gone, code-tt.code), sample(tt.of-tt.grown, code)
		if got := tt.by.ReleasedEnough(before, after, warm); got != tt.want {
			t.Errorf("%s: released enough: %t, want %t", tt.name, got, tt.want)
		}
	}
}
