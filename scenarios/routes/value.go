package routes

import (
	"strings"

	"github.com/tdewolff/parse/v2/js"
)

// value is what is known of an expression: a string, a float64, a bool, or one
// of the types below. nil is nothing.
type value any

// object is an object of the app's own, or what a class of it made.
type object struct {
	fields map[string]value
	class  *class
}

// array is a list.
type array struct{ items []value }

// function is one of the app's, which can be called.
type function struct {
	module *module
	params *js.Params
	body   *js.BlockStmt
	scope  *scope
	this   value
	fields map[string]value
}

// class is one of the app's.
type class struct {
	decl    *js.ClassDecl
	module  *module
	scope   *scope
	parent  value
	statics map[string]value
	// decorators of the class, and of its methods by name.
	decorators []value
	methods    map[string][]value
}

// variable is what the environment says, or else the fallback.
type variable struct {
	name     string
	fallback value
}

// thing comes from outside: a package, what is called on one, or a parameter of
// which nothing is known. Any may turn out to be a router.
type thing struct {
	name   string // of the package or variable
	member string // that it is of its owner
	owner  *thing // whose member or result it is
	args   []value
	made   bool // it is the result of a call
	fields map[string]value

	prefix string
	chain  bool // its verbs take no path: router.route("/x").get(handler)
	routes []Route
	mounts []mount
	inside bool // it was mounted
}

type mount struct {
	prefix string
	child  *thing
}

func newThing(name string) *thing { return &thing{name: name, fields: map[string]value{}} }

// get is a member of t, the same one each time.
func (t *thing) get(member string) value {
	if v, ok := t.fields[member]; ok {
		return v
	}
	child := newThing(t.name)
	child.owner, child.member = t, member
	t.fields[member] = child
	return child
}

// mount puts child below t.
func (t *thing) mount(prefix string, child *thing) {
	if child == t || child.inside && child.chain {
		return
	}
	child.inside = true
	t.mounts = append(t.mounts, mount{prefix, child})
}

// below is a new router that is mounted on t.
func (t *thing) below(prefix string) *thing {
	child := newThing(t.name)
	child.made = true
	t.mount(prefix, child)
	return child
}

// text is a value as a string; a variable counts as its fallback.
func text(v value) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case variable:
		return text(v.fallback)
	}
	return "", false
}

// texts are the strings of a string or of a list.
func texts(v value) []string {
	if a, ok := v.(*array); ok {
		var all []string
		for _, item := range a.items {
			if s, ok := text(item); ok {
				all = append(all, s)
			}
		}
		return all
	}
	if s, ok := text(v); ok {
		return []string{s}
	}
	return nil
}

// field is a member of an object that is known to have it.
func field(v value, name string) value {
	if o, ok := v.(*object); ok {
		return o.fields[name]
	}
	return nil
}

// scope holds variables; blocks share that of their function.
type scope struct {
	vars   map[string]value
	parent *scope
}

func (s *scope) lookup(name string) (value, bool) {
	for ; s != nil; s = s.parent {
		if v, ok := s.vars[name]; ok {
			return v, true
		}
	}
	return nil, false
}

// assign sets a variable where it is declared, else here.
func (s *scope) assign(name string, v value) {
	for at := s; at != nil; at = at.parent {
		if _, ok := at.vars[name]; ok {
			at.vars[name] = v
			return
		}
	}
	s.vars[name] = v
}

func inner(parent *scope) *scope { return &scope{vars: map[string]value{}, parent: parent} }

// fromPackage reports whether v comes from a package whose name has one of the
// words in it.
func fromPackage(v value, words ...string) bool {
	t, ok := v.(*thing)
	if !ok {
		return false
	}
	for _, w := range words {
		if strings.Contains(t.name, w) {
			return true
		}
	}
	return false
}
