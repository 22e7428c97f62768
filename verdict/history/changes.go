package history

import (
	"math"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Changes are looked for by binary segmentation: first the split of the series
// at which the means of both sides differ most, in units of the standard error
// that they would have without a change (the maximal standardised CUSUM: Sen and
// Srivastava 1975). Where none is significant, the stretch that differs most
// from the rest on both sides of it (circular binary segmentation: Olshen,
// Venkatraman et al., Biostatistics 5, 2004), which finds a leak together with
// its fix. Then each part is searched by itself. Whether a split means anything
// is decided by a permutation test, which assumes no distribution: among
// shuffles of the same values, few may have one that differs as much.
const (
	// permutations fixes the smallest p that can be shown: 1/(permutations+1).
	permutations = 1999
	// significance is the p that each of the two needs. Of 12 runs, three on one
	// side of a change show it.
	significance = 0.01
	// minSide is the fewest runs on either side of a change.
	minSide = 2
	// longest is how many of the last runs are searched: the work grows with
	// the square.
	longest = 300
)

// Change is a lasting change of a leak rate.
type Change struct {
	Before, After unit.BytesPerRequest // means of the stretches on both sides
	// Last is the last run before the change and First the first after it.
	Last, First *Run
	At          int     // index of First in the series
	P           float64 // of the permutation test
}

// Changes finds the lasting changes of a series by more than tolerance, oldest
// first. The same series gives the same changes.
func Changes(points []Point, tolerance unit.BytesPerRequest) []Change {
	skipped := max(0, len(points)-longest)
	s := &segmentation{points: points[skipped:], chance: 1}
	for _, p := range s.points {
		s.values = append(s.values, float64(p.Value))
	}
	s.split(0, len(s.values))
	return s.changes(float64(tolerance), skipped)
}

// segmentation is a search in progress.
type segmentation struct {
	points []Point
	values []float64
	splits []found // ascending
	chance splitmix
}

type found struct {
	at int
	p  float64
}

// split looks for changes within values[lo:hi].
func (s *segmentation) split(lo, hi int) {
	from, to, p := s.search(lo, hi, lo)
	if p > significance {
		from, to, p = s.search(lo, hi, hi)
	}
	if p > significance {
		return
	}
	s.split(lo, from)
	if from > lo {
		s.splits = append(s.splits, found{from, p})
	}
	s.split(from, to)
	if to < hi {
		s.splits = append(s.splits, found{to, p})
	}
	s.split(to, hi)
}

// search finds the stretch that differs most, with its p.
func (s *segmentation) search(lo, hi, last int) (from, to int, p float64) {
	from, to, size := s.stretch(s.values, lo, hi, last)
	if size == 0 {
		return from, to, 1
	}
	return from, to, s.permuted(lo, hi, last, size)
}

// stretch is the part of values[lo:hi], beginning at last or before, whose mean
// differs most from that of the rest; its size is 0 when there is none. Runs of
// one commit are never parted.
func (s *segmentation) stretch(values []float64, lo, hi, last int) (from, to int, size float64) {
	whole := total(values[lo:hi])
	for i := lo; i < hi && i <= last; i++ {
		if !s.mayPart(lo, i, hi) {
			continue
		}
		inside := 0.0
		for j := i + 1; j <= hi; j++ {
			inside += values[j-1]
			n, m := float64(j-i), float64(hi-lo-(j-i))
			if n < minSide || m < minSide || !s.mayPart(lo, j, hi) {
				continue
			}
			if d := math.Abs(inside/n-(whole-inside)/m) * math.Sqrt(n*m/(n+m)); d > size {
				from, to, size = i, j, d
			}
		}
	}
	return from, to, size
}

// mayPart reports whether values[lo:hi] may be cut before i, or ends there.
func (s *segmentation) mayPart(lo, i, hi int) bool {
	return i == lo || i == hi || i-lo >= minSide && hi-i >= minSide && !s.sameCommit(i)
}

func (s *segmentation) sameCommit(i int) bool {
	a, b := s.points[i-1].Run, s.points[i].Run
	return a.Commit != "" && a.Commit == b.Commit && a.Dirty == b.Dirty
}

// permuted is the share of shuffles with a stretch at least as large. It stops
// when that share is sure to be beyond the significance.
func (s *segmentation) permuted(lo, hi, last int, size float64) float64 {
	values := slices.Clone(s.values)
	const enough = significance * (permutations + 1)
	atLeast := 1
	for range permutations {
		s.chance.shuffle(values[lo:hi])
		if _, _, other := s.stretch(values, lo, hi, last); other >= size*(1-1e-9) {
			atLeast++
		}
		if float64(atLeast) > enough {
			break
		}
	}
	return float64(atLeast) / (permutations + 1)
}

// changes drops what is too small to matter and describes the rest.
func (s *segmentation) changes(tolerance float64, skipped int) []Change {
	var out []Change
	for i, f := range s.splits {
		lo, hi := 0, len(s.values)
		if i > 0 {
			lo = s.splits[i-1].at
		}
		if i+1 < len(s.splits) {
			hi = s.splits[i+1].at
		}
		before, after := mean(s.values[lo:f.at]), mean(s.values[f.at:hi])
		if math.Abs(after-before) <= tolerance {
			continue
		}
		out = append(out, Change{
			Before: unit.BytesPerRequest(before), After: unit.BytesPerRequest(after),
			Last: s.points[f.at-1].Run, First: s.points[f.at].Run, At: f.at + skipped, P: f.p,
		})
	}
	return out
}

func total(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum
}

func mean(xs []float64) float64 { return total(xs) / float64(len(xs)) }

// splitmix is a generator of pseudo-random numbers (Steele, Lea and Flood
// 2014): the shuffles are the same each time, as a pure function's must be.
type splitmix uint64

func (g *splitmix) next() uint64 {
	*g += 0x9e3779b97f4a7c15
	z := uint64(*g)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// shuffle permutes xs (Fisher and Yates).
func (g *splitmix) shuffle(xs []float64) {
	for i := len(xs) - 1; i > 0; i-- {
		j := g.next() % uint64(i+1)
		xs[i], xs[j] = xs[j], xs[i]
	}
}
