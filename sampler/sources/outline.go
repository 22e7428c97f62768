package sources

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tdewolff/parse/v2/js"

	"github.com/leakcheck/leakcheck/scenarios/jsparse"
)

// function is one that a file has, and what is declared in it.
type function struct {
	name   string // "" when it has none
	parent *function
	// head is where its first word stands, and last the line of its last one.
	head jsparse.Position
	last int
	// own are its variables and parameters: true for one that begins with something
	// which the function itself makes.
	own map[string]bool
}

// outline lists the functions of a file in the order of the source. It is empty
// for what is no JavaScript or TypeScript.
func (f *file) outline() []*function {
	if f.outlined || f.lines == nil {
		return f.functions
	}
	f.outlined = true
	parsed, err := jsparse.Parse(f.path, []byte(strings.Join(f.lines, "\n")))
	if err != nil {
		return nil
	}
	o := &outliner{file: f, places: map[js.INode]jsparse.Position{}, names: map[js.INode]string{}}
	parsed.Walk(func(n js.INode, at jsparse.Position) bool {
		if _, shared := n.(*js.Var); !shared { // by all of its uses
			o.places[n] = at
		}
		return true
	})
	js.Walk(o, parsed.AST)
	slices.SortStableFunc(f.functions, func(a, b *function) int { return before(a.head, b.head) })
	return f.functions
}

func before(a, b jsparse.Position) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// outliner walks a syntax tree.
type outliner struct {
	*file
	places map[js.INode]jsparse.Position
	names  map[js.INode]string // that a function without a name is given where it stands
	within *function
}

// Enter notes a function, what it declares and how far it goes.
func (o *outliner) Enter(n js.INode) js.IVisitor {
	at, placed := o.places[n]
	for fn := o.within; placed && fn != nil; fn = fn.parent {
		fn.last = max(fn.last, at.Line)
	}
	switch n := n.(type) {
	case *js.FuncDecl:
		name := o.names[n]
		if n.Name != nil {
			name = string(n.Name.Name())
		}
		o.begin(name, at, &n.Params)
	case *js.MethodDecl:
		o.begin(n.Name.String(), at, &n.Params)
	case *js.ArrowFunc:
		o.begin(o.names[n], at, &n.Params)
	case *js.VarDecl:
		for i := range n.List {
			o.declare(n.List[i].Binding, n.List[i].Default)
		}
	case *js.BinaryExpr:
		if n.Op == js.EqToken {
			o.call(n.Y, lastName(n.X))
		}
	case *js.Property:
		if n.Name != nil {
			o.call(n.Value, n.Name.String())
		}
	case *js.ClassElement:
		o.call(n.Init, n.Name.String())
	}
	return o
}

// Exit leaves a function.
func (o *outliner) Exit(n js.INode) {
	switch n.(type) {
	case *js.FuncDecl, *js.MethodDecl, *js.ArrowFunc:
		o.within = o.within.parent
	}
}

func (o *outliner) begin(name string, at jsparse.Position, params *js.Params) {
	fn := &function{name: name, parent: o.within, head: at, last: at.Line, own: map[string]bool{}}
	o.functions = append(o.functions, fn)
	o.within = fn
	for i := range params.List {
		o.declare(params.List[i].Binding, nil)
	}
	o.declare(params.Rest, nil)
}

// call names a function by what it is assigned to.
func (o *outliner) call(value js.IExpr, name string) {
	switch value := value.(type) {
	case *js.FuncDecl, *js.ArrowFunc:
		o.names[value.(js.INode)] = name
	}
}

// declare notes the variables of a binding.
func (o *outliner) declare(b js.IBinding, value js.IExpr) {
	switch b := b.(type) {
	case *js.Var:
		name := string(b.Name())
		o.call(value, name)
		if o.within != nil {
			o.within.own[name] = o.within.own[name] || makes(value)
		}
	case *js.BindingArray:
		for i := range b.List {
			o.declare(b.List[i].Binding, nil)
		}
		o.declare(b.Rest, nil)
	case *js.BindingObject:
		for i := range b.List {
			o.declare(b.List[i].Value.Binding, nil)
		}
		if b.Rest != nil {
			o.declare(b.Rest, nil)
		}
	}
}

// makes reports whether an expression is something new, and not a reference to
// what is there.
func makes(value js.IExpr) bool {
	switch value := value.(type) {
	case *js.ArrayExpr, *js.ObjectExpr, *js.NewExpr:
		return true
	case *js.CallExpr: // Object.create(null), Object.assign({}, defaults)
		dot, ok := value.X.(*js.DotExpr)
		return ok && lastName(dot.X) == "Object"
	case *js.GroupExpr:
		return makes(value.X)
	}
	return false
}

// lastName is "b" of a.b, and "a" of a.
func lastName(e js.IExpr) string {
	switch e := e.(type) {
	case *js.Var:
		return string(e.Name())
	case *js.DotExpr:
		return string(e.Y.Data)
	}
	return ""
}

// around is the innermost function that a line belongs to; nil for none.
func (f *file) around(n int) *function {
	var found *function
	for _, fn := range f.outline() {
		if fn.head.Line <= n && n <= fn.last {
			found = fn // what comes later is within, or next to it
		}
	}
	return found
}

// begins is the function that V8 says to begin at a place, which is where its
// parameters do; nil when there is none. A column of 0 is the line's first.
func (f *file) begins(line, column int) *function {
	for _, fn := range f.outline() {
		head := fn.head
		head.Column += len(fn.name)
		if before(head, jsparse.Position{Line: line, Column: column}) >= 0 {
			return fn
		}
	}
	return nil
}

// made reports whether what line n calls name is new in each call of fn: a
// variable of fn, or of a function within it, that begins with something made
// there. With any, it is enough that the variable is theirs.
func (fn *function) made(f *file, n int, name string, any bool) bool {
	for at := f.around(n); at != nil; at = at.parent {
		if fresh, own := at.own[name]; own {
			return fresh || any
		}
		if at == fn {
			return false
		}
	}
	return false
}
