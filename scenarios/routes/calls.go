package routes

import (
	"path/filepath"
	"strings"

	"github.com/tdewolff/parse/v2/js"
)

func (f *frame) arguments(list *js.Args) []value {
	var all []value
	for _, a := range list.List {
		v := f.eval(a.Value)
		if a.Rest {
			all = append(all, items(v)...)
			continue
		}
		all = append(all, v)
	}
	return all
}

// site is a call in the code.
type site struct {
	file string
	line int
}

func (f *frame) call(e *js.CallExpr) value {
	at := site{f.m.path, f.m.places[e]}
	if l, ok := e.X.(*js.LiteralExpr); ok && string(l.Data) == "import" {
		return f.require(e)
	}
	if v, ok := e.X.(*js.Var); ok {
		switch string(v.Name()) {
		case "require":
			return f.require(e)
		case "__decorateClass":
			return f.decorate(f.arguments(&e.Args))
		case "__decorateParam":
			return nil
		}
	}
	if s, ok := e.X.(*js.LiteralExpr); ok && string(s.Data) == "super" {
		return f.callSuper(f.arguments(&e.Args))
	}
	if d, ok := e.X.(*js.DotExpr); ok {
		return f.callMethod(f.eval(d.X), string(d.Y.Data), f.arguments(&e.Args), at)
	}
	if i, ok := e.X.(*js.IndexExpr); ok {
		owner := f.eval(i.X)
		if name, ok := text(f.eval(i.Y)); ok {
			return f.callMethod(owner, name, f.arguments(&e.Args), at)
		}
	}
	return f.apply(f.eval(e.X), f.arguments(&e.Args))
}

// require is the module that require or import names. Of a name that is worked
// out at run time nothing is known.
func (f *frame) require(e *js.CallExpr) value {
	args := f.arguments(&e.Args)
	if len(args) == 0 {
		return nil
	}
	if name, ok := text(args[0]); ok {
		return f.p.resolve(f.m, name)
	}
	return newThing("import")
}

// callSuper runs the constructor of the class above.
func (f *frame) callSuper(args []value) value {
	this, _ := f.name("this").(*object)
	own, _ := f.scope.lookup(" class")
	if c, ok := own.(*class); ok && this != nil {
		if parent, ok := c.parent.(*class); ok {
			f.p.initialize(parent, this, args)
		}
	}
	return nil
}

// apply calls a value that is no method.
func (f *frame) apply(callee value, args []value) value {
	switch c := callee.(type) {
	case *function:
		return f.p.invoke(c, args)
	case *thing:
		return f.outside(c, args)
	}
	f.callbacks(args)
	return nil
}

// outside calls what is not the app's: what it makes may be a router.
func (f *frame) outside(c *thing, args []value) value {
	switch c.name {
	case "global Number", "global parseInt", "global String", "global Object":
		if len(args) > 0 {
			return args[0]
		}
	case "path":
		return joinedPath(c.member, args)
	case "url", "global URL":
		return fromURL(args)
	case "fastify-plugin":
		if len(args) > 0 {
			return args[0] // the plugin, which is wrapped
		}
	}
	made := newThing(c.name)
	made.owner, made.args, made.made = c, args, true
	f.p.things = append(f.p.things, made)
	for _, a := range args {
		if o, ok := a.(*object); ok {
			made.take(o)
			f.p.serving(c, o)
		}
	}
	f.callbacks(args)
	return made
}

// take reads the options that a router is made with.
func (t *thing) take(o *object) {
	if s, ok := text(o.fields["prefix"]); ok && strings.HasPrefix(s, "/") {
		t.prefix = s
	}
}

// fromURL is the file of fileURLToPath(import.meta.url) and of new URL("./x",
// import.meta.url); the URL of a file is taken for its path.
func fromURL(args []value) value {
	file, ok := text(first(args))
	if !ok || len(args) < 2 {
		return file
	}
	base, ok := text(args[1])
	if !ok {
		return nil
	}
	return filepath.Join(filepath.Dir(base), file)
}

// joinedPath works out what the path package joins.
func joinedPath(member string, args []value) value {
	var parts []string
	for _, a := range args {
		s, ok := text(a)
		if !ok {
			return nil
		}
		parts = append(parts, s)
	}
	switch member {
	case "join":
		return filepath.Join(parts...)
	case "resolve":
		out := ""
		for _, p := range parts {
			if filepath.IsAbs(p) {
				out = p
			} else {
				out = filepath.Join(out, p)
			}
		}
		return out
	case "dirname":
		if len(parts) == 1 {
			return filepath.Dir(parts[0])
		}
	}
	return nil
}

// callbacks runs the functions that are handed to what is not known: it may
// call them, as a promise does.
func (f *frame) callbacks(args []value) {
	for _, a := range args {
		if fn, ok := a.(*function); ok {
			f.p.invoke(fn, nil)
		}
	}
}

// invoke runs a function. Parameters without an argument are things from
// outside.
func (p *program) invoke(fn *function, args []value) value {
	if p.active[fn.body] > 1 || !p.step() {
		return nil
	}
	p.called[fn.body] = true
	if p.active[fn.body]++; p.active[fn.body] == 1 {
		defer delete(p.active, fn.body)
	} else {
		defer func() { p.active[fn.body]-- }()
	}
	f := &frame{p: p, m: fn.module, scope: inner(fn.scope)}
	if fn.this != nil {
		f.scope.vars["this"] = fn.this
	}
	f.parameters(fn.params, args)
	f.hoist(fn.body.List)
	f.statements(fn.body.List)
	return f.result
}

func (f *frame) parameters(params *js.Params, args []value) {
	for i := range params.List {
		var v value
		if i < len(args) {
			v = args[i]
		}
		if name, ok := params.List[i].Binding.(*js.Var); ok && v == nil && params.List[i].Default == nil {
			v = newThing("parameter " + string(name.Name()))
		}
		f.bindElement(&params.List[i], v)
	}
	if params.Rest != nil {
		rest := &array{}
		if len(args) > len(params.List) {
			rest.items = args[len(params.List):]
		}
		f.bind(params.Rest, rest)
	}
}

// construct makes an object of a class, or a thing.
func (f *frame) construct(callee value, args []value) value {
	switch c := callee.(type) {
	case *class:
		o := &object{fields: map[string]value{}, class: c}
		f.p.initialize(c, o, args)
		if parent, ok := c.root().(*thing); ok {
			o.fields[" above"] = f.outside(parent, args)
		}
		return o
	case *function:
		o := &object{fields: map[string]value{}}
		bound := *c
		bound.this = o
		if v := f.p.invoke(&bound, args); v != nil {
			return v
		}
		return o
	}
	return f.apply(callee, args)
}

// root is what the first of the classes above c extends.
func (c *class) root() value {
	for range 20 {
		parent, ok := c.parent.(*class)
		if !ok {
			return c.parent
		}
		c = parent
	}
	return nil
}

// initialize sets the fields of a class and runs its constructor; without one,
// that of the class above.
func (p *program) initialize(c *class, o *object, args []value) {
	f := &frame{p: p, m: c.module, scope: inner(c.scope)}
	f.scope.vars["this"], f.scope.vars[" class"] = o, c
	if !p.step() {
		return
	}
	var constructor *js.MethodDecl
	for i := range c.decl.List {
		item := &c.decl.List[i]
		switch {
		case item.Method != nil && string(item.Method.Name.Literal.Data) == "constructor":
			constructor = item.Method
		case item.Method == nil && item.StaticBlock == nil && !item.Static && item.Init != nil:
			o.fields[f.propertyName(&item.Name)] = f.eval(item.Init)
		}
	}
	if constructor != nil {
		p.invoke(&function{module: c.module, params: &constructor.Params, body: &constructor.Body, scope: f.scope, this: o}, args)
	} else if parent, ok := c.parent.(*class); ok {
		p.initialize(parent, o, args)
	}
}
