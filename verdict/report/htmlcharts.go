package report

import (
	"fmt"
	"html/template"
	"math"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/report/chart"
)

// Charts are drawn as wide as a phone shows them without shrinking the text
// much, and grow to a column of the page.
const (
	chartWidth, chartHeight = 440, 250
	smallWidth, smallHeight = 300, 150
	wideWidth, wideHeight   = 940, 260
)

// levelChart is retained memory over requests: a dot after each block, the fit
// with its interval as a fan from where the fit begins, and what the budget
// would allow from there on.
func levelChart(id string, e *verdict.Endpoint, blocks []block) *chart.Chart {
	points := []chart.Point{{}}
	titles := []string{"before the first block"}
	for _, b := range blocks {
		points = append(points, chart.Point{X: b.cum, Y: b.level})
		titles = append(titles, fmt.Sprintf("round %d: %s after %s", b.Block.Round+1, scaleOf(b.level).print(b.level), unit.Plural(int(b.cum), "request")))
	}
	c := &chart.Chart{
		ID: id + "-level", Title: "Retained memory over requests, " + e.Name,
		About: fmt.Sprintf("%s, from %s. Estimate: %s.", unit.Plural(len(blocks), "block"), unit.Plural(int(blocks[len(blocks)-1].cum), "request"), Estimate(e.Retained)),
		Width: chartWidth, Height: chartHeight,
		X: chart.Axis{Label: "requests", Format: thousands, Zero: true}, Y: chart.Axis{Zero: true},
	}
	c.Marks = append(c.Marks, fitMarks(e, points)...)
	c.Marks = append(c.Marks, chart.Line{Points: points, Class: "series"}, chart.Dots{Points: points, Class: "dot", Titles: titles})
	byteAxis(&c.Y, "retained", extreme(points, e))
	return c
}

// fitMarks are the fan, the fit and the budget, none of which is drawn without
// an estimate.
func fitMarks(e *verdict.Endpoint, points []chart.Point) []chart.Mark {
	first := len(points) - 1 - e.Fitted
	if e.Fitted == 0 || first < 0 || !isFinite(float64(e.Retained.Low), float64(e.Retained.High)) {
		return nil
	}
	window := points[first:]
	start, end := anchor(window, float64(e.Retained.Value)), window[len(window)-1].X
	ray := func(slope float64) []chart.Point {
		return []chart.Point{start, {X: end, Y: start.Y + slope*(end-start.X)}}
	}
	marks := []chart.Mark{
		chart.Band{Upper: ray(float64(e.Retained.High)), Lower: ray(float64(e.Retained.Low))},
		chart.Line{Points: ray(float64(e.Retained.Value)), Class: "fit"},
	}
	if e.Rate > 0 {
		marks = append(marks, chart.Line{Points: ray(float64(e.Budget.PerRequest(e.Rate))), Class: "budget"})
	}
	return marks
}

// anchor is where a line of the slope that passes through the middle of the
// points begins.
func anchor(points []chart.Point, slope float64) chart.Point {
	var x, y float64
	for _, p := range points {
		x += p.X / float64(len(points))
		y += p.Y / float64(len(points))
	}
	return chart.Point{X: points[0].X, Y: y + slope*(points[0].X-x)}
}

// extreme is the largest size that a level chart shows.
func extreme(points []chart.Point, e *verdict.Endpoint) float64 {
	most := 0.0
	for _, p := range points {
		most = max(most, math.Abs(p.Y))
	}
	end := points[len(points)-1].X
	if e.Fitted > 0 && e.Rate > 0 {
		most = max(most, end*float64(e.Budget.PerRequest(e.Rate)))
	}
	return most
}

// incrementChart is growth per request, round by round, with the estimate and
// its interval. The budget is drawn where it is near enough not to flatten the
// rest.
func incrementChart(id string, e *verdict.Endpoint, blocks []block) *chart.Chart {
	var fitted, before []chart.Point
	most := 0.0
	for i, b := range blocks {
		p := chart.Point{X: float64(b.Block.Round + 1), Y: b.growth / b.requests}
		most = max(most, math.Abs(p.Y))
		if i < len(blocks)-e.Fitted {
			before = append(before, p)
		} else {
			fitted = append(fitted, p)
		}
	}
	from, to := float64(blocks[0].Block.Round)+0.5, float64(blocks[len(blocks)-1].Block.Round)+1.5
	level := func(y float64) []chart.Point { return []chart.Point{{X: from, Y: y}, {X: to, Y: y}} }
	c := &chart.Chart{
		ID: id + "-rounds", Title: "Growth per request by round, " + e.Name,
		About: fmt.Sprintf("%s. Estimate: %s.", unit.Plural(len(blocks), "round"), Estimate(e.Retained)),
		Width: chartWidth, Height: chartHeight,
		X: chart.Axis{Label: "round", Whole: true}, Y: chart.Axis{Zero: true},
	}
	if e.Fitted > 0 && isFinite(float64(e.Retained.Low), float64(e.Retained.High)) {
		c.Marks = append(c.Marks, chart.Band{Upper: level(float64(e.Retained.High)), Lower: level(float64(e.Retained.Low))},
			chart.Line{Points: level(float64(e.Retained.Value)), Class: "fit"})
		most = max(most, math.Abs(float64(e.Retained.High)))
	}
	const near = 3
	if e.Rate > 0 && float64(e.Budget.PerRequest(e.Rate)) < near*most {
		c.Marks = append(c.Marks, chart.Line{Points: level(float64(e.Budget.PerRequest(e.Rate))), Class: "budget"})
	}
	c.Marks = append(c.Marks, chart.Stems{Points: append(before, fitted...), Class: "stem"},
		chart.Dots{Points: before, Class: "hollow"}, chart.Dots{Points: fitted, Class: "dot"})
	byteAxis(&c.Y, "per request", most)
	return c
}

// loadCharts show how the target fared under load: latency, the event loop and
// the collector. One without any value is left out.
func loadCharts(id, name string, blocks []block) []template.HTML {
	ms := func(d time.Duration) float64 { return d.Seconds() * 1e3 }
	var out []template.HTML
	for _, c := range []struct {
		key, title, label string
		lines             []loadLine
	}{
		{"latency", "Latency", "latency, ms", []loadLine{
			{"p99", "load", func(b block) float64 { return ms(b.load.Latency.P99) }},
			{"p50", "series", func(b block) float64 { return ms(b.load.Latency.P50) }},
		}},
		{"loop", "Event-loop delay, 99th percentile", "event-loop delay p99, ms", []loadLine{
			{"", "load", func(b block) float64 { return ms(b.Sample.Loop.DelayP99) }},
		}},
		{"gc", "Time in garbage collection", "garbage collection, % of time", []loadLine{{"", "load", gcShare}}},
	} {
		if svg, ok := loadChart(id+"-"+c.key, c.title+" by round, "+name, c.label, c.lines, blocks); ok {
			out = append(out, svg)
		}
	}
	return out
}

type loadLine struct {
	label, class string
	value        func(block) float64
}

func loadChart(id, title, label string, lines []loadLine, blocks []block) (template.HTML, bool) {
	c := &chart.Chart{
		ID: id, Title: title, Width: smallWidth, Height: smallHeight,
		X: chart.Axis{Label: "round", Whole: true}, Y: chart.Axis{Label: label, Zero: true},
	}
	most := 0.0
	for _, l := range lines {
		points := make([]chart.Point, len(blocks))
		for i, b := range blocks {
			points[i] = chart.Point{X: float64(b.Block.Round + 1), Y: l.value(b)}
			most = max(most, points[i].Y)
		}
		c.Marks = append(c.Marks, chart.Line{Points: points, Class: l.class, Label: l.label}, chart.Dots{Points: points, Class: "dot " + l.class})
	}
	c.About = fmt.Sprintf("%s, at most %s.", unit.Plural(len(blocks), "round"), decimal(most, 2))
	return c.SVG(), most > 0
}

// scale is the unit that an axis of bytes is printed in.
type scale struct {
	div  float64
	name string
}

func scaleOf(most float64) scale {
	div, name := byteScale(math.Abs(most))
	return scale{div, name}
}

func (s scale) print(v float64) string { return decimal(v/s.div, 1) + " " + s.name }

// byteAxis labels an axis in the unit that suits its largest value.
func byteAxis(a *chart.Axis, what string, most float64) {
	s := scaleOf(most)
	a.Label = what + ", " + s.name
	a.Format = func(v, spacing float64) string {
		digits := max(0, -int(math.Floor(math.Log10(spacing/s.div)+1e-9)))
		return fmt.Sprintf("%.*f", digits, v/s.div)
	}
}

// thousands prints a count with commas.
func thousands(v, _ float64) string { return unit.Count(int(math.Round(v))) }
