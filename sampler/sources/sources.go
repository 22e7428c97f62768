// Package sources turns places in scripts, as V8 names them, into places in the
// files that people write: source maps are followed, and the app's code is told
// from its dependencies' and from Node's own.
package sources

import (
	"net/url"
	"path"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/evidence"
)

// Reader reads files as the target sees them.
type Reader interface {
	// ReadFile returns the content of the file with this absolute path.
	ReadFile(path string) (string, error)
	// SourceMap returns the source map that Node itself holds for a script (it
	// does with --enable-source-maps, and under tsx), "" when there is none.
	SourceMap(script string) string
}

// Resolver names places. It keeps what it has read, and is not safe for
// concurrent use.
type Resolver struct {
	reader   Reader
	root     string // the app's folder; files below it are named relative to it
	files    map[string]*file
	packages map[string]string
	scripts  map[string]*file // by the path of an original: the script that was made of it
	there    map[string]bool  // by path: whether the file is there
}

// New returns a resolver of places in an app whose folder is root.
func New(reader Reader, root string) *Resolver {
	return &Resolver{reader: reader, root: path.Clean(root), files: make(map[string]*file), packages: make(map[string]string), scripts: make(map[string]*file), there: make(map[string]bool)}
}

// Frame names the place at line and column (from 1) of the script at rawURL.
func (r *Resolver) Frame(function, rawURL string, line, column int) evidence.Frame {
	f := evidence.Frame{Function: function, Line: line, Column: column}
	switch {
	case rawURL == "":
		f.Origin, f.Line, f.Column = evidence.Native, 0, 0
		return f
	case strings.HasPrefix(rawURL, "node:"), strings.HasPrefix(rawURL, "internal/"):
		f.Origin, f.File = evidence.Node, rawURL
		return f
	}
	script := scriptPath(rawURL)
	at := r.open(script).original(position{script, line, column})
	if at.path != script {
		f.Function = r.nameOf(function, at)
		r.scripts[at.path] = r.open(script)
	}
	f.Line, f.Column = at.line, at.column
	f.Origin, f.Package = r.origin(at.path)
	if f.Origin == evidence.App { // a package's map may lead to where it was built
		f.Origin, f.Package = r.origin(script)
	}
	f.File = r.relative(at.path)
	return f
}

// nameOf is a function's name in the file that it was written in. A minified
// one is not shown.
func (r *Resolver) nameOf(minified string, at position) string {
	if name := r.open(at.path).functionAt(at.line); name != "" {
		return name
	}
	if len(minified) > 2 {
		return minified
	}
	return ""
}

// scriptPath is the path of "file:///app/server.js", and any other name as it
// is.
func scriptPath(raw string) string {
	if !strings.HasPrefix(raw, "file:") {
		return raw
	}
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	return u.Path
}

func (r *Resolver) relative(file string) string {
	if rest, ok := strings.CutPrefix(file, r.root+"/"); ok {
		return rest
	}
	return file
}

// absolute undoes relative.
func (r *Resolver) absolute(file string) string {
	if path.IsAbs(file) {
		return file
	}
	return path.Join(r.root, file)
}
