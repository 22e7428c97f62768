package scenarios

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// decoder fills a Scenario from a YAML document. It goes on after a problem,
// and remembers where each value stood.
type decoder struct {
	positions
	dir      string // absolute, of the file
	anchors  map[string]ast.Node
	problems Problems
}

func newDecoder(file, dir string, src []byte) *decoder {
	return &decoder{
		positions: positions{
			file:   file,
			lines:  splitLines(strings.TrimPrefix(string(src), "\uFEFF")),
			places: map[string]place{},
			keys:   map[string]place{},
		},
		dir:     dir,
		anchors: map[string]ast.Node{},
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
	case reflect.Map:
		d.named(n, path, v)
	default:
		d.scalar(n, path, v.Addr().Interface())
	}
}

// misspelt keeps the key that was meant from being called missing as well.
func (d *decoder) misspelt(path, key string, at place) {
	if child := join(path, key); key != "" && !d.has(child) {
		d.places[child] = place{at.line, at.col, true}
	}
}

// renamedKeys are keys of run that files of before have, and their names of now.
var renamedKeys = map[string]string{"pass_time": "advance_clock"}

// object decodes a mapping whose keys are v's json tags.
func (d *decoder) object(n ast.Node, path string, v reflect.Value) {
	fields := fieldsOf(v.Type())
	d.each(n, path, func(key string, at place, value ast.Node) {
		if now, ok := renamedKeys[key]; ok && path == "run" {
			if d.has(join(path, now)) {
				d.add(at.line, at.col, "use "+now+" alone", "%s is the old name of %s", key, now)
			}
			key = now
		}
		i, ok := fields.index[key]
		if !ok {
			d.add(at.line, at.col, suggest(key, fields.names), "unknown key %s", quote(key))
			d.misspelt(path, meant(key, fields.names), at)
			return
		}
		child := join(path, key)
		if isNull(value) {
			d.places[child] = place{at.line, at.col, true}
			d.add(at.line, at.col, "", "%s has no value", key)
			return
		}
		d.value(value, child, v.FieldByIndex(i))
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

// named decodes a mapping from names that the user chose to mappings.
func (d *decoder) named(n ast.Node, path string, v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	d.each(n, path, func(key string, at place, value ast.Node) {
		child := join(path, key)
		one := reflect.New(v.Type().Elem()).Elem()
		d.value(value, child, one)
		d.keys[child] = at
		v.SetMapIndex(reflect.ValueOf(key), one)
	})
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

func (d *decoder) add(line, col int, hint, format string, args ...any) {
	p := d.problem(place{line: line, col: col}, fmt.Sprintf(format, args...))
	p.Hint = hint
	d.problems = append(d.problems, p)
}
