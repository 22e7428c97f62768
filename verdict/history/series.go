package history

import (
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Point is what one run measured of an endpoint.
type Point struct {
	Run   *Run
	Value unit.BytesPerRequest
}

// Series is an endpoint's leak rate over the runs of its group that could
// measure it, oldest commit first: those which measured the same of it as the last.
func (g *Group) Series(endpoint string) []Point {
	var out []Point
	last := g.lastOf(endpoint)
	for i := range g.Runs {
		r := &g.Runs[i]
		if e := r.Endpoint(endpoint); e != nil && e.Measured() && Apart(last, r, endpoint) == "" {
			out = append(out, Point{r, e.Fit.Mean})
		}
	}
	return out
}

// lastOf is the last run that has the endpoint, nil when none does.
func (g *Group) lastOf(endpoint string) *Run {
	for i := len(g.Runs) - 1; i >= 0; i-- {
		if g.Runs[i].Endpoint(endpoint) != nil {
			return &g.Runs[i]
		}
	}
	return nil
}

// LeftOut counts the runs that measured something else of the endpoint than the last
// one did, and says why the latest of them is not in its series.
func (g *Group) LeftOut(endpoint string) (runs int, why string) {
	last := g.lastOf(endpoint)
	for i := range g.Runs {
		r := &g.Runs[i]
		if r.Endpoint(endpoint) == nil {
			continue
		}
		if apart := Apart(last, r, endpoint); apart != "" {
			runs, why = runs+1, apart
		}
	}
	return runs, why
}

// bars are the heights of a sparkline.
var bars = []rune("▁▂▃▄▅▆▇█")

// Sparkline draws values as one character each, at most width of the last. The
// scale begins at 0 or below; smallest is the range that fills it at least, so
// that noise is not blown up.
func Sparkline(points []Point, width int, smallest unit.BytesPerRequest) string {
	points = points[max(0, len(points)-width):]
	low, high := unit.BytesPerRequest(0), smallest
	for _, p := range points {
		low, high = min(low, p.Value), max(high, p.Value)
	}
	out := make([]rune, len(points))
	for i, p := range points {
		out[i] = bars[int(float64((p.Value-low)/(high-low))*float64(len(bars)-1)+0.5)]
	}
	return string(out)
}
