package loadgen

import (
	"context"
	"math"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// sentAt is when a pacer lets each of n requests go, with an ideal clock.
func sentAt(p vegeta.Pacer, n int) []time.Duration {
	var at []time.Duration
	var elapsed time.Duration
	for hits := range n {
		wait, _ := p.Pace(elapsed, uint64(hits))
		elapsed += max(0, wait)
		at = append(at, elapsed)
	}
	return at
}

// Each shape sends its n requests in n / mean seconds, and moves as it says: in
// the first and the last of 4 quarters of the time come the hits of the area
// under the rate.
func TestShapes(t *testing.T) {
	const n = 4000
	for _, tt := range []struct {
		name        string
		shape       Shape
		whole       float64 // seconds
		first, last float64 // requests in the first and the last quarter
	}{
		{"constant", Shape{}, 4, 1000, 1000},
		// From 1,000/s to 3,000/s, 2 s: in the first half second (1,000 + 1,500) / 2 x 0.5.
		{"ramp", Shape{RampTo: 3000}, 2, 625, 1375},
		// 4 s, of which a period of 3.5 s becomes one of 4: half of a swing's
		// 500 x 4 / (2 pi) x 2 comes in its first quarter, and is missing in the last.
		{"sine", Shape{Amplitude: 500, Period: 3500 * time.Millisecond}, 4, 1000 + 500*4/(2*math.Pi), 1000 - 500*4/(2*math.Pi)},
	} {
		at := sentAt(tt.shape.pacer(n, 1000), n)
		quarter := time.Duration(tt.whole / 4 * float64(time.Second))
		var first, last float64
		for _, d := range at {
			if d < quarter {
				first++
			}
			if d >= 3*quarter {
				last++
			}
		}
		took := at[n-1].Seconds()
		if math.Abs(took-tt.whole) > 0.02*tt.whole || math.Abs(first-tt.first) > 20 || math.Abs(last-tt.last) > 20 {
			t.Errorf("%s: %.3f s, %.0f in the first and %.0f in the last quarter; want %.3f s, %.0f, %.0f", tt.name, took, first, last, tt.whole, tt.first, tt.last)
		}
	}
}

// The peak decides how many workers there may be, the mean what must be
// achieved.
func TestShapeRates(t *testing.T) {
	for _, tt := range []struct {
		shape      Shape
		mean, peak float64
	}{
		{Shape{}, 100, 100},
		{Shape{RampTo: 300}, 200, 300},
		{Shape{RampTo: 50}, 75, 100},
		{Shape{Amplitude: 60, Period: time.Second}, 100, 160},
	} {
		if mean, peak := float64(tt.shape.mean(100)), float64(tt.shape.peak(100)); mean != tt.mean || peak != tt.peak {
			t.Errorf("%+v of 100/s: mean %v, peak %v; want %v, %v", tt.shape, mean, peak, tt.mean, tt.peak)
		}
	}
}

func TestRampedBlock(t *testing.T) {
	s := serve(t, ok)
	load := block(t, s.URL, Request{OpenRate: 100, Shape: Shape{RampTo: 300}}, 60)
	if load.Landed != 60 || load.OpenRate != 200 {
		t.Errorf("landed %d at %v, want 60 at 200/s", load.Landed, load.OpenRate)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, stop := newPacer(ctx, 60, &Endpoint{openRate: 1}, nil).Pace(0, 0); !stop {
		t.Error("a pacer goes on after the end of its context")
	}
}
