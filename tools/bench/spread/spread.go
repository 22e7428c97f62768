// Package spread is how benchmarks state repeated measurements.
package spread

import "slices"

// Spread is the median of some measurements and their quartiles.
type Spread struct{ Median, Low, High float64 }

// Of needs one measurement at least.
func Of(v []float64) Spread {
	s := slices.Sorted(slices.Values(v))
	at := func(q float64) float64 {
		return s[int(q*float64(len(s)-1)+0.5)]
	}
	return Spread{Median: at(0.5), Low: at(0.25), High: at(0.75)}
}
