package evidence

import (
	"fmt"
	"slices"
	"strings"
)

// Origin tells whose code a frame is.
type Origin string

// The origins. Native is code of V8 itself, which has no file.
const (
	App        Origin = "app"
	Dependency Origin = "dependency"
	Node       Origin = "node"
	Native     Origin = "native"
)

// Frame is a place in the code.
type Frame struct {
	Function string `json:"function,omitempty"`
	// File is relative to the target's folder where it lies below it, after
	// source maps; "node:events" for Node's own.
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"` // from 1, 0 when unknown
	Column  int    `json:"column,omitempty"`
	Origin  Origin `json:"origin"`
	Package string `json:"package,omitempty"` // of a dependency: "express@5.1.0"
	Idiom   Idiom  `json:"idiom,omitempty"`   // of the line, "" when unknown
	// Original is where the source map leads that File has, when there is no such file
	// beside it: what was published was compiled.
	Original *Original `json:"original,omitempty"`
}

// Original is a place in a source that is not there.
type Original struct {
	File string `json:"file"` // relative to the package, or as File is
	Line int    `json:"line"`
}

// Place is "server.js:12".
func (f Frame) Place() string {
	if f.File == "" {
		return "native code"
	}
	if f.Line == 0 {
		return f.ShortFile()
	}
	return fmt.Sprintf("%s:%d", f.ShortFile(), f.Line)
}

// ShortFile is File; that of a dependency which is installed outside of the
// target's folder begins with node_modules.
func (f Frame) ShortFile() string {
	const modules = "/node_modules/"
	if i := strings.Index(f.File, modules); f.Origin == Dependency && i >= 0 && strings.HasPrefix(f.File, "/") {
		return f.File[i+1:]
	}
	return f.File
}

// In is "server.js:12 in record", with the package of a dependency, and with the
// original of what was compiled: "dist/index.js:40 [src/index.ts:12] in keep".
func (f Frame) In() string {
	var b strings.Builder
	b.WriteString(f.Place())
	if o := f.Original; o != nil {
		fmt.Fprintf(&b, " [%s:%d]", o.File, o.Line)
	}
	if f.Function != "" {
		b.WriteString(" in " + f.Function)
	}
	if f.Package != "" {
		b.WriteString(" (" + f.Package + ")")
	}
	return b.String()
}

// Within is the index of the dependency's function that does the work for the
// app's function at index at, the innermost one; -1 when the app does it itself.
func Within(stack []Frame, at int) int {
	return slices.IndexFunc(stack[:max(0, at)], func(f Frame) bool { return f.Origin == Dependency })
}

// Innermost is the index of the frame to name: the app's own, else the
// innermost dependency's, else -1.
func Innermost(stack []Frame) int {
	dependency := -1
	for i := range stack {
		switch {
		case stack[i].Origin == App:
			return i
		case stack[i].Origin == Dependency && dependency < 0:
			dependency = i
		}
	}
	return dependency
}
