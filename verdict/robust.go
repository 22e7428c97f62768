package verdict

import "slices"

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

// ratios is ys over xs, element by element.
func ratios(ys, xs []float64) []float64 {
	out := make([]float64, len(ys))
	for i := range ys {
		out[i] = ys[i] / xs[i]
	}
	return out
}

// lowerMedian is the smaller of the two middle values where there are two.
func lowerMedian(xs []float64) float64 {
	s := slices.Clone(xs)
	slices.Sort(s)
	return s[(len(s)-1)/2]
}
