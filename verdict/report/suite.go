package report

import (
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/verdict"
)

// Suite is what most formats print: one run, or several that are answered for
// together.
type Suite struct {
	Outcome  verdict.Outcome
	ExitCode int
	Runs     []Document
	// Problems says what is missing from the suite (a shard that left nothing,
	// say), one line each.
	Problems []string
}

// Of is the suite of one run.
func Of(d Document) Suite {
	return Suite{Outcome: d.Outcome, ExitCode: d.ExitCode, Runs: []Document{d}}
}

// Join makes a suite of several runs: its outcome and exit code are those of
// the worst run, and a suite without any, or with problems, is never better
// than failed.
func Join(runs []Document, problems []string) Suite {
	s := Suite{Outcome: verdict.Pass, Runs: runs, Problems: problems}
	if len(runs) == 0 || len(problems) > 0 {
		s.Outcome, s.ExitCode = Failed, incomplete
	}
	for i := range runs {
		if rank(&runs[i]) > rank(&Document{Outcome: s.Outcome, ExitCode: s.ExitCode}) {
			s.Outcome, s.ExitCode = runs[i].Outcome, runs[i].ExitCode
		}
	}
	return s
}

// incomplete is the exit code of a suite that lacks runs: the environment
// failed.
const incomplete = 4

// worse orders outcomes for a suite: what is proven stands first, then what
// could not be measured.
var worse = []verdict.Outcome{verdict.Pass, verdict.Inconclusive, Failed, verdict.Leak}

// rank orders documents by outcome. Among equals one that is to fail the build
// stands above one that is not.
func rank(d *Document) int {
	r := 2 * slices.Index(worse, d.Outcome)
	if d.ExitCode != 0 {
		r++
	}
	return r
}

// name is the scenario's.
func (d *Document) name() string {
	if d.Recording != nil {
		return d.Recording.Header.Scenario.Name
	}
	return d.Scenario
}

// path is the scenario's file, "" when unknown.
func (d *Document) path() string {
	if d.Recording != nil {
		return d.Recording.Header.Scenario.Path
	}
	return d.Scenario
}

// blocks are the measured blocks of one endpoint, each with its sample.
func (d *Document) blocks(endpoint int) []*recording.Observation {
	if d.Recording == nil {
		return nil
	}
	var out []*recording.Observation
	for i := range d.Recording.Observations {
		o := &d.Recording.Observations[i]
		if o.Block.Phase == recording.Measure && o.Block.Endpoint == endpoint {
			out = append(out, o)
		}
	}
	return out
}
