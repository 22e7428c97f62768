package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording/printable"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
)

// maxPlaceLines and maxReasonLines are how many lines a suspect's place, and the
// reasons for it, may take: the advice is never cut.
const (
	maxPlaceLines  = 6
	maxReasonLines = 5
)

// DiagnosisJSON writes all of a diagnosis as one indented document.
func DiagnosisJSON(w io.Writer, d *diagnose.Diagnosis) error {
	printable.Strings(d)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d); err != nil {
		return fmt.Errorf("write diagnosis: %w", err)
	}
	return nil
}

// writeDiagnosis prints the first suspect of each leak.
func writeDiagnosis(b *strings.Builder, d *Document, s Style) {
	if d.Diagnosis == nil {
		return
	}
	for i := range d.Diagnosis.Findings {
		writeSuspect(b, d, &d.Diagnosis.Findings[i], s)
	}
}

func writeSuspect(b *strings.Builder, d *Document, f *diagnose.Finding, s Style) {
	name := f.Endpoint
	if name == "" {
		name = "background"
	}
	if len(f.Suspects) == 0 {
		hang(b, s, "Where "+name+" leaks: ", "not found; "+strings.Join(f.Notes, "; "), bold)
		b.WriteString("\n")
		return
	}
	first := &f.Suspects[0]
	hangAtMost(b, s, maxPlaceLines, "Where "+name+" leaks: ", headline(first, d.portion(f.Endpoint, first)), bold)
	writeCode(b, (&suspect{Excerpt: first.Excerpt}).Code(), s)
	about := first.Pattern.Advice()
	hang(b, s, indent+"pattern: ", fmt.Sprintf("%s (%s confidence). %s", about.Title, first.Confidence, about.Explanation), dim)
	hangAtMost(b, s, maxReasonLines, indent+"because: ", strings.Join(first.Reasons, "; "), dim)
	if len(first.Allocated) > 0 {
		hang(b, s, indent+"made in: ", places(first.Allocated), dim)
	}
	if fix := first.Remedy(); fix != nil {
		hang(b, s, indent+"instead of: ", fix.Before, dim)
		hang(b, s, indent+"      write: ", fix.After, dim)
	}
	for _, n := range f.Notes {
		hang(b, s, indent+"note: ", n, yellow)
	}
	hang(b, s, indent+"more: ", first.Pattern.Docs()+others(f), dim)
	b.WriteString("\n")
}

// writeCode prints a line of the code with its neighbours, as they stand.
func writeCode(b *strings.Builder, lines []codeLine, s Style) {
	for _, l := range lines {
		mark, code := " ", dim
		if l.Marked {
			mark, code = ">", bold
		}
		text := fmt.Sprintf("%s%s %4d | %s", indent, mark, l.Number, l.Text)
		b.WriteString(s.paint(code, strings.TrimRight(shorten(text, s.width()), " ")) + "\n")
	}
}

func others(f *diagnose.Finding) string {
	if n := len(f.Suspects) - 1; n > 0 {
		return fmt.Sprintf(" · %s in diagnosis.json", unit.Plural(n, "other suspect"))
	}
	return ""
}

// headline is "server.js:17 in openCart: +1.00 map entry per request (+332 B, 80 %
// of the growth), held by carts (server.js:12)".
func headline(s *diagnose.Suspect, portion string) string {
	text := where(s) + ": " + s.Amount() + size(s.Bytes, portion)
	if h := held(s.Holder); h != "" {
		text += ", held by " + h
	}
	if s.Isolate != "" {
		text += ", in " + s.Isolate
	}
	return text
}

func held(h *diagnose.Holder) string {
	switch {
	case h == nil:
		return ""
	case len(h.Path) > 0:
		return diagnose.Way(h.Path)
	case h.At != nil:
		return h.Name + " (" + h.At.Place() + ")"
	}
	return h.Name
}

func places(all []evidence.Frame) string {
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = f.In()
	}
	return strings.Join(names, ", ")
}

// hangAtMost is hang, of which the first n lines are shown.
func hangAtMost(b *strings.Builder, s Style, n int, title, text, code string) {
	var whole strings.Builder
	hang(&whole, s, title, text, code)
	lines := strings.SplitAfter(strings.TrimSuffix(whole.String(), "\n"), "\n")
	if len(lines) <= n {
		b.WriteString(whole.String())
		return
	}
	b.WriteString(strings.Join(lines[:n], "") + strings.Repeat(" ", len(title)) + "...\n")
}
