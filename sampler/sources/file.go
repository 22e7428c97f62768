package sources

import (
	"encoding/base64"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/go-sourcemap/sourcemap"
)

// position is a place in a file; line and column count from 1.
type position struct {
	path         string
	line, column int
}

// file is a script or a source, with its source map where it has one.
type file struct {
	resolver *Resolver
	path     string
	lines    []string // nil when it cannot be read
	mapping  *sourcemap.Consumer
	dir      string // that the map's sources are relative to

	places    map[place]position // of originals; see made
	outlined  bool
	functions []*function // see outline
}

// open reads a file once.
func (r *Resolver) open(name string) *file {
	f, ok := r.files[name]
	if !ok {
		f = &file{resolver: r, path: name}
		r.files[name] = f
		if text, err := r.reader.ReadFile(name); err == nil {
			f.lines = strings.Split(text, "\n")
		}
		f.readMap()
	}
	return f
}

// readMap finds the source map: the one that Node holds, the one that the last
// line names or holds, or the one beside the file.
func (f *file) readMap() {
	if text := f.resolver.reader.SourceMap(f.path); text != "" {
		f.setMap(path.Dir(f.path), text)
		return
	}
	if f.lines == nil {
		return
	}
	reference := f.reference()
	if data, ok := strings.CutPrefix(reference, "data:"); ok {
		f.setMap(path.Dir(f.path), decodeData(data))
		return
	}
	name := f.path + ".map"
	if decoded, err := url.PathUnescape(reference); err == nil && reference != "" {
		name = path.Join(path.Dir(f.path), decoded)
	}
	if text, err := f.resolver.reader.ReadFile(name); err == nil {
		f.setMap(path.Dir(name), text)
	}
}

var mapComment = regexp.MustCompile(`^\s*//[#@]\s*sourceMappingURL=(\S+)\s*$`)

// reference is what the sourceMappingURL comment says. Only the last lines are
// looked at: bundles hold such comments in strings.
func (f *file) reference() string {
	const last = 5
	for i := len(f.lines) - 1; i >= max(0, len(f.lines)-last); i-- {
		if m := mapComment.FindStringSubmatch(f.lines[i]); m != nil {
			return m[1]
		}
	}
	return ""
}

func decodeData(data string) string {
	kind, text, _ := strings.Cut(data, ",")
	if !strings.HasSuffix(kind, ";base64") {
		plain, _ := url.PathUnescape(text)
		return plain
	}
	plain, _ := base64.StdEncoding.DecodeString(text)
	return string(plain)
}

// setMap parses a map and keeps the sources that it holds. One that cannot be
// parsed is as none: the script's own lines are named.
func (f *file) setMap(dir, text string) {
	m, err := sourcemap.Parse("", []byte(text))
	if err != nil {
		return
	}
	f.mapping, f.dir = m, dir
}

// original follows the source map.
func (f *file) original(at position) position {
	if f.mapping == nil {
		return at
	}
	source, _, line, column, ok := f.mapping.Source(at.line, at.column-1)
	if !ok || source == "" {
		return at
	}
	name := f.sourcePath(source)
	f.keepContent(source, name)
	return position{name, line, column + 1}
}

// sourcePath is the path of one of the map's sources.
func (f *file) sourcePath(source string) string {
	if rest, ok := strings.CutPrefix(source, "webpack://"); ok {
		_, rest, _ = strings.Cut(rest, "/") // the project's name
		return path.Join(f.resolver.root, strings.TrimPrefix(rest, "./"))
	}
	source = scriptPath(source)
	if path.IsAbs(source) {
		return path.Clean(source)
	}
	return path.Join(f.dir, source)
}

// keepContent keeps a source that the map holds, so that no file is needed.
func (f *file) keepContent(source, name string) {
	if f.resolver.files[name] != nil {
		return
	}
	if text := f.mapping.SourceContent(source); text != "" {
		f.resolver.files[name] = &file{resolver: f.resolver, path: name, lines: strings.Split(text, "\n")}
	}
}
