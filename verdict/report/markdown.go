package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
)

// GitHub drops a whole step summary above 1,024 KiB, and refuses comments of
// more than 65,536 characters. A margin is left for what others append.
const (
	maxSummary = 1000 << 10
	maxComment = 65000
)

// Markdown writes a GitHub step summary, below its limit of 1,024 KiB.
func Markdown(w io.Writer, s Suite) error {
	_, err := io.WriteString(w, markdown(&s, maxSummary))
	return err
}

// Comment writes a pull-request comment. Its first line is a marker, by which
// the comment of an earlier run is found and updated.
func Comment(w io.Writer, s Suite) error {
	head := marker(s.key()) + "\n"
	_, err := io.WriteString(w, head+markdown(&s, maxComment-len(head)))
	return err
}

// key names the suite, alike in each of its runs.
func (s *Suite) key() string {
	if s.single() {
		return s.Runs[0].name()
	}
	return "suite"
}

// marker is a comment in HTML by which a comment on a pull request is found again.
func marker(key string) string {
	plain := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}
	return "<!-- leakcheck:" + strings.Map(plain, key) + " -->"
}

// markdown writes runs, the worst first, as long as they fit into limit bytes.
func markdown(s *Suite, limit int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## leakcheck: %s\n\n%s\n\n", s.Outcome, escapeMarkdown(s.conclude()))
	for _, p := range s.Problems {
		fmt.Fprintf(&b, "- missing: %s\n", escapeMarkdown(p))
	}
	const note = "\n%s not shown here: see report.html.\n"
	left := 0
	for _, d := range byRank(s.Runs) {
		section := markdownRun(d, !s.single())
		if left > 0 || b.Len()+len(section)+len(note)+len("1,000,000 runs") > limit {
			left++
			continue
		}
		b.WriteString(section)
	}
	if left > 0 {
		fmt.Fprintf(&b, note, unit.Plural(left, "run"))
	}
	return b.String()
}

func markdownRun(d *Document, titled bool) string {
	var b strings.Builder
	if titled {
		fmt.Fprintf(&b, "### %s: %s\n\n%s\n\n", escapeMarkdown(d.name()), d.Outcome, escapeMarkdown(conclude(d)))
	}
	if f := d.Failure; f != nil && f.Hint != "" {
		fmt.Fprintf(&b, "Hint: %s\n\n", escapeMarkdown(f.Hint))
	}
	if d.Verdict != nil && d.Recording != nil {
		markdownTable(&b, d)
		markdownFindings(&b, d)
		markdownFacts(&b, d)
	}
	if d.Source != "" {
		fmt.Fprintf(&b, "\n%s\n", fence("leakcheck judge "+ShellWord(d.Source)))
	}
	return b.String()
}

func markdownTable(b *strings.Builder, d *Document) {
	var n notes
	b.WriteString("| endpoint | outcome | growth per request | MB/h | budget | min. detectable |\n|:--|:--|--:|--:|--:|--:|\n")
	rows, passes := tableRows(d.Verdict)
	for _, e := range rows {
		value, interval, perHour, detectable := numbers(e.Endpoint)
		markdownRow(b, code(e.Name)+superscript(n.mark(e.Warnings)), outcomeCell(e.Endpoint).text, strings.TrimSpace(value+" "+interval),
			perHour, megabytes(e.Budget), detectable)
	}
	if len(passes) > 0 {
		f := fold(passes)
		markdownRow(b, f.name+superscript(n.mark(f.warnings)), string(verdict.Pass), f.interval, f.perHour, f.budget, f.detectable)
	}
	row := backgroundRow(&d.Verdict.Background, &n)
	markdownRow(b, "background"+superscript(row[7].text), row[1].text, row[2].text, row[4].text, row[5].text, row[6].text)
	for _, w := range d.Verdict.Warnings {
		n.add(w)
	}
	b.WriteString("\n")
	for i, w := range n.list {
		fmt.Fprintf(b, "%s %s (%s)\n", superscript(fmt.Sprint(i+1)), escapeMarkdown(w.Message), w.Code)
	}
	if len(n.list) > 0 {
		b.WriteString("\n")
	}
}

// markdownRow writes cells; the sign for no growth would strike text through.
func markdownRow(b *strings.Builder, cells ...string) {
	for _, c := range cells {
		b.WriteString("| " + strings.ReplaceAll(c, noGrowth, `\~`) + " ")
	}
	b.WriteString("|\n")
}

func superscript(mark string) string {
	if mark == "" {
		return ""
	}
	return "<sup>" + mark + "</sup>"
}

func markdownFindings(b *strings.Builder, d *Document) {
	for _, f := range findings(d.Verdict) {
		fmt.Fprintf(b, "- **%s**: %s\n", escapeMarkdown(f.names()), escapeMarkdown(reason(f.endpoints[0])))
		for _, line := range f.details {
			fmt.Fprintf(b, "  - %s\n", escapeMarkdown(line))
		}
		for _, s := range d.suspects(f.endpoints[0].Name) {
			fmt.Fprintf(b, "  - suspect: %s\n", escapeMarkdown(s.line()))
			markdownCode(b, s.Code())
		}
	}
	if g := &d.Verdict.Background; g.Outcome == verdict.Leak || g.Outcome == verdict.Inconclusive {
		fmt.Fprintf(b, "- **background**: %s\n", escapeMarkdown(g.Reason))
	}
}

// markdownCode shows lines of code within an item of a list of lists.
func markdownCode(b *strings.Builder, lines []codeLine) {
	const fence = "    ~~~~~~"
	if len(lines) == 0 {
		return
	}
	b.WriteString("\n" + fence + "js\n")
	for _, l := range lines {
		mark := " "
		if l.Marked {
			mark = ">"
		}
		fmt.Fprintf(b, "    %s%4d | %s\n", mark, l.Number, l.Text)
	}
	b.WriteString(fence + "\n\n")
}

func markdownFacts(b *strings.Builder, d *Document) {
	b.WriteString("\n<details><summary>How it was measured</summary>\n\n")
	for _, fact := range runFacts(d) {
		fmt.Fprintf(b, "- %s\n", escapeMarkdown(fact))
	}
	for _, e := range events(d.Recording) {
		fmt.Fprintf(b, "- %s: %s\n", e.when, escapeMarkdown(e.message))
	}
	fmt.Fprintf(b, "\n%s\n\n</details>\n", escapeMarkdown(legend(d)))
}
