package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/recording/printable"
	"github.com/leakcheck/leakcheck/verdict"
)

// Text writes d for people: a table of the endpoints, what is behind each
// finding, the doubts as footnotes, what the run did, and what to do next.
func Text(w io.Writer, d Document, s Style) error {
	printable.Strings(&d)
	var b strings.Builder
	if d.Verdict != nil && d.Recording != nil {
		writeTable(&b, &d, s)
		writeFindings(&b, &d, s)
		writeDiagnosis(&b, &d, s)
		writeRun(&b, &d, s)
	}
	writeDeath(&b, &d, s)
	writeConclusion(&b, &d, s)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write verdict: %w", err)
	}
	return nil
}

// writeTable prints one row for each endpoint and one for the background,
// with the footnotes below.
func writeTable(b *strings.Builder, d *Document, s Style) {
	var n notes
	t := table{right: []bool{false, false, true, false, true, true, true, false}, tight: 2}
	t.add(cell{}, cell{}, cell{}, head("growth"), cell{}, cell{}, head("min."), cell{})
	t.add(head("endpoint"), head("outcome"), cell{}, head("per request"), head("MB/h"), head("budget"), head("detectable"), cell{})
	rows, passes := tableRows(d.Verdict)
	if s.All {
		rows, passes = append(rows, passes...), nil
	}
	for _, r := range rows {
		t.add(endpointRow(r.Endpoint, &n)...)
	}
	var below string
	if len(passes) > 0 {
		f := fold(passes)
		t.add(f.cells(&n)...)
		below = f.nearest + " (--all shows them)"
	}
	t.add(backgroundRow(&d.Verdict.Background, &n)...)
	for _, w := range d.Verdict.Warnings {
		n.add(w)
	}
	t.write(b, s)
	if b.WriteString("\n"); below != "" {
		hang(b, s, indent, below, "")
		b.WriteString("\n")
	}
	n.write(b, s)
}

func head(text string) cell { return cell{text, dim} }

func endpointRow(e *verdict.Endpoint, n *notes) []cell {
	value, interval, perHour, detectable := numbers(e)
	return []cell{
		{e.Name, ""},
		outcomeCell(e),
		{value, ""},
		{interval, dim},
		{perHour, ""},
		{megabytes(e.Budget), ""},
		{detectable, dim},
		{n.mark(e.Warnings), yellow},
	}
}

func (f foldedRow) cells(n *notes) []cell {
	return []cell{
		{f.name, ""},
		{string(verdict.Pass), outcomeCode(verdict.Pass)},
		{},
		{f.interval, dim},
		{f.perHour, ""},
		{f.budget, ""},
		{f.detectable, dim},
		{n.mark(f.warnings), yellow},
	}
}

func outcomeCell(e *verdict.Endpoint) cell {
	if e.Waived != nil && !e.Waived.Expired && e.Outcome == verdict.Leak {
		return cell{"leak, waived", yellow}
	}
	return cell{outcomeText(e.Outcome), outcomeCode(e.Outcome)}
}

func outcomeText(o verdict.Outcome) string {
	if o == verdict.NotJudged {
		return "not judged"
	}
	return string(o)
}

func backgroundRow(g *verdict.Background, n *notes) []cell {
	budget, detectable := none, none
	if g.Budget != nil {
		budget, detectable = megabytes(*g.Budget), limit(g.MinDetectable)
	}
	return []cell{
		{"background", dim},
		{outcomeText(g.Outcome), outcomeCode(g.Outcome)},
		{none, dim},
		{"", ""},
		{hourly(verdict.HourlyEstimate{Value: g.Value, Low: g.Low, High: g.High}), ""},
		{budget, ""},
		{detectable, dim},
		{n.mark(g.Warnings), yellow},
	}
}
