package harness

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

func TestDrainWaits(t *testing.T) {
	d := &draining{}
	check := func(when string, idle bool, want time.Duration, waits bool) {
		t.Helper()
		if least, ok := d.wait(idle); ok != waits || waits && least != want {
			t.Errorf("%s: waits %t for at least %s, want %t for %s", when, ok, least, waits, want)
		}
	}
	check("as long as nothing is known to go", true, 0, false)
	check("after a block of load, the same", false, 0, false)

	d.peek = true
	check("to see whether anything goes", true, peekTime, true)
	check("only an idle block does so", false, 0, false)
	d.learn(peekTime, 300e3, 2*time.Second)
	check("one look is enough", true, 0, false)

	noisy, quiet := Decision{Noise: 200e3}, Decision{Noise: 100e3}
	if d.wanted(noisy) {
		t.Error("300 kB went where samples are 200 kB apart: no reason to wait")
	}
	if !d.wanted(quiet) || !d.wanted(Decision{Drain: true}) {
		t.Error("300 kB went where samples are 100 kB apart, or the verdict saw memory go: reasons to wait")
	}
	d.on = true
	if d.wanted(quiet) {
		t.Error("waits already")
	}
	check("a block of load, until nothing more goes", false, 0, true)
	for range fullDrains {
		check("the first idle blocks, whatever goes", true, maxDrain, true)
		d.learn(maxDrain, 100e3, 3*time.Second)
	}
	check("then by what was seen", true, 4500*time.Millisecond, true)
	d.learn(4500*time.Millisecond, 100e3, 4*time.Second)
	check("and by what is seen later still", true, 6*time.Second, true)
}

func TestDrainByClock(t *testing.T) {
	leaks, drains := Decision{Leaks: 10e6, Noise: 10e3}, Decision{Drain: true, Noise: 10e3}
	small := Decision{Leaks: 0.5e6, Noise: 10e3}
	open := Decision{Undecided: []int{0}, Noise: 10e3}
	for _, tt := range []struct {
		name        string
		gone, grown unit.Bytes // of 40 MB
		by          Decision
		want        bool
	}{
		{"all of it goes", 9e6, 10e6, leaks, true},
		{"a leak beside sessions", 3e6, 10e6, leaks, true},
		{"a pool's connections beside a leak", 1e6, 10e6, leaks, false},
		{"sessions of the warm-up go too", 9e6, 3e6, drains, true},
		{"sessions beside a large leak elsewhere", 0.5e6, 10e6, small, true},
		{"no more than noise of a small one", 15e3, 10e6, Decision{Leaks: 50e3, Noise: 10e3}, false},
		{"what grew has gone already, and more goes", 1e6, -2e6, drains, true},
		{"no more than noise", 15e3, 20e3, drains, false},
		{"a leak", -20e3, 10e6, leaks, false},
		{"a little of what does not grow", 1e6, -2e6, open, false},
		{"much of what does not grow", 5e6, -2e6, open, true},
	} {
		d := &draining{skips: tt.by.Goes(tt.gone, tt.grown, 40e6)}
		if d.skips != tt.want || d.wanted(Decision{Noise: 1e9}) != tt.want { // the look's own noise is no reason against it
			t.Errorf("%s: time passes before each sample: %t, want %t", tt.name, d.skips, tt.want)
		}
		if d.on = true; tt.want {
			if least, waits := d.wait(true); least != 0 || !waits {
				t.Errorf("%s: an idle block waits %t for %s, want true for 0s", tt.name, waits, least)
			}
		}
	}
}

func TestOrderOfPeek(t *testing.T) {
	turns := []turn{{recording.Idle, -1}, {0, -1}, {1, -1}, {recording.Mixed, -1}}
	r := &run{rng: rand.New(rand.NewPCG(1, 1))}
	r.drain.peek = true
	for range 20 {
		order := r.order(turns)
		if n := len(order); turns[order[n-1]].endpoint != recording.Idle || turns[order[n-2]].endpoint != recording.Mixed {
			t.Fatalf("order %v: the idle block is not last, after the mixed one", order)
		}
	}
}
