package report

import (
	"encoding/json"
	"io"

	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/compare"
)

// gitlabIssue is one of GitLab's code quality report, which is Code Climate's.
type gitlabIssue struct {
	Description string         `json:"description"`
	Check       string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"` // info, minor, major, critical or blocker
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string `json:"path"`
	Lines struct {
		Begin int `json:"begin"`
	} `json:"lines"`
}

// Gitlab writes a code quality report for GitLab: an issue for each leak, and for
// what is not decided.
func Gitlab(w io.Writer, s Suite) error {
	all := []gitlabIssue{}
	for i := range s.Runs {
		d := &s.Runs[i]
		if d.Failure != nil {
			all = append(all, newGitlabIssue(ruleNotMeasured.ID, "major", d.Failure.Message, place{file: d.scenarioFile()}, d.name()))
		}
		if d.Verdict == nil {
			continue
		}
		for k, e := range d.Verdict.All() {
			if e.Outcome == verdict.Leak || e.Outcome == verdict.Inconclusive {
				all = append(all, d.gitlabIssue(k, e))
			}
		}
	}
	return writeGitlab(w, all)
}

func (d *Document) gitlabIssue(i int, e *verdict.Endpoint) gitlabIssue {
	a := d.annotate(i, e)
	rule, _ := sarifRuleOf(e.Outcome)
	severity := map[string]string{"error": "critical", "warning": "minor"}[a.level]
	if severity == "" {
		severity = "info"
	}
	return newGitlabIssue(rule.ID, severity, e.Name+": "+a.message, a.place, d.name(), e.Name)
}

// comparisonGitlab writes an issue for each finding of a comparison.
func comparisonGitlab(w io.Writer, c Comparison) error {
	all := []gitlabIssue{}
	for _, e := range c.findings() {
		rule, severity := ruleRegression, "critical"
		if e.Outcome == compare.Inconclusive {
			rule, severity = ruleInconclusive, "minor"
		}
		all = append(all, newGitlabIssue(rule.ID, severity, c.explain(&e), c.place(e.Name), c.Comparison.Scenario, e.Name))
	}
	return writeGitlab(w, all)
}

func newGitlabIssue(rule, severity, text string, at place, of ...string) gitlabIssue {
	out := gitlabIssue{
		Description: text, Check: rule, Severity: severity, Location: gitlabLocation{Path: at.file},
		Fingerprint: fingerprint(append([]string{rule}, of...)...)["leakcheck/v1"],
	}
	out.Location.Lines.Begin = max(1, at.line)
	return out
}

func writeGitlab(w io.Writer, all []gitlabIssue) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(all)
}
