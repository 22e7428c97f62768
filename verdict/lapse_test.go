package verdict

import (
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

func TestGoes(t *testing.T) {
	const noise = 10e3
	leaks := func(left ...unit.BytesPerRequest) *Verdict {
		v := &Verdict{Noise: noise}
		for _, kB := range left {
			v.Endpoints = append(v.Endpoints, Endpoint{Outcome: Leak, Requests: 1000, Retained: Estimate{Value: kB, Low: kB / 2}})
		}
		return v
	}
	large, drains, open := leaks(10e3), &Verdict{Noise: noise, Transient: true}, &Verdict{Noise: noise}
	native := &Verdict{Noise: noise, Endpoints: []Endpoint{{Outcome: Leak, Requests: 1000}}}
	for _, tt := range []struct {
		name        string
		gone, grown unit.Bytes // of 40 MB
		by          *Verdict
		want        bool
	}{
		{"all of it goes", 9e6, 10e6, large, true},
		{"a leak beside sessions", 3e6, 10e6, large, true},
		{"a pool's connections beside a leak", 1e6, 10e6, large, false},
		{"a leak", -20e3, 10e6, large, false},
		{"sessions beside a large leak elsewhere", 0.5e6, 10e6, leaks(10e3, 500), true},
		{"no more than noise of a small one", 15e3, 10e6, leaks(50), false},
		{"a leak of something else, and little goes", 1e6, 2e6, native, false},
		{"sessions of the warm-up go too", 9e6, 3e6, drains, true},
		{"what grew has gone already, and more goes", 1e6, -2e6, drains, true},
		{"no more than noise", 15e3, 20e3, drains, false},
		{"a little of what does not grow", 1e6, -2e6, open, false},
		{"much of what does not grow", 5e6, -2e6, open, true},
	} {
		if got := tt.by.Goes(tt.gone, tt.grown, 40e6); got != tt.want {
			t.Errorf("%s: much goes: %t, want %t", tt.name, got, tt.want)
		}
	}
}
