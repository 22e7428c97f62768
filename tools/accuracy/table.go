package main

import (
	"fmt"
	"io"
	"strings"
)

// writeReport prints the table of runs and their summary as Markdown.
func writeReport(w io.Writer, results []Result) error {
	var b strings.Builder
	b.WriteString("| case | variant | node | seed | expected | got | | B/request [interval] | seconds | first suspect |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---:|---|\n")
	for i := range results {
		writeRow(&b, &results[i])
	}
	b.WriteString("\n")
	writeSummary(&b, results)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("print table: %w", err)
	}
	return nil
}

func writeRow(b *strings.Builder, r *Result) {
	node := r.NodeFull
	if node == "" {
		node = fmt.Sprint(r.Node)
	}
	fmt.Fprintf(b, "| %s | %s | %s | %d | %s | %s | %s | %s | %.0f | %s |\n",
		r.Case, r.Variant, node, r.Seed, expectation(r), got(r), r.Grade, estimate(r.BytesPerRequest, r.Interval), r.Seconds, r.Named)
}

func expectation(r *Result) string {
	if r.Expected == "" {
		return "pass"
	}
	return "leak: " + r.Expected
}

func got(r *Result) string {
	switch {
	case r.Error != "":
		first, _, _ := strings.Cut(r.Error, "\n")
		return r.Outcome + ": " + strings.ReplaceAll(first, "|", `\|`)
	case len(r.Leaking) > 0:
		return r.Outcome + ": " + strings.Join(r.Leaking, ", ")
	}
	return r.Outcome
}

// estimate prints a tenth of a byte, which is below every detection limit.
func estimate(perRequest *float64, interval *[2]float64) string {
	if perRequest == nil {
		return "–"
	}
	s := fmt.Sprintf("%.1f", *perRequest)
	if interval != nil {
		s += fmt.Sprintf(" [%.1f, %.1f]", interval[0], interval[1])
	}
	return s
}
