package compare

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/leakcheck/leakcheck/verdict/history"
)

// Boundary tells the commits before a regression from those after it: it
// stands half way between the leak rates of a good and a bad revision.
type Boundary struct {
	confidence float64
	endpoints  []boundary
}

type boundary struct {
	name string
	at   float64 // bytes per request; NaN where the regression is no rate
}

// Boundary is that of a comparison's regressed endpoints. ok is false when none
// regressed.
func (c *Comparison) Boundary() (b Boundary, ok bool) {
	b.confidence = c.Confidence
	for _, e := range c.Endpoints {
		if e.Outcome != Regressed {
			continue
		}
		at := math.NaN()
		if e.Measured && e.Delta.Low > e.Tolerance {
			at = float64(e.Base+e.Head) / 2
		}
		b.endpoints = append(b.endpoints, boundary{e.Name, at})
	}
	return b, len(b.endpoints) > 0
}

// Place is on which side of a boundary a run is.
type Place string

// The places, by the words of git bisect.
const (
	Good Place = "good"
	Bad  Place = "bad"
	Skip Place = "skip" // cannot be told
)

// Place says where a run belongs: it is bad when any endpoint that regressed is
// surely beyond the boundary, good when all are surely not.
func (b Boundary) Place(r *history.Run) Place {
	place := Good
	for _, e := range b.endpoints {
		switch e.place(r.Endpoint(e.name), (1-b.confidence)/float64(len(b.endpoints))) {
		case Bad:
			return Bad
		case Skip:
			place = Skip
		}
	}
	return place
}

func (b boundary) place(e *history.Endpoint, tail float64) Place {
	switch {
	case e == nil:
		return Skip
	case math.IsNaN(b.at) && leaksOtherwise(e):
		return Bad
	case math.IsNaN(b.at) && passes(e):
		return Good
	case math.IsNaN(b.at) || !e.Measured():
		return Skip
	}
	t := distuv.StudentsT{
		Mu: float64(e.Fit.Mean), Sigma: math.Hypot(float64(e.Fit.StdErr), ProcessNoise), Nu: e.Fit.DoF,
	}
	switch beyond := 1 - t.CDF(b.at); {
	case beyond >= 1-tail:
		return Bad
	case beyond <= tail:
		return Good
	}
	return Skip
}
