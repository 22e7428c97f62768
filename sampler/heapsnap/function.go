package heapsnap

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Function is a function of the program and where its source is.
type Function struct {
	Name   string // "" when it has none
	Script string // path or URL, as the program was loaded; "" when not known
	Line   int    // from 1; 0 when not known
	Column int    // from 1; 0 when not known
}

// String is "onData (app.js:25)".
func (f Function) String() string {
	name := f.Name
	if name == "" {
		name = "(anonymous)"
	}
	if place := f.Place(); place != "" {
		return name + " (" + place + ")"
	}
	return name
}

// Place is "app.js:25", the last part of the script's path with the line.
func (f Function) Place() string {
	file := f.File()
	if file != "" && f.Line > 0 {
		return fmt.Sprintf("%s:%d", file, f.Line)
	}
	return file
}

// File is the last part of the script's path.
func (f Function) File() string {
	if f.Script == "" {
		return ""
	}
	return path.Base(strings.ReplaceAll(f.Script, `\`, "/"))
}

// Function describes a closure; false when the node is none.
func (s *Snapshot) Function(n Node) (Function, bool) {
	if s.Type(n) != Closure {
		return Function{}, false
	}
	f := Function{Name: s.Name(n)}
	if shared, ok := s.internal(n, "shared"); ok {
		f.Script = s.script(shared)
	}
	if at, ok := s.Location(n); ok {
		f.Line, f.Column = int(at.Line)+1, int(at.Column)+1
	}
	return f, true
}

// Scripts are the scripts of all functions, each once, in order.
func (s *Snapshot) Scripts() []string {
	seen := map[string]bool{}
	for shared := range s.scopes().closure {
		seen[s.script(shared)] = true
	}
	delete(seen, "")
	return slices.Sorted(maps.Keys(seen))
}

// ScopeOf is the function whose call made a scope: its variables are those that
// functions defined in it have captured. module says that it is the scope of a
// whole file: then the function has no name, and no line.
func (s *Snapshot) ScopeOf(context Node) (f Function, module bool) {
	x := s.scopes()
	scope, _ := s.internal(context, "scope_info")
	if previous, ok := s.internal(context, "previous"); ok {
		module = s.nodes.name[previous] == s.known.of("system / NativeContext")
	}
	shared, known := x.owner[scope]
	if !known {
		f.Script = x.script[scope]
		return f, module
	}
	if module {
		return Function{Script: s.script(shared)}, true
	}
	if closure, ok := x.closure[shared]; ok {
		f, _ = s.Function(closure)
		return f, false
	}
	return Function{Name: s.Name(shared), Script: s.script(shared)}, false
}

// script is the name of the script of a function's shared part.
func (s *Snapshot) script(shared Node) string {
	script, ok := s.internal(shared, "script")
	if !ok {
		script, ok = s.internal(shared, "script_or_debug_info") // Node 20
	}
	if !ok {
		return ""
	}
	if name, ok := s.internal(script, "name"); ok && s.Type(name) == String {
		return s.Name(name)
	}
	return ""
}

// internal is the node that an internal edge of some name leads to.
func (s *Snapshot) internal(n Node, name string) (Node, bool) {
	want := s.known.of(name)
	for i := s.nodes.edges[n]; i < s.nodes.edges[n+1]; i++ {
		if s.edges.name[i] == want && EdgeType(s.edges.link[i]&7) == InternalEdge {
			return Node(s.edges.link[i] >> 3), true
		}
	}
	return 0, false
}

// scopes tell the functions that scopes belong to, by V8's description of the
// scope (the ScopeInfo).
type scopes struct {
	owner   map[Node]Node   // the shared part of the scope's function
	closure map[Node]Node   // by a shared part: one of its closures
	script  map[Node]string // that of functions defined in the scope
}

func (s *Snapshot) scopes() *scopes {
	return s.derived.scopes.get(func() *scopes {
		x := &scopes{map[Node]Node{}, map[Node]Node{}, map[Node]string{}}
		for n := range s.Nodes() {
			switch s.Type(n) {
			case Code:
				if scope, ok := s.internal(n, "name_or_scope_info"); ok && s.Type(scope) == Code {
					x.owner[scope] = n
				}
			case Closure:
				x.add(s, n)
			}
		}
		return x
	})
}

func (x *scopes) add(s *Snapshot, closure Node) {
	shared, ok := s.internal(closure, "shared")
	if !ok {
		return
	}
	if _, known := x.closure[shared]; !known {
		x.closure[shared] = closure
	}
	context, ok := s.internal(closure, "context")
	if !ok {
		return
	}
	if scope, ok := s.internal(context, "scope_info"); ok {
		if _, known := x.script[scope]; !known {
			x.script[scope] = s.script(shared)
		}
	}
}
