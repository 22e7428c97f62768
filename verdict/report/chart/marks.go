package chart

import (
	"fmt"
	"math"
	"slices"
)

// Line joins points in their order. Class is "line", "fit" or another of the
// page's style; Label stands at its end.
type Line struct {
	Points []Point
	Class  string
	Label  string
}

func (l Line) extent(b *box) { b.add(l.Points...) }

func (l Line) draw(v *canvas) {
	if len(l.Points) == 0 {
		return
	}
	fmt.Fprintf(&v.b, `<path class="%s" d="%s"/>`, l.Class, v.path(l.Points))
	if last := l.Points[len(l.Points)-1]; l.Label != "" && finite(last) {
		v.text(v.x(last.X), v.clear(l.beside(v, last)), "end", "mark", l.Label)
	}
}

// beside is where the label stands clear of the line: above its end, and below
// one that the line falls to, where there is room.
func (l Line) beside(v *canvas, last Point) float64 {
	const above, below = 7, 16
	y := v.y(last.Y)
	falls := len(l.Points) > 1 && l.Points[len(l.Points)-2].Y > last.Y
	if falls && y+below < float64(v.chart.Height-marginBottom) {
		return y + below
	}
	return max(marginTop, y-above)
}

// clear is where a label of a line's end stands clear of those of other lines: at y,
// else below them, or above where there is no room.
func (v *canvas) clear(y float64) float64 {
	const apart = 12
	slices.Sort(v.labels)
	for _, other := range v.labels {
		if math.Abs(y-other) < apart {
			y = other + apart
		}
	}
	if y > float64(v.chart.Height-marginBottom) && len(v.labels) > 0 {
		y = v.labels[0] - apart
	}
	v.labels = append(v.labels, y)
	return y
}

// Dots marks points. Each may have a title, which shows on pointing at it.
type Dots struct {
	Points []Point
	Class  string
	Titles []string // as many as points, or none
}

func (d Dots) extent(b *box) { b.add(d.Points...) }

func (d Dots) draw(v *canvas) {
	for i, p := range d.Points {
		if !finite(p) {
			continue
		}
		fmt.Fprintf(&v.b, `<circle class="%s" cx="%s" cy="%s" r="3.2">`, d.Class, at(v.x(p.X)), at(v.y(p.Y)))
		if i < len(d.Titles) {
			fmt.Fprintf(&v.b, `<title>%s</title>`, escape(d.Titles[i]))
		}
		v.b.WriteString(`</circle>`)
	}
}

// Stems drops a line from each point to zero.
type Stems struct {
	Points []Point
	Class  string
}

func (s Stems) extent(b *box) {
	b.add(s.Points...)
	for _, p := range s.Points {
		b.add(Point{p.X, 0})
	}
}

func (s Stems) draw(v *canvas) {
	for _, p := range s.Points {
		if finite(p) {
			v.line(v.x(p.X), v.y(0), v.x(p.X), v.y(p.Y), s.Class)
		}
	}
}

// Band fills what lies between two lines.
type Band struct {
	Upper, Lower []Point
}

func (s Band) extent(b *box) {
	b.add(s.Upper...)
	b.add(s.Lower...)
}

func (s Band) draw(v *canvas) {
	around := append([]Point{}, s.Upper...)
	for i := len(s.Lower) - 1; i >= 0; i-- {
		around = append(around, s.Lower[i])
	}
	fmt.Fprintf(&v.b, `<path class="band" d="%sZ"/>`, v.path(around))
}

// Span shades a stretch of the x axis.
type Span struct {
	From, To float64
	Class    string
	Label    string
}

func (s Span) extent(b *box) { b.addX(s.From, s.To) }

func (s Span) draw(v *canvas) {
	left, right := v.x(s.From), v.x(s.To)
	top, bottom := float64(marginTop), float64(v.chart.Height-marginBottom)
	fmt.Fprintf(&v.b, `<rect class="%s" x="%s" y="%s" width="%s" height="%s"/>`,
		s.Class, at(left), at(top), at(max(1, right-left)), at(bottom-top))
	if s.Label != "" {
		v.text(left+5, top+13, "start", "mark", s.Label)
	}
}
