package verdict

import (
	"math"
	"slices"
)

// madScale makes the median absolute deviation of normal data its standard
// deviation: 1/Phi^-1(3/4).
const madScale = 1.4826

// median of xs, 0 when there are none. xs is left as it is.
func median(xs []float64) float64 {
	if len(xs) == 0 {
		return 0
	}
	s := slices.Clone(xs)
	slices.Sort(s)
	mid := len(s) / 2
	if len(s)%2 == 1 {
		return s[mid]
	}
	return (s[mid-1] + s[mid]) / 2
}

// spread is a robust standard deviation of xs about their median.
func spread(xs []float64) float64 {
	m := median(xs)
	dev := make([]float64, len(xs))
	for i, x := range xs {
		dev[i] = math.Abs(x - m)
	}
	return madScale * median(dev)
}

// ratios is ys over xs, element by element.
func ratios(ys, xs []float64) []float64 {
	out := make([]float64, len(ys))
	for i := range ys {
		out[i] = ys[i] / xs[i]
	}
	return out
}
