package jsparse

import (
	"bytes"
	"reflect"
	"sort"

	"github.com/tdewolff/parse/v2/js"
)

// node is one of the tree, with the offset of its first word in the code, and
// the index of the first node after those within it.
type node struct {
	js.INode
	start, end int
}

// orderer lists nodes in the order of the source. The tree does not say where
// they stand: a word of it is the next such word in the code, as nothing but
// punctuation and keywords is between the words of a tree.
type orderer struct {
	code  []byte
	at    int // the end of the last word
	nodes []node
}

func order(ast *js.AST, code []byte) []node {
	o := &orderer{code: code}
	o.visit(reflect.ValueOf(ast))
	return o.nodes
}

var scopeType = reflect.TypeFor[js.Scope]()

// visit lists v and what is in it. The fields of a node stand in the order of
// the source.
func (o *orderer) visit(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		o.visit(v.Elem())
	case reflect.Pointer:
		if !v.IsNil() {
			o.visit(v.Elem())
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			o.word(v.Bytes())
			return
		}
		for i := range v.Len() {
			o.visit(v.Index(i))
		}
	case reflect.Struct:
		if n, ok := v.Addr().Interface().(js.INode); ok && v.Type() != scopeType {
			o.node(n, v)
		} else if v.Type() != scopeType {
			o.fields(v)
		}
	}
}

func (o *orderer) node(n js.INode, v reflect.Value) {
	i, before := len(o.nodes), o.at
	o.nodes = append(o.nodes, node{INode: n, start: -1})
	switch n := n.(type) {
	case *js.Var:
		o.word(n.Name())
	case *js.Property:
		if !shorthand(n) {
			o.visit(reflect.ValueOf(n.Name))
		}
		o.visit(reflect.ValueOf(&n.Value))
		o.visit(reflect.ValueOf(&n.Init))
	case *js.BindingObjectItem:
		v, _ := n.Value.Binding.(*js.Var)
		if n.Key != nil && (v == nil || !n.Key.IsIdent(v.Name())) {
			o.visit(reflect.ValueOf(n.Key))
		}
		o.visit(reflect.ValueOf(&n.Value))
	case *js.ClassElement:
		o.element(n)
	case *js.DoWhileStmt:
		o.visit(reflect.ValueOf(&n.Body))
		o.visit(reflect.ValueOf(&n.Cond))
	default:
		o.fields(v)
	}
	o.nodes[i].end = len(o.nodes)
	if o.nodes[i].start < 0 {
		o.nodes[i].start = before // a node without a word, as {}
	}
}

// element visits the one of three that an element of a class is.
func (o *orderer) element(n *js.ClassElement) {
	switch {
	case n.StaticBlock != nil:
		o.visit(reflect.ValueOf(n.StaticBlock))
	case n.Method != nil:
		o.visit(reflect.ValueOf(n.Method))
	default:
		o.visit(reflect.ValueOf(&n.Field))
	}
}

func (o *orderer) fields(v reflect.Value) {
	for i := range v.NumField() {
		o.visit(v.Field(i))
	}
}

// word finds the next such word, and begins the nodes there that have had none
// before it.
func (o *orderer) word(text []byte) {
	start := o.find(text)
	if start < 0 {
		return
	}
	for i := len(o.nodes) - 1; i >= 0 && (o.nodes[i].end > 0 || o.nodes[i].start < 0); i-- {
		if o.nodes[i].end == 0 {
			o.nodes[i].start = start
		}
	}
	o.at = start + len(text)
}

// find is where the next such word begins; -1 for none.
func (o *orderer) find(text []byte) int {
	if len(text) == 0 {
		return -1
	}
	for from := o.at; ; {
		i := bytes.Index(o.code[from:], text)
		if i < 0 {
			return -1
		}
		start, end := from+i, from+i+len(text)
		cut := js.IsIdentifierEnd(o.code[:start]) && js.IsIdentifierStart(text) ||
			js.IsIdentifierEnd(text) && js.IsIdentifierContinue(o.code[end:])
		if !cut {
			return start
		}
		from = start + 1
	}
}

// shorthand reports whether a property is {a}, whose name is its value.
func shorthand(p *js.Property) bool {
	v, ok := p.Value.(*js.Var)
	return ok && p.Name != nil && p.Name.IsIdent(v.Name())
}

// position is the place in the source of an offset in the code.
func (f *File) position(offset int) Position {
	if f.mapping == nil {
		return Position{1, 1}
	}
	line := sort.SearchInts(f.lines, offset+1)
	_, _, l, c, ok := f.mapping.Source(line+f.added, offset-f.lines[line-1])
	if !ok {
		return Position{1, 1}
	}
	return Position{l, c + 1}
}
