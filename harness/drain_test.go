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
	d.learn(peekTime, 300e3, 9e6, 2*time.Second)
	check("one look is enough", true, 0, false)

	asked := func(much bool) Decision {
		return Decision{Goes: func(gone, _, all unit.Bytes) bool {
			if gone != 300e3 || all != 9e6 {
				t.Errorf("%d of %d bytes went, want what the idle block saw", int(gone), int(all))
			}
			return much
		}}
	}
	quiet := asked(true)
	if d.wanted(asked(false)) {
		t.Error("300 kB went, which is not much: no reason to wait")
	}
	if !d.wanted(quiet) || !d.wanted(Decision{Drain: true}) {
		t.Error("300 kB went, which is much, or the verdict saw memory go: reasons to wait")
	}
	d.on = true
	if d.wanted(quiet) {
		t.Error("waits already")
	}
	check("a block of load, until nothing more goes", false, 0, true)
	for range fullDrains {
		check("the first idle blocks, whatever goes", true, maxDrain, true)
		d.learn(maxDrain, 100e3, 9e6, 3*time.Second)
	}
	check("then by what was seen", true, 4500*time.Millisecond, true)
	d.learn(4500*time.Millisecond, 100e3, 9e6, 4*time.Second)
	check("and by what is seen later still", true, 6*time.Second, true)
}

// Where much goes when time is let pass on the clocks, there is nothing to wait for.
func TestDrainByClock(t *testing.T) {
	d := &draining{skips: true}
	if !d.wanted(Decision{}) {
		t.Error("much went: a reason to let time pass before each sample")
	}
	d.on = true
	if least, waits := d.wait(true); least != 0 || !waits {
		t.Errorf("an idle block waits %t for %s, want true for 0s", waits, least)
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
