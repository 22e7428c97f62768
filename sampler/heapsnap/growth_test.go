package heapsnap_test

import (
	"math"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/heapsnap"
)

func TestPerRequest(t *testing.T) {
	g := heapsnap.Growth{Count: []int{10, 110, 210, 310}, Bytes: []heapsnap.Bytes{0, 5000, 9000, 15000}}
	got := g.PerRequest([]int{0, 100, 200, 300})
	// Bytes: deviations from the mean 7250 are -7250, -2250, 1750, 7750 over -150, -50, 50, 150:
	// slope (2450000)/50000 = 49; residuals 100, 200, -700, 400 squared sum 700000, /2/50000 = 7.
	want := heapsnap.PerRequest{Count: 1, Bytes: 49, BytesError: math.Sqrt(7)}
	if math.Abs(got.Bytes-want.Bytes) > 1e-9 || math.Abs(got.BytesError-want.BytesError) > 1e-9 ||
		math.Abs(got.Count-1) > 1e-9 || got.CountError > 1e-9 {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if two := (heapsnap.Growth{Count: []int{1, 3}, Bytes: []heapsnap.Bytes{0, 8}}).PerRequest([]int{0, 4}); two != (heapsnap.PerRequest{Count: 0.5, Bytes: 2}) {
		t.Errorf("of two snapshots: got %+v", two)
	}
	if same := g.PerRequest([]int{5, 5, 5, 5}); !math.IsNaN(same.Count) {
		t.Errorf("without requests between: got %+v, want NaN", same)
	}
}
