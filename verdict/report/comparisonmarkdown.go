package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/leakcheck/leakcheck/verdict/compare"
)

// comparisonMarkdown writes a GitHub step summary of a comparison.
func comparisonMarkdown(w io.Writer, c Comparison) error {
	_, err := io.WriteString(w, c.markdown(maxSummary))
	return err
}

// comparisonComment writes a pull-request comment of a comparison. Its first line is
// a marker, by which the comment of an earlier run is found and updated.
func comparisonComment(w io.Writer, c Comparison) error {
	head := marker("compare-"+c.Comparison.Scenario) + "\n"
	_, err := io.WriteString(w, head+c.markdown(maxComment-len(head)))
	return err
}

// markdown puts what to look at first, then the table.
func (c *Comparison) markdown(limit int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## leakcheck: %s\n\n**%s**\n\n", c.Outcome, escapeMarkdown(c.Conclusion()))
	if c.Found != "" {
		fmt.Fprintf(&b, "%s\n\n", escapeMarkdown(c.Found))
	}
	fmt.Fprintf(&b, "%s: base %s, head %s\n\n", escapeMarkdown(c.Comparison.Scenario), escapeMarkdown(c.Base.Describe()), escapeMarkdown(c.Head.Describe()))
	b.WriteString("| endpoint | base | head | delta | interval, B/request | MB/h | p | outcome |\n|:--|--:|--:|--:|--:|--:|--:|:--|\n")
	for _, row := range c.Rows(false) {
		row[0] = code(row[0])
		markdownRow(&b, row...)
	}
	b.WriteString("\n")
	for _, e := range c.findings() {
		section := c.markdownFinding(&e)
		if b.Len()+len(section) > limit-1000 {
			b.WriteString("\nMore findings are not shown here: see the artifact.\n")
			break
		}
		b.WriteString(section)
	}
	c.markdownEnd(&b)
	return b.String()
}

func (c *Comparison) markdownFinding(e *compare.Endpoint) string {
	var b strings.Builder
	fmt.Fprintf(&b, "- **%s**: %s\n", escapeMarkdown(e.Name), escapeMarkdown(e.Reason))
	for _, s := range c.suspects(e.Name) {
		fmt.Fprintf(&b, "  - suspect: %s\n", escapeMarkdown(s.line()))
		markdownCode(&b, s.Code())
	}
	return b.String()
}

// markdownEnd says what the table rests on, and how to measure it once more.
func (c *Comparison) markdownEnd(b *strings.Builder) {
	b.WriteString("\n")
	for _, w := range c.Warnings {
		fmt.Fprintf(b, "- %s (%s)\n", escapeMarkdown(w.Message), w.Code)
	}
	fmt.Fprintf(b, "\n%g %% confidence for all endpoints together; \\~: no difference shown\n", c.Confidence*100)
	if c.Again != "" {
		fmt.Fprintf(b, "\nMeasure again:\n\n%s\n", fence(c.Again))
	}
}
