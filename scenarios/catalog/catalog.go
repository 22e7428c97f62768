// Package catalog is the bundled scenarios with their Node.js apps: for each
// leak pattern a leaky program and its fixed twin, and healthy programs that look
// like leaks. It is documentation for users and the test of the
// tool's accuracy. Each folder describes itself in its case.yaml.
package catalog

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"sync"
)

// The patterns name each kind of file, so that installed npm packages are never
// embedded.
//
//go:embed */*.yaml */*.js */*.json */*.html */*.md */routes/*.js
var files embed.FS

// The variants of a case.
const (
	Leaky   = "leaky"
	Fixed   = "fixed"   // the leaky program with the usual fix
	Healthy = "healthy" // looks like a leak and is none
)

// Background is the Leaking of a case that leaks by the clock, and Interaction that
// of one whose endpoints leak only beside each other.
const (
	Background  = "background"
	Interaction = "interaction"
)

// Case is one program with its scenario and what must be found in it.
type Case struct {
	Name    string // of the folder: "closure-cache"
	Variant string // Leaky, Fixed or Healthy
	Pattern string // a few words: "closure kept in a cache"
	Summary string // one line: what the leaky program does
	// Leaking is the endpoint that leaks, or Background, or Interaction; "" when
	// nothing does.
	Leaking string
	// Metric is what grows: "heap", "external", "native", or a countable
	// resource ("fd", "socket"); "" when nothing does.
	Metric string
	// BytesPerRequest is what Leaking retains, known by construction or measured
	// with forced collections and no leakcheck; 0 when it is not known, or when
	// nothing leaks.
	BytesPerRequest float64
	// Diagnosis is what must be said of the leak; zero when nothing leaks.
	Diagnosis Diagnosis
	// Packages says that npm ci must be run in the extracted folder.
	Packages bool
	// Services must run, and be named in the environment: "mariadb" by
	// DB_HOST, DB_PORT, DB_USER and DB_PASSWORD.
	Services []string
	// Reference is the address where the leak was reported, for packages as
	// published; "" for the bundled programs.
	Reference string

	files fs.FS // its folder
}

// Files is the case's folder, which twins share.
func (c Case) Files() fs.FS { return c.files }

// Diagnosis is a leak's pattern, by the name of its page in docs/patterns, and
// the line that keeps, registers or opens what leaks: "server.js:17". Where a
// dependency does, Package and File are its own, and Line calls it.
type Diagnosis struct {
	Pattern string `yaml:"pattern"`
	Line    string `yaml:"line"`
	Package string `yaml:"package"` // "debug@4.1.1"
	File    string `yaml:"file"`    // "node_modules/debug/src/common.js"
}

// String is the name that Find takes: "closure-cache", "closure-cache/fixed".
func (c Case) String() string {
	if c.Variant == Fixed {
		return c.Name + "/" + Fixed
	}
	return c.Name
}

// Cases returns all cases: those that leak by name, each followed by its fixed
// twin, then the healthy ones.
func Cases() []Case { return slices.Clone(loaded()) }

// loaded panics on a bad embedded file, which a test would have caught.
var loaded = sync.OnceValue(func() []Case {
	cases, err := Load(files)
	if err != nil {
		panic("catalog: " + err.Error())
	}
	return cases
})

// Find returns the case with this name: "closure-cache" is the leaky one (or
// the healthy one), "closure-cache/fixed" its twin. The error suggests near names.
func Find(name string) (Case, error) {
	for _, c := range loaded() {
		if name == c.String() || name == c.Name+"/"+c.Variant {
			return c, nil
		}
	}
	return Case{}, fmt.Errorf("find case %q: no such case%s", name, hint(name))
}
