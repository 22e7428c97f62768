// Package chart draws line charts as SVG text: no script, colours by CSS
// classes, and a name and a description for those who do not see them.
package chart

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// Point is one place in a chart, in the units of its axes.
type Point struct{ X, Y float64 }

// Axis labels one direction. The range follows from the marks.
type Axis struct {
	Label string
	// Format prints a tick of the given spacing; nil is decimal.
	Format func(v, spacing float64) string
	Whole  bool // ticks at whole numbers only
	Zero   bool // the range contains 0
}

// Chart is a set of marks over two axes.
type Chart struct {
	ID     string // unique in the page; made of letters, digits and dashes
	Title  string // the accessible name
	About  string // the accessible description
	Width  int    // of the drawing, in the unit of its text: 12 is a line
	Height int
	X, Y   Axis
	Marks  []Mark // drawn in order
}

// Mark is something drawn in a chart.
type Mark interface {
	extent(*box)
	draw(*canvas)
}

// The margins around the plot, which hold the ticks' numbers and the labels.
const (
	marginLeft   = 52
	marginRight  = 14
	marginTop    = 24
	marginBottom = 38
)

// SVG draws the chart. A chart without any finite point says so.
func (c *Chart) SVG() template.HTML {
	b := newBox(&c.X, &c.Y)
	for _, m := range c.Marks {
		m.extent(b)
	}
	v := &canvas{chart: c, box: b.padded()}
	v.open()
	if b.empty() {
		v.text(float64(c.Width)/2, float64(c.Height)/2, "middle", "tick", "nothing measured")
	} else {
		v.axes()
		for _, m := range c.Marks {
			m.draw(v)
		}
	}
	v.b.WriteString("</svg>")
	return template.HTML(v.b.String()) //nolint:gosec // all text is escaped by canvas
}

// canvas turns marks into SVG.
type canvas struct {
	chart *Chart
	box   *box
	b     strings.Builder
	// labels are where those of lines' ends stand, from the top.
	labels []float64
}

func (v *canvas) open() {
	c := v.chart
	fmt.Fprintf(&v.b, `<svg class="chart" role="img" viewBox="0 0 %d %d" aria-labelledby="%s-t %s-d">`, c.Width, c.Height, c.ID, c.ID)
	fmt.Fprintf(&v.b, `<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`, c.ID, escape(c.Title), c.ID, escape(c.About))
}

// x and y map the axes' units to the drawing's.
func (v *canvas) x(value float64) float64 {
	share := (value - v.box.minX) / (v.box.maxX - v.box.minX)
	return marginLeft + share*float64(v.chart.Width-marginLeft-marginRight)
}

func (v *canvas) y(value float64) float64 {
	share := (value - v.box.minY) / (v.box.maxY - v.box.minY)
	return float64(v.chart.Height) - marginBottom - share*float64(v.chart.Height-marginTop-marginBottom)
}

func (v *canvas) line(x1, y1, x2, y2 float64, class string) {
	fmt.Fprintf(&v.b, `<line class="%s" x1="%s" y1="%s" x2="%s" y2="%s"/>`, class, at(x1), at(y1), at(x2), at(y2))
}

func (v *canvas) text(x, y float64, anchor, class, text string) {
	fmt.Fprintf(&v.b, `<text class="%s" text-anchor="%s" x="%s" y="%s">%s</text>`, class, anchor, at(x), at(y), escape(text))
}

// path lists points for an SVG path, without those that are not finite.
func (v *canvas) path(points []Point) string {
	var b strings.Builder
	for _, p := range points {
		if !finite(p) {
			continue
		}
		verb := "L"
		if b.Len() == 0 {
			verb = "M"
		}
		b.WriteString(verb + at(v.x(p.X)) + " " + at(v.y(p.Y)))
	}
	return b.String()
}

// axes draws the grid, the ticks' numbers and the labels.
func (v *canvas) axes() {
	right, bottom := float64(v.chart.Width-marginRight), float64(v.chart.Height-marginBottom)
	ys := v.chart.Y.ticks(v.box.minY, v.box.maxY, 4)
	for _, t := range ys.at {
		class := "grid"
		if t == 0 {
			class = "zero"
		}
		v.line(marginLeft, v.y(t), right, v.y(t), class)
		v.text(marginLeft-7, v.y(t)+4, "end", "tick", ys.print(t))
	}
	xs := v.chart.X.ticks(v.box.minX, v.box.maxX, max(2, v.chart.Width/90))
	for _, t := range xs.at {
		text := xs.print(t)
		const half = 3.5 // of a digit's width
		v.text(min(v.x(t), float64(v.chart.Width)-half*float64(len(text))), bottom+16, "middle", "tick", text)
	}
	v.text(0, 12, "start", "label", v.chart.Y.Label)
	v.text(right, float64(v.chart.Height)-4, "end", "label", v.chart.X.Label)
}

// at prints a coordinate to a tenth.
func at(v float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
}

func finite(p Point) bool {
	return !math.IsNaN(p.X+p.Y) && !math.IsInf(p.X, 0) && !math.IsInf(p.Y, 0)
}

// escape makes text safe between tags. Control characters, which SVG may not
// hold, become a replacement character.
func escape(text string) string {
	return template.HTMLEscapeString(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' || r == 0x7f {
			return '\ufffd'
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd")))
}
