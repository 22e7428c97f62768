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

// maxDiagnosisLines is how many lines the first suspect of a leak may take.
const maxDiagnosisLines = 15

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
	var part strings.Builder
	first := &f.Suspects[0]
	hang(&part, s, "Where "+name+" leaks: ", headline(first, d.portion(f.Endpoint, first)), bold)
	about := advice(first)
	hang(&part, s, indent+"pattern: ", fmt.Sprintf("%s (%s confidence). %s", about.Title, first.Confidence, about.Explanation), dim)
	hang(&part, s, indent+"because: ", strings.Join(first.Reasons, "; "), dim)
	if len(first.Allocated) > 0 {
		hang(&part, s, indent+"made in: ", places(first.Allocated), dim)
	}
	if about.Before != "" {
		hang(&part, s, indent+"instead of: ", about.Before, dim)
		hang(&part, s, indent+"      write: ", about.After, dim)
	}
	for _, n := range f.Notes {
		hang(&part, s, indent+"note: ", n, yellow)
	}
	b.WriteString(cut(part.String(), maxDiagnosisLines-1))
	b.WriteString(s.paint(dim, indent+"more: "+first.Pattern.Docs()+others(f)) + "\n\n")
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

// cut keeps the first n lines.
func cut(text string, n int) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(lines[:min(n, len(lines))], "")
}
