package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/leakcheck/leakcheck/verdict"
)

// maxAnnotations is how many of a kind GitHub shows for a step.
const maxAnnotations = 10

// annotation is one remark at a place of the source.
type annotation struct {
	level   string // error, warning or notice
	place   place
	title   string
	message string
}

// Annotations writes GitHub workflow commands: one for each finding, the
// gravest first, at the suspect's line where one is known and at the scenario
// elsewhere. When there are more than 10, the last says how many.
func Annotations(w io.Writer, s Suite) error {
	var all []annotation
	for _, p := range s.Problems {
		all = append(all, annotation{level: "error", title: "leakcheck", message: p})
	}
	for _, d := range byRank(s.Runs) {
		all = append(all, d.annotations()...)
	}
	return writeAnnotations(w, all)
}

func writeAnnotations(w io.Writer, all []annotation) error {
	if n := len(all); n > maxAnnotations {
		rest := annotation{level: "warning", title: "leakcheck", message: fmt.Sprintf("%d more findings are in the report", n-maxAnnotations+1)}
		all = append(all[:maxAnnotations-1], rest)
	}
	var b strings.Builder
	for _, a := range all {
		b.WriteString(a.command() + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// annotations are a run's findings, leaks before what is undecided.
func (d *Document) annotations() []annotation {
	var all []annotation
	if d.Failure != nil {
		all = append(all, annotation{"error", place{file: d.scenarioFile()}, "leakcheck: " + d.name(), d.Failure.Message})
	}
	if d.Verdict == nil {
		return all
	}
	for _, want := range []verdict.Outcome{verdict.Leak, verdict.Inconclusive} {
		for i, e := range d.Verdict.All() {
			if e.Outcome == want {
				all = append(all, d.annotate(i, e))
			}
		}
		if g := &d.Verdict.Background; g.Outcome == want {
			all = append(all, annotation{d.level(want), place{file: d.scenarioFile()}, title(want, "background"), g.Reason})
		}
	}
	return all
}

func (d *Document) annotate(i int, e *verdict.Endpoint) annotation {
	a := annotation{d.level(e.Outcome), place{file: d.scenarioFile()}, title(e.Outcome, e.Name), reason(e)}
	if e.Waived != nil && !e.Waived.Expired {
		a.level = "notice"
	}
	if lines := details(d.Verdict, i, e); len(lines) > 0 {
		a.message += "\n" + strings.Join(lines, "\n")
	}
	for _, s := range d.suspects(e.Name) {
		if a.place.line == 0 && s.place.line > 0 {
			a.place = s.place
		}
		a.message += "\nsuspect: " + s.line()
	}
	return a
}

func title(o verdict.Outcome, name string) string { return capital(string(o)) + ": " + name }

// level is GitHub's for an outcome: what does not fail the run is a notice.
func (d *Document) level(o verdict.Outcome) string {
	switch {
	case o == verdict.Leak:
		return "error"
	case d.ExitCode == 0:
		return "notice"
	}
	return "warning"
}

// command is the workflow command, on one line.
func (a annotation) command() string {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var at string
	if a.place.file != "" {
		at = "file=" + property.Replace(a.place.file) + ","
	}
	if a.place.line > 0 {
		at += fmt.Sprintf("line=%d,", a.place.line)
	}
	return fmt.Sprintf("::%s %stitle=%s::%s", a.level, at, property.Replace(a.title), data.Replace(a.message))
}
