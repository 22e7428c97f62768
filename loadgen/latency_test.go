package loadgen

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"pgregory.net/rapid"
)

func TestLatency(t *testing.T) {
	var h histogram
	for i := range 100 {
		h.add(time.Duration(i+1) * time.Millisecond)
	}
	got := h.latency()
	if got.Mean != 50500*time.Microsecond || got.Max != 100*time.Millisecond {
		t.Errorf("mean %v, max %v; want 50.5ms, 100ms", got.Mean, got.Max)
	}
	for _, q := range []struct{ got, want time.Duration }{{got.P50, 50}, {got.P95, 95}, {got.P99, 99}} {
		if want := q.want * time.Millisecond; q.got < want || q.got > want+want/sub {
			t.Errorf("got %v, want %v or up to an eighth more", q.got, want)
		}
	}
	if diff := cmp.Diff(recording.Latency{}, new(histogram).latency()); diff != "" {
		t.Errorf("no results: %s", diff)
	}
}

func TestBucketsHoldTheirValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "d") >> rapid.IntRange(0, 62).Draw(t, "shift"))
		i := bucketOf(uint64(d))
		if upperOf(i) < d || i > 0 && upperOf(i-1) >= d {
			t.Fatalf("%d is in bucket %d, from above %d to %d", d, i, upperOf(i-1), upperOf(i))
		}
	})
}
