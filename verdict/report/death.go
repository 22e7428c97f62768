package report

import (
	"fmt"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
)

// writeDeath prints what filled the heap of a target that died of it.
func writeDeath(b *strings.Builder, d *Document, s Style) {
	lines := deathLines(d)
	if len(lines) == 0 {
		return
	}
	hang(b, s, "What filled the heap: ", lines[0], bold)
	for _, line := range lines[1:] {
		hang(b, s, indent+"- ", line, dim)
	}
	b.WriteString("\n")
}

// deathLines say what a target left that died of memory: first how large its
// heap was, then what most of it was.
func deathLines(d *Document) []string {
	if d.Diagnosis == nil || d.Diagnosis.Death == nil {
		return nil
	}
	death := d.Diagnosis.Death
	lines := []string{heapAtDeath(death)}
	for i := range death.Groups {
		lines = append(lines, groupLine(death, i))
	}
	if death.Heap > 0 && len(death.Groups) == 0 {
		lines = append(lines, "no single thing holds much of it")
	}
	return append(lines, death.Notes...)
}

func heapAtDeath(death *diagnose.Death) string {
	var parts []string
	if r := death.Report; r != nil {
		parts = append(parts, fmt.Sprintf("%s of %s were in use when the target died", r.Used, r.Limit))
	}
	if death.Heap > 0 {
		parts = append(parts, fmt.Sprintf("%s are in the snapshot that Node took shortly before", death.Heap))
	}
	if death.File != "" {
		parts = append(parts, "kept as "+death.File)
	}
	if len(parts) == 0 {
		return "not known"
	}
	return strings.Join(parts, ", ")
}

// groupLine is "52000 Session, 41 MB (82 %), held by sessions (module variable,
// server.js) -> Map[ ]; server.js:9 in open puts them there: cache without
// eviction".
func groupLine(death *diagnose.Death, i int) string {
	g := &death.Groups[i]
	text := fmt.Sprintf("%d %s, %s (%.0f %%)", g.Count, g.Class, g.Retained, 100*float64(g.Retained)/float64(death.Heap))
	if g.Chain {
		text += ", each held by the one before"
	}
	if path := holders(g); path != "" {
		text += ", held by " + path
	}
	if g.Line != nil {
		text += "; " + g.Line.In() + " puts them there"
	}
	if p := death.Patterns[i]; p != "" {
		text += ": " + p.Advice().Title + ", see " + p.Docs()
	}
	return text
}

// holders are the steps before the object itself.
func holders(g *evidence.Group) string {
	return strings.Join(g.Path[:max(0, len(g.Path)-1)], " -> ")
}
