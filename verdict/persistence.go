package verdict

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

const (
	// evenness is the least part of the mean rate that growth must still have at its
	// end: what fills or warms up has less, and a logarithm halves with each doubling.
	evenness = 0.5
	// fadeTail is the one-sided error at which growth is taken to fade, and fadeShare how
	// much of its mean rate it must have lost: an error costs rounds, and no verdict.
	fadeTail, fadeShare = 0.01, 0.1
)

// persists reports whether growth by so much in each increment goes on to their end, for any quantity: at
// its end, the line through the rates is above what is allowed and half of the mean,
// the rate does not fall beyond doubt, and the last growth is no longer ago
// than a table's next enlargement may be. A cache that has filled fails the
// last, one that fills at random the second, and a warm-up the first.
func (j *judge) persists(increments []increment, changes []float64, allowed float64) bool {
	sent := requests(increments)
	return lasts(changes, sent, allowed) && pauses(changes, sent, allowed)
}

// lasts looks at the line through the rates over the requests.
func lasts(changes, sent []float64, allowed float64) bool {
	mean, end, falls := trend(changes, sent)
	return end > max(allowed, evenness*mean) && !falls
}

// fades reports whether the rate falls beyond doubt.
func fades(changes, sent []float64) bool {
	_, _, falls := trend(changes, sent)
	return falls
}

// trend is the line through the rates of increments, over the requests: its mean, its value at
// the end, and whether it is falling beyond doubt. A block's rate has a
// variance of one over its requests.
func trend(changes, sent []float64) (mean, end float64, falls bool) {
	n := len(changes)
	all := total(sent)
	mean = total(changes) / all
	if n < 3 {
		return mean, changes[n-1] / sent[n-1], false
	}
	middles, rates := make([]float64, n), ratios(changes, sent)
	at := 0.0
	for i, s := range sent {
		middles[i] = at + s/2
		at += s
	}
	start, slope := stat.LinearRegression(middles, rates, sent, false)
	end = start + slope*all
	var rss, spread float64
	center := stat.Mean(middles, sent)
	for i := range rates {
		r := rates[i] - start - slope*middles[i]
		rss += sent[i] * r * r
		spread += sent[i] * (middles[i] - center) * (middles[i] - center)
	}
	se := math.Sqrt(max(rss, tiny) / float64(n-2) / spread)
	t := distuv.StudentsT{Sigma: 1, Nu: float64(n - 2)}.CDF(slope / se)
	return mean, end, t < fadeTail && -slope*all > fadeShare*mean
}

// pauses reports whether no more requests came since the last growth than a table's
// next enlargement may need: pauses widen by a fixed ratio.
func pauses(changes, sent []float64, allowed float64) bool {
	longest, pause := 0.0, 0.0
	for i, change := range changes {
		if change <= evenness*allowed*sent[i] {
			pause += sent[i]
			continue
		}
		longest, pause = max(longest, pause), 0
	}
	return pause <= tableGrowth*longest
}
