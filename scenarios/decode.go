package scenarios

import (
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// decoder fills a Scenario from a YAML document. It goes on after a problem,
// and remembers where each value stood, by its path: "endpoints[2].rate".
type decoder struct {
	file     string
	dir      string // absolute, of the file
	lines    []string
	anchors  map[string]ast.Node
	places   map[string]place
	keys     map[string]place // of names that the user chose: headers, variables
	problems Problems
}

// place is where a value stands. bad says that it was not understood, and that
// nothing more is to be said of it.
type place struct {
	line, col int
	bad       bool
}

func placeOf(n ast.Node) place {
	line, col := start(n)
	return place{line: line, col: col}
}

func newDecoder(file, dir string, src []byte) *decoder {
	return &decoder{
		file:    file,
		dir:     dir,
		lines:   splitLines(strings.TrimPrefix(string(src), "\uFEFF")),
		anchors: map[string]ast.Node{},
		places:  map[string]place{},
		keys:    map[string]place{},
	}
}

// root decodes the whole document.
func (d *decoder) root(n ast.Node, s *Scenario) {
	ast.Walk(anchorVisitor(d.anchors), n)
	d.value(n, "", reflect.ValueOf(s).Elem())
}

// anchorVisitor collects the anchors of a document, for their aliases.
type anchorVisitor map[string]ast.Node

func (v anchorVisitor) Visit(n ast.Node) ast.Visitor {
	if a, ok := n.(*ast.AnchorNode); ok && a.Name != nil {
		v[a.Name.GetToken().Value] = a.Value
	}
	return v
}

// value decodes n into v, which decides what n has to be.
func (d *decoder) value(n ast.Node, path string, v reflect.Value) {
	d.places[path] = placeOf(n)
	n = d.resolve(n, path)
	if n == nil {
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch dst := v.Addr().Interface().(type) {
	case *[]string:
		d.texts(n, path, dst)
	case *map[string]string:
		d.textMap(n, path, dst)
	case *Expect:
		d.expect(n, path, dst)
	case *time.Time:
		d.scalar(n, path, dst)
	default:
		d.composite(n, path, v)
	}
}

func (d *decoder) composite(n ast.Node, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		d.object(n, path, v)
	case reflect.Slice:
		d.list(n, path, v)
	default:
		d.scalar(n, path, v.Addr().Interface())
	}
}

// object decodes a mapping whose keys are v's json tags.
func (d *decoder) object(n ast.Node, path string, v reflect.Value) {
	fields := fieldsOf(v.Type())
	d.each(n, path, func(key string, at place, value ast.Node) {
		i, ok := fields.index[key]
		if !ok {
			d.add(at.line, at.col, suggest(key, fields.names), "unknown key %s", quote(key))
			return
		}
		child := join(path, key)
		if isNull(value) {
			d.places[child] = place{at.line, at.col, true}
			d.add(at.line, at.col, "", "%s has no value", key)
			return
		}
		d.value(value, child, v.Field(i))
	})
}

// each calls f for the mapping's keys, each once.
func (d *decoder) each(n ast.Node, path string, f func(key string, at place, value ast.Node)) {
	m, ok := n.(ast.MapNode)
	if !ok {
		d.wrong(path, n, "keys and values", "")
		return
	}
	first := map[string]int{}
	for it := m.MapRange(); it.Next(); {
		line, col := start(it.Key())
		key, ok := keyText(it.Key())
		switch {
		case !ok:
			d.add(line, col, "", "a key that is not plain text")
		case first[key] > 0:
			d.add(line, col, fmt.Sprintf("first on line %d", first[key]), "key %s given twice", quote(key))
		default:
			first[key] = line
			f(key, place{line: line, col: col}, it.Value())
		}
	}
}

// list decodes a sequence of mappings.
func (d *decoder) list(n ast.Node, path string, v reflect.Value) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.wrong(path, n, "a list", "begin each entry with a dash")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values)))
	for i, entry := range seq.Values {
		d.value(entry, fmt.Sprintf("%s[%d]", path, i), v.Index(i))
	}
}

// resolve follows aliases to what they stand for, or reports and returns nil.
func (d *decoder) resolve(n ast.Node, path string) ast.Node {
	const maxHops = 8
	for range maxHops {
		switch t := n.(type) {
		case *ast.AnchorNode:
			n = t.Value
		case *ast.AliasNode:
			name := t.Value.GetToken().Value
			if n = d.anchors[name]; n == nil {
				d.fail(path, "", "*%s refers to no anchor", name)
				return nil
			}
			d.places[path] = placeOf(n)
		case *ast.TagNode:
			d.fail(path, "leave the tag away", "YAML tags are not used in scenarios")
			return nil
		case nil:
			d.fail(path, "", "an anchor without a value")
			return nil
		default:
			return n
		}
	}
	d.fail(path, "", "this refers to itself")
	return nil
}

// fail reports a problem of the value at path, and marks it as not understood.
func (d *decoder) fail(path, hint, format string, args ...any) {
	at := d.nearest(path)
	d.add(at.line, at.col, hint, format, args...)
	at.bad = true
	d.places[path] = at
}

// wrong reports a value of the wrong type.
func (d *decoder) wrong(path string, n ast.Node, want, hint string) {
	d.fail(path, hint, "%swant %s, got %s", label(path), want, describe(n))
}

// failKey is fail, with the place of the name instead of its value's.
func (d *decoder) failKey(path, hint, format string, args ...any) {
	at := d.keys[path]
	d.add(at.line, at.col, hint, format, args...)
	at = d.nearest(path)
	at.bad = true
	d.places[path] = at
}

// maxMessage bounds what one problem says, in bytes: it may quote the file.
const maxMessage = 400

func (d *decoder) add(line, col int, hint, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if len(message) > maxMessage {
		cut := maxMessage
		for !utf8.RuneStart(message[cut]) {
			cut--
		}
		message = message[:cut] + "..."
	}
	d.problems = append(d.problems, Problem{
		File: d.file, Line: line, Col: col, Message: message, Hint: hint, Source: d.line(line),
	})
}

// has says that the file gives a value at path, understood or not.
func (d *decoder) has(path string) bool {
	_, ok := d.places[path]
	return ok
}

// good says that the file gives a value at path which was understood.
func (d *decoder) good(path string) bool {
	at, ok := d.places[path]
	return ok && !at.bad
}

// nearest is the place of path, or of what holds it.
func (d *decoder) nearest(path string) place {
	for {
		if at, ok := d.places[path]; ok {
			return at
		}
		if path == "" {
			return place{line: 1, col: 1}
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
}

func (d *decoder) line(n int) string {
	if n < 1 || n > len(d.lines) {
		return ""
	}
	return d.lines[n-1]
}

func splitLines(src string) []string {
	lines := strings.Split(src, "\n")
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], "\r")
	}
	return lines
}
