package loadgen

import (
	"math/bits"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// subBits cuts each power of two into 2^subBits buckets, so that a bucket is
// at most 12.5 % wide.
const (
	subBits = 3
	sub     = 1 << subBits
)

// histogram counts durations in log-spaced buckets, from nanoseconds up.
type histogram struct {
	counts [(64 - subBits) * sub]int
	n      int
	sum    time.Duration
	max    time.Duration
}

func (h *histogram) add(d time.Duration) {
	d = max(d, 0)
	h.counts[bucketOf(uint64(d))]++
	h.n++
	h.sum += d
	h.max = max(h.max, d)
}

// bucketOf numbers the buckets: the first 2*sub hold one nanosecond each, and
// every further power of two has sub of them.
func bucketOf(v uint64) int {
	if v < 2*sub {
		return int(v)
	}
	exp := bits.Len64(v) - subBits - 1
	return exp*sub + int(v>>exp)
}

// upperOf is the largest value of a bucket.
func upperOf(i int) time.Duration {
	if i < 2*sub {
		return time.Duration(i)
	}
	exp := i/sub - 1
	return time.Duration((uint64(i%sub)+sub+1)<<exp - 1)
}

// latency summarises. Quantiles are the upper bounds of their buckets, never
// above the maximum.
func (h *histogram) latency() recording.Latency {
	if h.n == 0 {
		return recording.Latency{}
	}
	l := recording.Latency{Mean: h.sum / time.Duration(h.n), Max: h.max}
	l.P50, l.P95, l.P99 = h.quantile(0.50), h.quantile(0.95), h.quantile(0.99)
	for i, c := range h.counts {
		if c > 0 {
			l.Buckets = append(l.Buckets, recording.Bucket{UpTo: upperOf(i), Count: c})
		}
	}
	return l
}

// quantile is the nearest-rank quantile.
func (h *histogram) quantile(q float64) time.Duration {
	rank := int(q*float64(h.n-1)) + 1
	for i, c := range h.counts {
		if rank -= c; rank <= 0 {
			return min(upperOf(i), h.max)
		}
	}
	return h.max
}
