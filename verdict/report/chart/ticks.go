package chart

import (
	"math"
	"strconv"
)

// box is the range of both axes.
type box struct {
	minX, maxX, minY, maxY float64
	x, y                   *Axis
}

func newBox(x, y *Axis) *box {
	inf := math.Inf(1)
	return &box{minX: inf, maxX: -inf, minY: inf, maxY: -inf, x: x, y: y}
}

func (b *box) add(points ...Point) {
	for _, p := range points {
		if !finite(p) {
			continue
		}
		b.addX(p.X, p.X)
		b.minY, b.maxY = min(b.minY, p.Y), max(b.maxY, p.Y)
	}
}

func (b *box) addX(from, to float64) {
	b.minX, b.maxX = min(b.minX, from), max(b.maxX, to)
}

func (b *box) empty() bool { return b.minX > b.maxX || b.minY > b.maxY }

// padded is the box with room around the marks, and no range of no width.
func (b *box) padded() *box {
	out := *b
	if b.empty() {
		return &out
	}
	if b.y.Zero {
		out.minY, out.maxY = min(0, out.minY), max(0, out.maxY)
	}
	const share = 0.06
	if b.x.Zero {
		out.minX = min(0, out.minX)
	} else {
		out.minX, out.maxX = widen(out.minX, out.maxX, 0.03)
	}
	low := out.minY
	out.minY, out.maxY = widen(out.minY, out.maxY, share)
	if b.y.Zero && low == 0 {
		out.minY = 0
	}
	if out.maxX == out.minX {
		out.maxX++
	}
	return &out
}

func widen(lo, hi, share float64) (low, high float64) {
	by := (hi - lo) * share
	if by == 0 {
		by = max(1, math.Abs(hi)*share)
	}
	return lo - by, hi + by
}

// ticks are the places that an axis is numbered at.
type ticks struct {
	at      []float64
	spacing float64
	print   func(float64) string
}

// ticks chooses about n round numbers from lo to hi: 1, 2 or 5 times a power
// of ten apart.
func (a *Axis) ticks(lo, hi float64, n int) ticks {
	spacing := roundSpacing((hi - lo) / float64(n))
	if a.Whole {
		spacing = max(1, math.Round(spacing))
	}
	t := ticks{spacing: spacing}
	t.print = func(v float64) string {
		if a.Format != nil {
			return a.Format(v, spacing)
		}
		return decimal(v, spacing)
	}
	for k := math.Ceil(lo / spacing); k*spacing <= hi; k++ {
		t.at = append(t.at, k*spacing+0) // +0 turns a negative zero
	}
	return t
}

func roundSpacing(about float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(about)))
	for _, m := range []float64{1, 2, 5} {
		if about <= m*power*1.0001 {
			return m * power
		}
	}
	return 10 * power
}

// decimal prints as many digits as the spacing needs.
func decimal(v, spacing float64) string {
	digits := max(0, -int(math.Floor(math.Log10(spacing)+1e-9)))
	return strconv.FormatFloat(v, 'f', digits, 64)
}
