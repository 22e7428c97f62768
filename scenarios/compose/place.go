package compose

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/leakcheck/leakcheck/scenarios"
)

// problem is what is wrong at a path of keys, or at what holds it. What another
// file brings in, by extends or include, has no place here.
func (f *file) problem(path []string, message, hint string) scenarios.Problem {
	p := scenarios.Problem{File: f.name, Message: message, Hint: hint}
	p.Line, p.Col = f.place(path)
	return f.withSource(p)
}

func (f *file) withSource(p scenarios.Problem) scenarios.Problem {
	if p.Line > 0 && p.Line <= len(f.lines) {
		p.Source = f.lines[p.Line-1]
	}
	return p
}

// place is where the last key of a path stands that the file has; 0 when it has
// none, or only the heading of its section.
func (f *file) place(path []string) (line, col int) {
	node := f.root
	for k, key := range path {
		value, at := child(node, key)
		if at == nil {
			break
		}
		if k > 0 || len(path) == 1 {
			line, col = at.GetToken().Position.Line, at.GetToken().Position.Column
		}
		node = value
	}
	return line, col
}

// child is the value of a mapping's key or a sequence's entry, and the node
// where it begins.
func child(n ast.Node, key string) (value, at ast.Node) {
	switch t := n.(type) {
	case ast.MapNode:
		for it := t.MapRange(); it.Next(); {
			if it.Key().GetToken() != nil && it.Key().GetToken().Value == key {
				return it.Value(), it.Key()
			}
		}
	case *ast.SequenceNode:
		if i, err := strconv.Atoi(key); err == nil && i < len(t.Values) {
			return t.Values[i], t.Values[i]
		}
		for _, entry := range t.Values { // a list may stand for a mapping
			if entry.GetToken() != nil && entry.GetToken().Value == key {
				return nil, entry
			}
		}
	case *ast.AnchorNode:
		return child(t.Value, key)
	}
	return nil, nil
}

// What the loader's messages say of places.
var (
	validating = regexp.MustCompile(`^(?:validating|failed to parse) \S+: `)
	dottedPath = regexp.MustCompile(`\b(?:services|volumes|networks|secrets|configs)\.[\w.\[\]-]+`)
	serviceOf  = regexp.MustCompile(`\bservice "?([\w.-]+)"?`)
	unknownKey = regexp.MustCompile(`additional properties '([^']+)'`)
)

// problemOf places an error of the loader by what it says.
func (f *file) problemOf(err error) scenarios.Problem {
	message := strings.TrimSuffix(validating.ReplaceAllString(err.Error(), ""), ": invalid compose project")
	if f.syntax != nil && f.syntax.GetToken() != nil {
		at := f.syntax.GetToken().Position
		return f.withSource(scenarios.Problem{File: f.name, Message: "not YAML: " + f.syntax.GetMessage(), Line: at.Line, Col: at.Column})
	}
	var path []string
	if text := dottedPath.FindString(message); text != "" {
		path = strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(".[]", r) })
	} else if m := serviceOf.FindStringSubmatch(message); m != nil {
		path = []string{"services", m[1]}
	}
	if m := unknownKey.FindStringSubmatch(message); m != nil {
		path = append(path, m[1])
	}
	return f.problem(path, message, "docker compose config must read it too")
}
