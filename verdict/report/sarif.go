package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/verdict"
)

// SARIF writes SARIF 2.1.0: a result for each leak, and for what a run could
// not decide or measure. A result stands at the suspect's line where a
// diagnosis found one, and at the scenario file elsewhere.
func SARIF(w io.Writer, s Suite) error {
	run := newSarifRun()
	for i := range s.Runs {
		run.describe(&s.Runs[i])
	}
	for _, p := range s.Problems {
		run.Results = append(run.Results, sarifResult{
			RuleID: ruleNotMeasured.ID, Level: "error", Message: sarifText{p}, Fingerprints: fingerprint(ruleNotMeasured.ID, p),
		})
	}
	return writeSARIF(w, run)
}

func newSarifRun() sarifRun {
	return sarifRun{
		Tool:       sarifTool{Driver: sarifDriver{Name: "leakcheck", InformationURI: homePage, Rules: sarifRules}},
		Results:    []sarifResult{},
		ColumnKind: "unicodeCodePoints",
	}
}

func writeSARIF(w io.Writer, run sarifRun) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	})
}

// homePage is where users find the project.
const homePage = "https://github.com/leakcheck/leakcheck"

var (
	ruleLeak         = sarifRule{"memory-leak", "MemoryLeak", sarifText{"An endpoint retains more memory per request than its budget allows."}}
	ruleRegression   = sarifRule{"memory-regression", "MemoryRegression", sarifText{"An endpoint retains more memory per request than before the change."}}
	ruleInconclusive = sarifRule{"inconclusive", "Inconclusive", sarifText{"A budget could be neither confirmed nor refuted."}}
	ruleNotMeasured  = sarifRule{"not-measured", "NotMeasured", sarifText{"A run could not be measured to its end."}}

	sarifRules = []sarifRule{ruleLeak, ruleRegression, ruleInconclusive, ruleNotMeasured}
)

func (r *sarifRun) describe(d *Document) {
	call := sarifInvocation{Successful: d.Failure == nil, ExitCode: d.ExitCode}
	if d.Recording != nil {
		call.StartTime = d.Recording.Header.StartedAt.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	r.Invocations = append(r.Invocations, call)
	if f := d.Failure; f != nil {
		r.Results = append(r.Results, d.result(ruleNotMeasured, "error", "run", f.Message))
	}
	if d.Verdict == nil {
		return
	}
	for i, e := range d.Verdict.All() {
		if e.Outcome == verdict.Leak || e.Outcome == verdict.Inconclusive {
			r.Results = append(r.Results, d.endpointResult(i, e))
		}
	}
	if g := &d.Verdict.Background; g.Outcome == verdict.Leak || g.Outcome == verdict.Inconclusive {
		rule, level := sarifRuleOf(g.Outcome)
		r.Results = append(r.Results, d.result(rule, level, "background", "background: "+g.Reason))
	}
}

func sarifRuleOf(o verdict.Outcome) (rule sarifRule, level string) {
	if o == verdict.Leak {
		return ruleLeak, "error"
	}
	return ruleInconclusive, "warning"
}

func (d *Document) endpointResult(i int, e *verdict.Endpoint) sarifResult {
	rule, level := sarifRuleOf(e.Outcome)
	text := strings.Join(append([]string{e.Name + ": " + reason(e)}, details(d.Verdict, i, e)...), "\n")
	suspects := d.suspects(e.Name)
	for _, s := range suspects {
		text += "\nsuspect: " + s.line()
	}
	out := d.result(rule, level, e.Name, text)
	out.Properties = map[string]*float64{
		"bytesPerRequest": finite(e.Retained.Value), "megabytesPerHour": finite(e.PerHour.Value), "budgetMegabytesPerHour": finite(e.Budget),
	}
	if e.Waived != nil && !e.Waived.Expired {
		out.Suppressions = []sarifSuppression{{Kind: "external", Status: "accepted", Justification: waiver(e.Waived)}}
	}
	out.locate(suspects)
	return out
}

// locate puts a result at its first suspect with a place; further ones are
// related.
func (r *sarifResult) locate(suspects []suspect) {
	found := false
	for _, s := range suspects {
		if s.place.file == "" {
			continue
		}
		at := newSarifLocation(s.place)
		at.show(s.Excerpt)
		if !found {
			r.Locations, found = []sarifLocation{at}, true
			continue
		}
		at.Message = &sarifText{s.Title}
		r.Related = append(r.Related, at)
	}
}

func (d *Document) result(rule sarifRule, level, name, text string) sarifResult {
	out := sarifResult{RuleID: rule.ID, Level: level, Message: sarifText{text}, Fingerprints: fingerprint(rule.ID, d.name(), name)}
	if file := d.scenarioFile(); file != "" {
		out.Locations = []sarifLocation{newSarifLocation(place{file, 1})}
	}
	return out
}

// fingerprint names a finding from run to run: lines move, and endpoints stay.
func fingerprint(parts ...string) map[string]string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return map[string]string{"leakcheck/v1": hex.EncodeToString(sum[:16])}
}

func newSarifLocation(p place) sarifLocation {
	at := sarifLocation{Physical: sarifPhysical{Artifact: sarifArtifact{URI: fileURI(p.file)}}}
	if !filepath.IsAbs(p.file) {
		at.Physical.Artifact.Base = "%SRCROOT%"
	}
	if p.line > 0 {
		at.Physical.Region = &sarifRegion{StartLine: p.line}
	}
	return at
}

// show adds the code at a place, and its neighbours.
func (l *sarifLocation) show(x *evidence.Excerpt) {
	if x == nil || l.Physical.Region == nil {
		return
	}
	l.Physical.Region.Snippet = &sarifText{x.Text()}
	l.Physical.Context = &sarifRegion{StartLine: x.First, EndLine: x.First + len(x.Lines) - 1, Snippet: &sarifText{strings.Join(x.Lines, "\n")}}
}

// fileURI escapes a path; a relative one stays relative.
func fileURI(file string) string {
	file = filepath.ToSlash(file)
	if path.IsAbs(file) {
		return (&url.URL{Scheme: "file", Path: file}).String()
	}
	return (&url.URL{Path: path.Clean(file)}).EscapedPath()
}
