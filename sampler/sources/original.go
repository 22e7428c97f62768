package sources

import (
	"path"
	"regexp"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/evidence"
)

// Locate names the file that is there, with its line, of a place in a source that
// is not: packages are published with source maps and without what these lead to.
// Nothing else can be read of the place then.
func (r *Resolver) Locate(f *evidence.Frame) {
	name := r.absolute(f.File)
	script := r.scripts[name]
	if script == nil || f.Original != nil || r.isThere(name) {
		return
	}
	at, ok := script.made(name, f.Line)
	if !ok {
		return
	}
	f.Original = &evidence.Original{File: r.withinPackage(name), Line: f.Line}
	f.File, f.Line, f.Column = r.relative(at.path), at.line, at.column
}

func (r *Resolver) isThere(name string) bool {
	there, known := r.there[name]
	if !known {
		_, err := r.reader.ReadFile(name)
		there = err == nil
		r.there[name] = there
	}
	return there
}

// withinPackage is a file's path from its package on: "src/index.ts".
func (r *Resolver) withinPackage(name string) string {
	if rest, found := afterLast(name, modules); found {
		return strings.TrimPrefix(rest, nameInPath(path.Dir(name))+"/")
	}
	return r.relative(name)
}

// word begins what a source map may know a place of.
var word = regexp.MustCompile(`[\w$]+`)

// nearby is how many lines above one that nothing was made of are tried for it.
const nearby = 5

// made is the first place of the script that was made of a line of an original, or
// of one shortly before it.
func (f *file) made(original string, line int) (position, bool) {
	if f.places == nil {
		f.places = make(map[place]position)
		for n, text := range f.lines {
			for _, at := range word.FindAllStringIndex(text, -1) {
				source, _, l, _, ok := f.mapping.Source(n+1, at[0])
				if !ok || source == "" {
					continue
				}
				key := place{f.sourcePath(source), l}
				if _, known := f.places[key]; !known {
					f.places[key] = position{f.path, n + 1, at[0] + 1}
				}
			}
		}
	}
	for n := line; n > line-nearby; n-- {
		if at, ok := f.places[place{original, n}]; ok {
			return at, true
		}
	}
	return position{}, false
}

// place is a line of an original.
type place struct {
	path string
	line int
}
