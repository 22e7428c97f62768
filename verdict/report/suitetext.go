package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/recording/printable"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
)

// SuiteText writes each run as Text does, and for several runs a list of them
// with the outcome of all.
func SuiteText(w io.Writer, s Suite, style Style) error {
	printable.Strings(&s)
	if s.single() {
		return Text(w, s.Runs[0], style)
	}
	var b strings.Builder
	for i := range s.Runs {
		d := &s.Runs[i]
		title := style.paint(bold, d.name())
		if d.path() != d.name() {
			title += gutter + style.paint(dim, d.path())
		}
		b.WriteString(title + "\n\n")
		if err := Text(&b, *d, style); err != nil {
			return err
		}
		b.WriteString("\n")
	}
	writeSuite(&b, &s, style)
	_, err := io.WriteString(w, b.String())
	return err
}

// single reports whether the suite is one run and no more.
func (s *Suite) single() bool { return len(s.Runs) == 1 && len(s.Problems) == 0 }

// writeSuite prints one row for each run, and the outcome of all.
func writeSuite(b *strings.Builder, s *Suite, style Style) {
	t := table{right: []bool{false, false, true, true}, tight: -1}
	t.add(head("scenario"), head("outcome"), head("exit code"), head("took"))
	for i := range s.Runs {
		d := &s.Runs[i]
		t.add(cell{d.name() + d.part(), ""}, cell{string(d.Outcome), outcomeCode(d.Outcome)}, cell{unit.Count(d.ExitCode), ""}, cell{took(d), ""})
	}
	t.write(b, style)
	b.WriteString("\n")
	for _, p := range s.Problems {
		hang(b, style, "missing: ", p, red)
	}
	hang(b, style, capital(string(s.Outcome))+": ", s.conclude(), bold+outcomeCode(s.Outcome))
}

// part is " (2 of 100 endpoints)" of a run that measured a selection, else "".
func (d *Document) part() string {
	if d.Recording == nil || d.Recording.Header.Scenario.Endpoints == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d of %d endpoints)", len(d.Recording.Header.Endpoints), d.Recording.Header.Scenario.Endpoints)
}

func took(d *Document) string {
	if d.Recording == nil || d.Recording.End == nil {
		return none
	}
	return span(d.Recording.End.At)
}

// conclude is the suite's outcome in one sentence.
func (s *Suite) conclude() string {
	if s.single() {
		return conclude(&s.Runs[0])
	}
	counts := map[verdict.Outcome]int{}
	for i := range s.Runs {
		counts[s.Runs[i].Outcome]++
	}
	var parts []string
	for i := len(worse) - 1; i >= 0; i-- {
		if n := counts[worse[i]]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", unit.Count(n), worse[i]))
		}
	}
	text := unit.Plural(len(s.Runs), "scenario")
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if n := len(s.Problems); n > 0 {
		text += "; " + unit.Plural(n, "part") + " missing"
	}
	return text
}

// suiteDocument is the JSON of several runs.
type suiteDocument struct {
	Schema   int             `json:"schema"`
	Outcome  verdict.Outcome `json:"outcome"`
	ExitCode int             `json:"exit_code"`
	Problems []string        `json:"problems"`
	Runs     []documentJSON  `json:"runs"`
}

// SuiteJSON writes the document of a single run as JSON does, and several as
// {schema, outcome, exit_code, problems, runs: [documents]}.
func SuiteJSON(w io.Writer, s Suite) error {
	printable.Strings(&s)
	if s.single() {
		return JSON(w, s.Runs[0])
	}
	out := suiteDocument{
		Schema: Schema, Outcome: s.Outcome, ExitCode: s.ExitCode,
		Problems: append([]string{}, s.Problems...), Runs: []documentJSON{},
	}
	for i := range s.Runs {
		out.Runs = append(out.Runs, newDocumentJSON(&s.Runs[i]))
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}
