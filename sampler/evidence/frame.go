package evidence

import (
	"fmt"
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
	// Idiom is what the line does to keep something ("set", "push", "on",
	// "new"), as its text says; "" when unknown.
	Idiom string `json:"idiom,omitempty"`
}

// Place is "server.js:12", or the package of a dependency with its file.
func (f Frame) Place() string {
	if f.File == "" {
		return "native code"
	}
	if f.Line == 0 {
		return f.File
	}
	return fmt.Sprintf("%s:%d", f.File, f.Line)
}

// In is "server.js:12 in record", with the package of a dependency.
func (f Frame) In() string {
	var b strings.Builder
	b.WriteString(f.Place())
	if f.Function != "" {
		b.WriteString(" in " + f.Function)
	}
	if f.Package != "" {
		b.WriteString(" (" + f.Package + ")")
	}
	return b.String()
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
