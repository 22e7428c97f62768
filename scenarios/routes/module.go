package routes

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tdewolff/parse/v2/js"

	"github.com/leakcheck/leakcheck/scenarios/jsparse"
)

// program is the app's code as far as it was followed.
type program struct {
	dir     string
	modules map[string]*module
	order   []*module
	aliases []alias
	things  []*thing // all that are results of calls, as they were made
	classes []*class // that have decorators
	called  map[*js.BlockStmt]bool
	active  map[*js.BlockStmt]int
	steps   int
	depth   int

	port    Port
	envs    map[string]bool // variables of the environment that are read
	nest    nest
	unread  []string
	unknown []string
}

// module is one file.
type module struct {
	path   string
	file   *jsparse.File
	scope  *scope
	box    *object // has exports, which may be assigned as a whole
	places map[js.INode]int
}

const (
	maxSteps = 1_000_000 // expressions and calls that are worked out
	maxDepth = 1000      // of them within each other
	maxItems = 10_000    // of a list
	maxText  = 1 << 16   // of a string, in bytes
	maxNest  = 15        // of routers
	maxFiles = 2000
	maxBytes = 1 << 20 // of a file
)

func newProgram(dir string) *program {
	p := &program{
		dir: dir, modules: map[string]*module{}, called: map[*js.BlockStmt]bool{}, active: map[*js.BlockStmt]int{},
		envs: map[string]bool{},
	}
	p.aliases = aliasesIn(dir)
	return p
}

// step reports whether another expression may be worked out.
func (p *program) step() bool {
	p.steps++
	return p.steps <= maxSteps && p.depth <= maxDepth
}

// load runs a file once, and gives what it exports.
func (p *program) load(path string) value {
	path = existing(path)
	if path == "" {
		return nil
	}
	if m := p.modules[path]; m != nil {
		return m.box.fields["exports"]
	}
	if strings.HasSuffix(path, ".json") {
		return p.loadJSON(path)
	}
	if len(p.modules) >= maxFiles {
		return nil
	}
	source, err := os.ReadFile(path)
	if err != nil || len(source) > maxBytes {
		return nil
	}
	m := &module{path: path, box: &object{fields: map[string]value{"exports": &object{fields: map[string]value{}}}}}
	p.modules[path] = m
	if m.file, err = jsparse.Parse(path, source); err != nil {
		p.unread = append(p.unread, strings.TrimPrefix(err.Error(), "parse "+p.dir+"/"))
		return nil
	}
	p.order = append(p.order, m)
	m.places = map[js.INode]int{}
	m.file.Walk(func(n js.INode, at jsparse.Position) bool {
		switch n.(type) {
		case *js.CallExpr, *js.MethodDecl:
			m.places[n] = at.Line
		}
		return true
	})
	m.scope = inner(nil)
	m.scope.vars["module"], m.scope.vars["__dirname"], m.scope.vars["__filename"] = m.box, filepath.Dir(path), path
	f := &frame{p: p, m: m, scope: m.scope}
	f.hoist(m.file.AST.List)
	f.statements(m.file.AST.List)
	return m.box.fields["exports"]
}

func (m *module) lineOf(n js.INode) int { return m.places[n] }

// loadJSON gives the content of a JSON file, as configuration has.
func (p *program) loadJSON(path string) value {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return readObject(source)
}

func fromJSON(v any) value {
	switch v := v.(type) {
	case map[string]any:
		o := &object{fields: map[string]value{}}
		for k, item := range v {
			o.fields[k] = fromJSON(item)
		}
		return o
	case []any:
		a := &array{}
		for _, item := range v {
			a.items = append(a.items, fromJSON(item))
		}
		return a
	}
	return v
}

// existing is the file that an import of path means; "" for none.
func existing(path string) string {
	candidates := []string{path}
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	for ext, written := range map[string][]string{".js": {".ts", ".tsx"}, ".mjs": {".mts"}, ".cjs": {".cts"}, ".jsx": {".tsx"}} {
		if filepath.Ext(path) == ext {
			for _, w := range written {
				candidates = append(candidates, stem+w)
			}
		}
	}
	for _, ext := range append(slices.Clone(jsparse.Extensions), ".json") {
		candidates = append(candidates, path+ext)
	}
	for _, ext := range jsparse.Extensions {
		candidates = append(candidates, filepath.Join(path, "index"+ext))
	}
	for _, c := range candidates {
		if info, err := os.Stat(c); err == nil && info.Mode().IsRegular() && readable(filepath.Ext(c)) {
			return c
		}
	}
	return ""
}

// readable reports whether files with the extension are followed; those without
// one are scripts, as bin/www.
func readable(ext string) bool {
	return ext == "" || ext == ".json" || slices.Contains(jsparse.Extensions, ext)
}

// resolve gives what an import of name in m means: a file's exports, or a
// package.
func (p *program) resolve(m *module, name string) value {
	name = strings.TrimPrefix(name, "node:")
	if strings.HasPrefix(name, ".") || filepath.IsAbs(name) {
		path := name
		if !filepath.IsAbs(name) {
			path = filepath.Join(filepath.Dir(m.path), name)
		}
		return p.load(path)
	}
	for _, a := range p.aliases {
		for _, path := range a.paths(name) {
			if existing(path) != "" {
				return p.load(path)
			}
		}
	}
	if path := workspace(filepath.Dir(m.path), name); path != "" {
		return p.load(path)
	}
	return newThing(name)
}

// workspace is the entry of a package of the same repository, which is linked
// into node_modules.
func workspace(dir, name string) string {
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		link := filepath.Join(dir, "node_modules", name)
		if info, err := os.Lstat(link); err == nil {
			real, err := filepath.EvalSymlinks(link)
			if err != nil || info.Mode()&os.ModeSymlink == 0 || strings.Contains(real, "node_modules") {
				return ""
			}
			return entryOf(real)
		}
	}
	return ""
}

// entryOf is the source file of a package in folder dir.
func entryOf(dir string) string {
	var m struct{ Source, Main, Module, Types string }
	text, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil || json.Unmarshal(text, &m) != nil {
		return ""
	}
	for _, f := range []string{m.Source, "src/index", "index", m.Main, m.Module} {
		if f == "" {
			continue
		}
		if path := existing(filepath.Join(dir, f)); path != "" {
			return path
		}
	}
	return ""
}

// alias is one of the paths in tsconfig.json, or of the imports in package.json.
type alias struct {
	before, after string // around the star of the name
	star          bool
	targets       []string
}

func (a alias) paths(name string) []string {
	if !a.star {
		if name == a.before {
			return a.targets
		}
		return nil
	}
	rest, ok := strings.CutPrefix(name, a.before)
	rest, ok2 := strings.CutSuffix(rest, a.after)
	if !ok || !ok2 {
		return nil
	}
	var all []string
	for _, t := range a.targets {
		all = append(all, strings.Replace(t, "*", rest, 1))
	}
	return all
}

// aliasesIn reads the names that the app gives its own folders.
func aliasesIn(dir string) []alias {
	var all []alias
	for _, file := range []string{"tsconfig.json", "jsconfig.json"} {
		all = append(all, tsconfig(filepath.Join(dir, file), 0)...)
	}
	var m struct{ Imports map[string]any }
	if text, err := os.ReadFile(filepath.Join(dir, "package.json")); err == nil && json.Unmarshal(text, &m) == nil {
		for name, target := range m.Imports {
			if t, ok := target.(string); ok {
				all = append(all, newAlias(dir, name, []string{t}))
			}
		}
	}
	return all
}

func newAlias(base, name string, targets []string) alias {
	a := alias{}
	a.before, a.after, a.star = strings.Cut(name, "*")
	for _, t := range targets {
		a.targets = append(a.targets, filepath.Join(base, t))
	}
	return a
}

func tsconfig(path string, depth int) []alias {
	v := readJSONC(path)
	if v == nil || depth > 5 {
		return nil
	}
	var all []alias
	o := field(v, "compilerOptions")
	base := filepath.Dir(path)
	if b, ok := field(o, "baseUrl").(string); ok {
		base = filepath.Join(base, b)
		all = append(all, alias{star: true, targets: []string{filepath.Join(base, "*")}})
	}
	if paths, ok := field(o, "paths").(*object); ok {
		for name, targets := range paths.fields {
			all = append(all, newAlias(base, name, texts(targets)))
		}
	}
	if parent, ok := field(v, "extends").(string); ok && strings.HasPrefix(parent, ".") {
		if filepath.Ext(parent) == "" {
			parent += ".json"
		}
		all = append(all, tsconfig(filepath.Join(filepath.Dir(path), parent), depth+1)...)
	}
	return all
}

// readJSONC reads JSON with comments, as tsconfig.json is: an expression of
// JavaScript.
func readJSONC(path string) value {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	file, err := jsparse.Parse("tsconfig.js", append([]byte("module.exports = "), text...))
	if err != nil {
		return nil
	}
	p := newEmptyProgram()
	m := &module{file: file, scope: inner(nil), box: &object{fields: map[string]value{}}}
	m.scope.vars["module"] = m.box
	(&frame{p: p, m: m, scope: m.scope}).statements(file.AST.List)
	return m.box.fields["exports"]
}

// readObject reads JSON.
func readObject(source []byte) value {
	var v any
	if json.Unmarshal(source, &v) != nil {
		return nil
	}
	return fromJSON(v)
}

func newEmptyProgram() *program {
	return &program{modules: map[string]*module{}, called: map[*js.BlockStmt]bool{}, active: map[*js.BlockStmt]int{}, envs: map[string]bool{}}
}
