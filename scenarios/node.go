package scenarios

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// start is where n begins: a mapping at its first key or its brace, which is
// not where the parser puts it.
func start(n ast.Node) (line, col int) {
	switch t := n.(type) {
	case *ast.MappingNode:
		if !t.IsFlowStyle && len(t.Values) > 0 {
			return start(t.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return start(t.Key)
	}
	if n == nil || reflect.ValueOf(n).IsNil() || n.GetToken() == nil || n.GetToken().Position == nil {
		return 1, 1
	}
	at := n.GetToken().Position
	return max(at.Line, 1), max(at.Column, 1)
}

// keyText is the text of a mapping's key, as written.
func keyText(n ast.MapKeyNode) (string, bool) {
	switch t := n.(type) {
	case *ast.MergeKeyNode:
		return "", false
	case *ast.MappingKeyNode:
		return scalarText(t.Value)
	}
	return scalarText(n)
}

// scalarText is the text of a scalar: unquoted, and a number as written, so
// that 0010 and 1.10 keep their zeros.
func scalarText(n ast.Node) (string, bool) {
	switch t := n.(type) {
	case *ast.StringNode:
		return t.Value, true
	case *ast.LiteralNode:
		return t.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func isNull(n ast.Node) bool {
	_, null := n.(*ast.NullNode)
	return null || n == nil
}

// describe names what n is, for "want a list, got text".
func describe(n ast.Node) string {
	switch n.(type) {
	case ast.MapNode:
		return "keys and values"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "the number " + quote(n.GetToken().Value)
	case *ast.BoolNode:
		return "true or false"
	case *ast.NullNode:
		return "nothing"
	}
	return "something else"
}

// fieldSet is the keys of a struct, from its json tags.
type fieldSet struct {
	names []string
	index map[string][]int // for reflect's FieldByIndex
}

func fieldsOf(t reflect.Type) fieldSet {
	fs := fieldSet{index: map[string][]int{}}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && !f.Anonymous && name != "-" {
			fs.names = append(fs.names, name)
			fs.index[name] = f.Index
		}
	}
	return fs
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// label is the last key of a path, as the beginning of a message about it.
func label(path string) string {
	key, _, _ := strings.Cut(path[strings.LastIndexByte(path, '.')+1:], "[")
	if key == "" {
		return ""
	}
	return key + ": "
}

// quote shows a piece of the file, cut short.
func quote(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "..."
	}
	return strconv.Quote(s)
}
