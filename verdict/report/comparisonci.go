package report

import (
	"io"

	"github.com/leakcheck/leakcheck/verdict/compare"
)

// comparisonAnnotations writes GitHub workflow commands: one for each finding, at
// the suspect's line where one is known.
func comparisonAnnotations(w io.Writer, c Comparison) error {
	var all []annotation
	for _, e := range c.findings() {
		all = append(all, annotation{c.level(&e), c.place(e.Name), capital(string(e.Outcome)) + ": " + e.Name, c.explain(&e)})
	}
	return writeAnnotations(w, all)
}

// level is GitHub's, and SARIF's but for the notice.
func (c *Comparison) level(e *compare.Endpoint) string {
	switch {
	case e.Outcome == compare.Regressed:
		return "error"
	case c.ExitCode == 0:
		return "notice"
	}
	return "warning"
}

// comparisonJUnit writes a test case for each endpoint. A regression is a failure;
// what could not be decided is an error, or skipped where it is to pass.
func comparisonJUnit(w io.Writer, c Comparison) error {
	suite := junitSuite{Name: c.Comparison.Scenario, Package: "leakcheck", Hostname: "localhost", Time: "0"}
	if runs := c.Head.Runs; len(runs) > 0 {
		suite.Timestamp = runs[0].StartedAt.UTC().Format("2006-01-02T15:04:05")
	}
	for i := range c.Endpoints {
		suite.Cases = append(suite.Cases, c.junitCase(&c.Endpoints[i]))
	}
	return writeJUnit(w, []junitSuite{suite})
}

func (c *Comparison) junitCase(e *compare.Endpoint) junitCase {
	out := junitCase{
		Name: "no regression from " + c.Base.Name + " to " + c.Head.Name, Time: "0",
		Class: "leakcheck." + junitPlain.Replace(c.Comparison.Scenario) + "." + junitPlain.Replace(e.Name), Out: c.explain(e),
	}
	fault := &junitFault{Type: string(e.Outcome), Message: c.junitMessage(e), Text: c.explain(e)}
	switch {
	case e.Outcome == compare.Regressed:
		out.Failure = fault
	case e.Outcome == compare.NotCompared:
		out.Skipped = e.Reason
	case e.Outcome == compare.Inconclusive && c.ExitCode == 0:
		out.Skipped = "inconclusive: " + e.Reason
	case e.Outcome == compare.Inconclusive:
		out.Error = fault
	}
	return out
}

func (c *Comparison) junitMessage(e *compare.Endpoint) string {
	return atSuspect(e.Reason, c.suspects(e.Name))
}

// comparisonSARIF writes a result for each finding.
func comparisonSARIF(w io.Writer, c Comparison) error {
	run := newSarifRun()
	call := sarifInvocation{Successful: true, ExitCode: c.ExitCode}
	if runs := c.Head.Runs; len(runs) > 0 {
		call.StartTime = runs[0].StartedAt.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	run.Invocations = append(run.Invocations, call)
	for _, e := range c.findings() {
		run.Results = append(run.Results, c.sarifResult(&e))
	}
	return writeSARIF(w, run)
}

func (c *Comparison) sarifResult(e *compare.Endpoint) sarifResult {
	rule, level := ruleRegression, "error"
	if e.Outcome == compare.Inconclusive {
		rule, level = ruleInconclusive, "warning"
	}
	out := sarifResult{
		RuleID: rule.ID, Level: level, Message: sarifText{c.explain(e)}, Fingerprints: fingerprint(rule.ID, c.Comparison.Scenario, e.Name),
		Properties: map[string]*float64{"bytesPerRequest": finite(e.Delta.Value), "megabytesPerHour": finite(e.PerHour.Value)},
	}
	if c.ScenarioFile != "" {
		out.Locations = []sarifLocation{newSarifLocation(place{c.ScenarioFile, 1})}
	}
	out.locate(c.suspects(e.Name))
	return out
}
