package compare

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/history"
)

// ProcessNoise is by how much (standard deviation, bytes per request) the leak
// rates of fresh processes of the same code differ beyond what each run's own
// noise explains: hash seeds, the timing of JIT compilation.
//
// It was measured on 20 runs of the catalog's eight-bytes on Node 24: their
// rates have a standard deviation of 0.27, where the runs' own standard errors
// are 0.17 (root mean square), which leaves 0.21. They are kept in
// tools/accuracy/testdata/repeated, whose test (TestProcessNoise) computes it
// again. It is added to a run's own noise, and does not scale with it.
const ProcessNoise = 0.21

// difference is head less base as Student's t distribution.
type difference struct{ t distuv.StudentsT }

// differ pools the runs of both sides. A run's variance is what its own noise
// and ProcessNoise lead one to expect, corrected by how much runs of one side
// differ: both as sums of squares with their degrees of freedom, as in a pooled
// variance.
func differ(base, head []verdict.Fit) difference {
	expected, dof := 0.0, 0.0
	for _, f := range append(append([]verdict.Fit(nil), base...), head...) {
		expected += float64(f.StdErr*f.StdErr) + ProcessNoise*ProcessNoise
		dof += f.DoF
	}
	runs := float64(len(base) + len(head))
	expected /= runs
	dof /= runs // of one run: those of one process share what ails it
	between := scatter(base) + scatter(head)
	betweenDoF := runs - 2
	variance := (dof*expected + between) / (dof + betweenDoF)
	return difference{distuv.StudentsT{
		Mu:    mean(head) - mean(base),
		Sigma: math.Sqrt(max(variance, expected/2) * (1/float64(len(base)) + 1/float64(len(head)))),
		Nu:    dof + betweenDoF,
	}}
}

// scatter is the sum of squares about the mean.
func scatter(fits []verdict.Fit) float64 {
	m, sum := mean(fits), 0.0
	for _, f := range fits {
		sum += (float64(f.Mean) - m) * (float64(f.Mean) - m)
	}
	return sum
}

func mean(fits []verdict.Fit) float64 {
	sum := 0.0
	for _, f := range fits {
		sum += float64(f.Mean)
	}
	return sum / float64(len(fits))
}

// estimate is the difference with an interval that leaves out tail on either
// side.
func (d difference) estimate(tail float64) verdict.Estimate {
	return verdict.Estimate{
		Value: unit.BytesPerRequest(d.t.Mu),
		Low:   unit.BytesPerRequest(d.t.Quantile(tail)),
		High:  unit.BytesPerRequest(d.t.Quantile(1 - tail)),
	}
}

// p is the two-sided probability of a difference at least as large where there
// is none.
func (d difference) p() float64 {
	standard := distuv.StudentsT{Sigma: 1, Nu: d.t.Nu}
	return 2 * standard.CDF(-math.Abs(d.t.Mu/d.t.Sigma))
}

// fitsOf are the estimates of one endpoint in the runs that have one, and that
// measured the same of it as a run does.
func fitsOf(s Side, name string, as *history.Run) []verdict.Fit {
	var fits []verdict.Fit
	for i := range s.Runs {
		if e := s.Runs[i].Endpoint(name); e != nil && e.Measured() && history.Apart(&s.Runs[i], as, name) == "" {
			fits = append(fits, e.Fit)
		}
	}
	return fits
}
