// Package report prints verdicts: as text, Markdown and a page for people, and
// in the formats that programs and CI systems read. It only prints; what it is
// given it shows.
package report

import (
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
)

// Failed is the outcome of a run that could not be measured to its end. A
// verdict alone never has it.
const Failed verdict.Outcome = "failed"

// Document is all that a report is made of. To be written, its strings are made
// plain where they stand: they may come from outside (see package printable).
type Document struct {
	// Outcome is the run's: the verdict's own, Failed, or Inconclusive when the
	// run was interrupted before it had shown a leak.
	Outcome  verdict.Outcome
	ExitCode int
	// Verdict is nil when too little was recorded to judge.
	Verdict *verdict.Verdict
	// Recording is nil when the target was never reached.
	Recording *recording.Recording
	// Diagnosis is nil when nothing leaks, or was not to be looked into.
	Diagnosis *diagnose.Diagnosis
	// Failure is nil when the run went to its end.
	Failure *Failure
	// Dir is the run's folder, or "" when nothing was stored.
	Dir string
	// Source is what "leakcheck judge" takes to judge the recording again, or
	// "" when there is none.
	Source string
	// Scenario names what was to be run, for a document without a recording.
	Scenario string
	// Previous are earlier runs of the scenario, the latest first.
	Previous []Past
}

// Failure says why a run ended early.
type Failure struct {
	Message string
	Hint    string // what mends it, "" when unknown
	Detail  string // the evidence, such as the target's last output
}

// requests counts what was sent in the measured rounds.
func (d *Document) requests() int {
	n := 0
	for i := range d.Recording.Observations {
		if b := &d.Recording.Observations[i].Block; b.Phase == recording.Measure {
			n += b.Load.Requests
		}
	}
	return n
}

// achieved is the rate of landed requests while the endpoints chosen were
// under load by themselves (or together: recording.Mixed), 0 when they never were.
func (d *Document) achieved(chosen func(endpoint int) bool) unit.PerSecond {
	var landed int
	var seconds float64
	for i := range d.Recording.Observations {
		b := &d.Recording.Observations[i].Block
		if b.Phase == recording.Measure && b.Endpoint != recording.Idle && chosen(b.Endpoint) {
			landed += b.Load.Landed
			seconds += b.Elapsed.Seconds()
		}
	}
	if seconds <= 0 {
		return 0
	}
	return unit.PerSecond(float64(landed) / seconds)
}
