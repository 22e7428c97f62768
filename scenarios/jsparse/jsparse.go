// Package jsparse parses TypeScript and JavaScript into a syntax tree whose
// places are those of the source as it was written.
//
// Types, JSX and decorators are turned into plain JavaScript first (a decorator
// becomes a call of __decorateClass), by esbuild, so that one grammar remains.
package jsparse

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/go-sourcemap/sourcemap"
	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/js"
)

// File is a parsed source.
type File struct {
	Path string
	AST  *js.AST

	code    []byte // the plain JavaScript that was parsed
	lines   []int  // where its lines begin
	added   int    // lines of esbuild's own before it
	mapping *sourcemap.Consumer
	nodes   []node // in the order of the source
}

// Position is a place in the source as it was written. Both count from 1, the
// column in UTF-16 units as editors do.
type Position struct{ Line, Column int }

// String is line:column.
func (p Position) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

// Extensions are those of the files that Parse reads.
var Extensions = []string{".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"}

// settings keep every import, and turn decorators into calls as TypeScript does.
const settings = `{"compilerOptions": {"experimentalDecorators": true, "verbatimModuleSyntax": true, "useDefineForClassFields": true}}`

// Parse parses the source of a file. The extension of path says in which
// language it is written; an unknown one is taken for TypeScript.
func Parse(path string, source []byte) (*File, error) {
	var first error
	for _, l := range loaders(path) {
		f, err := parseAs(path, source, l)
		if err == nil {
			return f, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, fmt.Errorf("parse %s: %w", path, first)
}

// loaders are the languages to try: JavaScript with decorators is read as
// TypeScript.
func loaders(path string) []api.Loader {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".js", ".jsx", ".mjs", ".cjs":
		return []api.Loader{api.LoaderJSX, api.LoaderTSX}
	case ".tsx":
		return []api.Loader{api.LoaderTSX}
	}
	return []api.Loader{api.LoaderTS}
}

func parseAs(path string, source []byte, l api.Loader) (*File, error) {
	r := api.Transform(string(source), api.TransformOptions{
		Loader: l, Sourcefile: path, Sourcemap: api.SourceMapExternal, SourcesContent: api.SourcesContentExclude,
		Target: api.ES2022, TsconfigRaw: settings, LogLevel: api.LogLevelSilent, LegalComments: api.LegalCommentsNone,
	})
	if len(r.Errors) > 0 {
		return nil, problem(r.Errors[0])
	}
	f := &File{Path: path}
	if err := f.readMap(r.Map); err != nil {
		return nil, err
	}
	f.code = withoutHelpers(r.Code, f.added)
	var err error
	if f.AST, err = js.Parse(parse.NewInputBytes(f.code), js.Options{}); err != nil {
		// A script that Node wraps into a function may return.
		if f.AST, err = js.Parse(parse.NewInputBytes(f.code), js.Options{Inline: true}); err != nil {
			return nil, err
		}
	}
	f.lines = []int{0}
	for i, c := range f.code {
		if c == '\n' {
			f.lines = append(f.lines, i+1)
		}
	}
	f.nodes = order(f.AST, f.code)
	return f, nil
}

// readMap reads the source map. The lines at the top that it leaves out are
// functions that esbuild added.
func (f *File) readMap(text []byte) error {
	var m struct{ Mappings string }
	if err := json.Unmarshal(text, &m); err != nil {
		return fmt.Errorf("read source map: %w", err)
	}
	places := strings.TrimLeft(m.Mappings, ";")
	f.added = len(m.Mappings) - len(places)
	if places == "" {
		return nil // no code is left of types
	}
	var err error
	if f.mapping, err = sourcemap.Parse("", text); err != nil {
		return fmt.Errorf("read source map: %w", err)
	}
	return nil
}

func withoutHelpers(code []byte, lines int) []byte {
	shell := bytes.HasPrefix(code, []byte("#!"))
	for range lines {
		_, code, _ = bytes.Cut(code, []byte("\n"))
	}
	if shell && lines == 0 {
		code = append([]byte("//"), code[2:]...)
	}
	return bytes.Clone(code)
}

func problem(m api.Message) error {
	if m.Location == nil {
		return errors.New(m.Text)
	}
	return fmt.Errorf("%d:%d: %s", m.Location.Line, m.Location.Column+1, m.Text)
}

// Walk visits every node in the order of the source (which js.Walk does not),
// each with the place where its first word
// stands. Nodes within one for which visit returns
// false are left out.
func (f *File) Walk(visit func(n js.INode, at Position) bool) {
	for i := 0; i < len(f.nodes); {
		n := f.nodes[i]
		if visit(n.INode, f.position(n.start)) {
			i++
		} else {
			i = n.end
		}
	}
}
