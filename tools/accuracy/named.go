package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/leakcheck/leakcheck/scenarios/catalog"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
)

// Named is the first suspect of a run's diagnosis beside what the case says of
// its leak.
type Named struct {
	Pattern string  `json:"pattern"`
	Line    string  `json:"line"`
	Seconds float64 `json:"seconds"` // that the diagnosis took
	// Package and File are the dependency's that Line calls for it.
	Package string `json:"package,omitempty"`
	File    string `json:"file,omitempty"`
	// What the case asks for; "" where it names none.
	WantPattern string `json:"want_pattern,omitempty"`
	WantLine    string `json:"want_line,omitempty"`
	WantPackage string `json:"want_package,omitempty"`
	WantFile    string `json:"want_file,omitempty"`
}

// readNamed reads the diagnosis that a run left below dir, nil when it left
// none: nothing leaked.
func readNamed(dir string, want catalog.Diagnosis) (*Named, error) {
	files, err := filepath.Glob(filepath.Join(dir, ".leakcheck", "runs", "*", "diagnosis.json"))
	if err != nil || len(files) == 0 {
		return nil, err
	}
	data, err := os.ReadFile(files[len(files)-1])
	if err != nil {
		return nil, err
	}
	var d diagnose.Diagnosis
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("read diagnosis: %w", err)
	}
	if len(d.Findings) == 0 {
		return nil, errors.New("read diagnosis: it has no finding")
	}
	n := &Named{WantPattern: want.Pattern, WantLine: want.Line, WantPackage: want.Package, WantFile: want.File}
	for _, f := range d.Findings {
		n.Seconds += f.Seconds
	}
	if suspects := d.Findings[0].Suspects; len(suspects) > 0 {
		n.Pattern, n.Line = string(suspects[0].Pattern), suspects[0].At.Place()
		if f := suspects[0].Within; f != nil {
			n.Package, n.File = f.Package, f.ShortFile()
		}
	}
	return n, nil
}

// right reports whether the first suspect is the one of the case.
func (n *Named) right() bool { return n.rightLine() && n.Pattern == n.WantPattern }

// rightLine reports whether the line is the one of the case, and so are the package
// and its file where it names them.
func (n *Named) rightLine() bool {
	return n.Line == n.WantLine && (n.WantPackage == "" || n.Package == n.WantPackage && n.File == n.WantFile)
}

// String is what the table prints.
func (n *Named) String() string {
	switch {
	case n == nil || n.WantLine == "" && n.Line == "":
		return "–"
	case n.WantLine == "":
		return strings.TrimSpace(n.Line + " " + n.Pattern)
	case n.right():
		return "right"
	case n.Line == "":
		return "none"
	case n.rightLine():
		return "right line, " + n.Pattern
	}
	if n.WantPackage != "" && n.Line == n.WantLine {
		return fmt.Sprintf("%s %s, not %s %s", n.Package, n.File, n.WantPackage, n.WantFile)
	}
	return fmt.Sprintf("%s %s, not %s", n.Line, n.Pattern, n.WantLine)
}
