package report

import (
	"fmt"
	"html/template"
	"maps"
	"slices"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/report/chart"
)

// overviewView is memory over the whole run.
type overviewView struct {
	Wide, Narrow template.HTML // one of them is shown, by the window's width
	Leaking      string        // whose blocks are shaded, "" for none
	Samples      []sampleRow
}

// sampleRow is a row of the table behind it.
type sampleRow struct{ At, Phase, Endpoint, Requests, Heap, External, RSS string }

func newOverview(d *Document, run string) *overviewView {
	if len(d.Recording.Observations) < 2 {
		return nil
	}
	v := &overviewView{Samples: sampleRows(d.Recording)}
	leaking := -1
	for i, e := range d.Verdict.All() {
		if e == gravest(d.Verdict) && gravity(e) > 0 {
			leaking, v.Leaking = i, e.Name
		}
	}
	v.Wide = overviewChart(d, run+"-wide", leaking, wideWidth, wideHeight).SVG()
	v.Narrow = overviewChart(d, run+"-narrow", leaking, chartWidth, chartHeight).SVG()
	return v
}

// overviewChart draws the settled memory after each block, the warm-up's
// stretch, and the blocks of the endpoint that stands worst.
func overviewChart(d *Document, id string, leaking, width, height int) *chart.Chart {
	all := d.Recording.Observations
	points := make([]chart.Point, len(all))
	var warm time.Duration
	c := &chart.Chart{
		ID: id, Title: "Memory over the run", Width: width, Height: height,
		X: chart.Axis{Label: "seconds since the start", Zero: true}, Y: chart.Axis{},
	}
	most := 0.0
	for i := range all {
		o := &all[i]
		points[i] = chart.Point{X: o.Sample.At.Seconds(), Y: float64(memoryOf(&o.Sample))}
		most = max(most, points[i].Y)
		if o.Block.Phase == recording.WarmUp {
			warm = o.Sample.At
		} else if o.Block.Endpoint == leaking {
			c.Marks = append(c.Marks, chart.Span{From: o.Block.Start.Seconds(), To: (o.Block.Start + o.Block.Elapsed).Seconds(), Class: "block"})
		}
	}
	if warm > 0 {
		c.Marks = append(c.Marks, chart.Span{From: 0, To: warm.Seconds(), Class: "warm", Label: "warm-up"})
	}
	c.Marks = append(c.Marks, chart.Line{Points: points, Class: "series"}, chart.Dots{Points: points, Class: "dot"})
	c.About = fmt.Sprintf("Heap and external memory after each of %s: from %s to %s.", unit.Plural(len(all), "block"),
		memoryOf(&all[0].Sample), memoryOf(&all[len(all)-1].Sample))
	byteAxis(&c.Y, "heap and external memory", most)
	return c
}

func sampleRows(rec *recording.Recording) []sampleRow {
	rows := make([]sampleRow, len(rec.Observations))
	for i := range rec.Observations {
		o := &rec.Observations[i]
		name := "idle"
		switch o.Block.Endpoint {
		case recording.Idle:
		case recording.Mixed:
			name = "mixed"
		default:
			name = rec.Header.Endpoints[o.Block.Endpoint].Name
		}
		rows[i] = sampleRow{
			At: fmt.Sprintf("%.1f", o.Sample.At.Seconds()), Phase: string(o.Block.Phase), Endpoint: name,
			Requests: unit.Count(o.Block.Load.Requests), Heap: megabyteText(o.Sample.Heap.Used),
			External: megabyteText(o.Sample.Memory.External), RSS: megabyteText(o.Sample.Memory.RSS),
		}
	}
	return rows
}

// resourceView is a countable thing over the run.
type resourceView struct {
	Name, First, Last string
	Leaks             string // who leaves it open, "" for none
}

// resourceViews lists what was open at all, by name.
func resourceViews(d *Document) []resourceView {
	all := d.Recording.Observations
	if len(all) == 0 {
		return nil
	}
	first, last := all[0].Sample.Resources, all[len(all)-1].Sample.Resources
	names := map[string]bool{}
	for _, counts := range []map[string]int{first, last} {
		for name, n := range counts {
			names[name] = names[name] || n > 0
		}
	}
	leaks := map[string]string{}
	for _, r := range d.Verdict.Resources {
		names[r.Name] = true
		leaks[r.Name] = fmt.Sprintf("%.2f per request of %s", r.PerRequest, d.Verdict.Endpoints[r.Endpoint].Name)
	}
	var out []resourceView
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if names[name] {
			out = append(out, resourceView{name, unit.Count(first[name]), unit.Count(last[name]), leaks[name]})
		}
	}
	return out
}

// previousView compares with earlier runs: a row for each run and a column for
// each endpoint, this run first.
type previousView struct {
	Endpoints []string
	Rows      []previousRow
}

type previousRow struct {
	When, Run, Commit string
	Outcome           string
	Cells             []string
}

func newPreviousView(d *Document) *previousView {
	if len(d.Previous) == 0 {
		return nil
	}
	v := &previousView{}
	h := &d.Recording.Header
	now := previousRow{When: day(h.StartedAt), Run: "this run", Commit: commit(&h.Environment), Outcome: string(d.Outcome)}
	for _, e := range compared(d.Verdict) {
		v.Endpoints = append(v.Endpoints, e.Name)
		now.Cells = append(now.Cells, perRequestText(e.Retained))
	}
	v.Rows = append(v.Rows, now)
	for _, p := range d.Previous {
		row := previousRow{When: day(p.StartedAt), Run: p.ID, Commit: shortCommit(p.Commit), Outcome: string(p.Outcome)}
		for _, name := range v.Endpoints {
			text := none
			for _, e := range p.Endpoints {
				if e.Name == name {
					text = perRequestText(e.Retained)
				}
			}
			row.Cells = append(row.Cells, text)
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// compared are the endpoints that have a column beside those of earlier runs: all, or
// where they are many those that do not pass.
func compared(v *verdict.Verdict) []*verdict.Endpoint {
	var out []*verdict.Endpoint
	for i := range v.Endpoints {
		if e := &v.Endpoints[i]; !Many(v) || e.Outcome != verdict.Pass {
			out = append(out, e)
		}
	}
	return out
}

// perRequestText is an estimate with its unit and without its interval.
func perRequestText(e verdict.Estimate) string {
	if e == (verdict.Estimate{}) {
		return unknown
	}
	if e.Low <= 0 {
		return noGrowth
	}
	return unit.BytesPerRequest(e.Value).String()
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }
