package sampler

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
)

func mustAdvance(t *testing.T, s *Sampler) {
	t.Helper()
	if err := s.AdvanceClock(testContext(t)); err != nil {
		t.Fatal(err)
	}
}

// What expires goes when time is let pass, and what is kept for good stays.
func TestAdvanceClock(t *testing.T) {
	for _, tt := range []struct {
		path string
		goes bool
	}{
		{"/swept", true},
		{"/dropped", true},
		{"/unswept", false},
		{"/uncleared", false},
		{"/leak", false},
	} {
		t.Run(tt.path[1:], func(t *testing.T) {
			t.Parallel()
			a := startApp(t)
			s := a.open()
			const n, each = 30, 100 * kB
			grew := grown(t, a, s, tt.path, 0, n)
			if grew < n*each*9/10 {
				t.Fatalf("%d requests left %d bytes, want at least %d", n, grew, n*each)
			}
			before := mustSample(t, s)
			mustAdvance(t, s)
			gone := before.Heap.Used - mustSample(t, s).Heap.Used
			if all := gone > grew*8/10; all != tt.goes || !all && gone > grew/10 {
				t.Errorf("%d of %d bytes went, want all: %t", gone, grew, tt.goes)
			}
		})
	}
}

// All clocks of the target agree on how much time has passed.
func TestAdvanceClocks(t *testing.T) {
	a := startApp(t)
	s := a.open()
	for hours := 1; hours <= 2; hours++ {
		mustAdvance(t, s)
		var ages []float64 // in milliseconds
		if err := json.Unmarshal(a.read("/age"), &ages); err != nil {
			t.Fatal(err)
		}
		for k, ms := range ages {
			got := time.Duration(ms * float64(time.Millisecond))
			if want := time.Duration(hours) * Ahead; got < want-time.Second || got > want+time.Minute {
				t.Errorf("clock %d is %s ahead, want %s", k, got, want)
			}
		}
	}
}

// Clocks that cannot be set are told, and left as they are.
func TestAdvanceClockRefused(t *testing.T) {
	a := startApp(t)
	s := a.open()
	a.get("/no-performance", 1)
	if err := s.AdvanceClock(testContext(t)); !errors.As(err, new(*ScriptError)) {
		t.Errorf("error %v, want a ScriptError", err)
	}
	now, err := evaluate[float64](testContext(t), s.client, answerTime, "Date.now()")
	if ahead := time.Until(time.UnixMilli(int64(now))); err != nil || ahead > time.Second {
		t.Errorf("the clock is %s ahead (%v), want it left as it is", ahead, err)
	}
}

// A timer that starts itself again when it rings goes on to, and one that has rung can
// be started again.
func TestAdvanceClockRefreshes(t *testing.T) {
	a := startApp(t)
	s := a.open()
	number := func(source string) float64 {
		n, err := evaluate[float64](testContext(t), s.client, answerTime, source)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	number(`globalThis.rings = 0; setTimeout(function () { rings++; this.refresh(); }, 50).unref(); 0`)
	for range 2 {
		mustAdvance(t, s)
		before := number("rings")
		time.Sleep(time.Second)
		if after := number("rings"); after < before+5 {
			t.Errorf("it rang %v times in a second, want about 20", after-before)
		}
	}
	number(`globalThis.rung = 0; globalThis.bell = setTimeout(() => { rung++; }, 2000); 0`)
	for want := 1; want <= 3; want += 2 {
		mustAdvance(t, s)
		if got := number("rung"); got != float64(want) {
			t.Errorf("it rang %v times, want %d: it was due", got, want)
		}
		number("bell.refresh(); 0")
		time.Sleep(2500 * time.Millisecond)
		if got := number("bell.refresh(); rung"); got != float64(want+1) {
			t.Errorf("it rang %v times, want %d: it was started again", got, want+1)
		}
	}
}

// A worker's time passes with that of the main thread.
func TestAdvanceClockWorker(t *testing.T) {
	a := startApp(t)
	s := a.open()
	a.get("/worker", 1)
	for range 20 { // until the worker has begun to answer
		if mustSample(t, s); len(s.isolates) == 2 {
			break
		}
	}
	if len(s.isolates) != 2 {
		t.Fatalf("%d isolates, want 2", len(s.isolates))
	}
	mustAdvance(t, s)
	now, err := evaluate[float64](testContext(t), s.isolates[1].session, workerTime, "Date.now()")
	if err != nil {
		t.Fatal(err)
	}
	if ahead := time.Until(time.UnixMilli(int64(now))); ahead < Ahead-time.Second {
		t.Errorf("the worker's clock is %s ahead, want %s", ahead, Ahead)
	}
}
