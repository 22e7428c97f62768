package routes

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tdewolff/parse/v2/js"

	"github.com/leakcheck/leakcheck/scenarios/jsparse"
)

func sortedKeys(m map[string]value) []string { return slices.Sorted(maps.Keys(m)) }

// eval works out an expression as far as it can be known; nil is nothing.
func (f *frame) eval(e js.IExpr) value {
	if !f.p.step() {
		return nil
	}
	f.p.depth++
	defer func() { f.p.depth-- }()
	switch e := e.(type) {
	case *js.Var:
		return f.name(string(e.Name()))
	case *js.LiteralExpr:
		return f.literal(e)
	case *js.TemplateExpr:
		return f.template(e)
	case *js.GroupExpr:
		return f.eval(e.X)
	case *js.DotExpr:
		return f.member(f.eval(e.X), string(e.Y.Data))
	case *js.IndexExpr:
		return f.index(e)
	case *js.CallExpr:
		return f.call(e)
	case *js.NewExpr:
		var args []value
		if e.Args != nil {
			args = f.arguments(e.Args)
		}
		return f.construct(f.eval(e.X), args)
	case *js.BinaryExpr:
		return f.binary(e)
	case *js.CondExpr:
		f.eval(e.Cond)
		x, y := f.eval(e.X), f.eval(e.Y)
		if x == nil {
			return y
		}
		return x
	case *js.UnaryExpr:
		if v := f.eval(e.X); e.Op == js.AwaitToken || e.Op == js.PosToken {
			return v
		}
		return nil
	case *js.YieldExpr:
		return f.eval(e.X)
	case *js.CommaExpr:
		var last value
		for _, x := range e.List {
			last = f.eval(x)
		}
		return last
	}
	return f.composite(e)
}

// composite makes the values that have parts.
func (f *frame) composite(e js.IExpr) value {
	switch e := e.(type) {
	case *js.VarDecl:
		for i := range e.List {
			var v value
			if e.List[i].Default != nil {
				v = f.eval(e.List[i].Default)
			}
			f.bind(e.List[i].Binding, v)
		}
	case *js.ArrayExpr:
		a := &array{}
		for _, item := range e.List {
			v := f.eval(item.Value)
			if _, outside := v.(*thing); item.Spread && !outside {
				a.items = append(a.items, items(v)...)
			} else {
				a.items = append(a.items, v)
			}
		}
		return a
	case *js.ObjectExpr:
		return f.object(e)
	case *js.ArrowFunc:
		return f.newFunction(&e.Params, &e.Body)
	case *js.FuncDecl:
		return f.newFunction(&e.Params, &e.Body)
	case *js.ClassDecl:
		return f.class(e)
	case *js.ImportMetaExpr:
		return &object{fields: map[string]value{"dirname": filepath.Dir(f.m.path), "filename": f.m.path, "url": f.m.path}}
	}
	return nil
}

func (f *frame) object(e *js.ObjectExpr) value {
	o := &object{fields: map[string]value{}}
	for i := range e.List {
		p := &e.List[i]
		if m, ok := p.Value.(*js.MethodDecl); ok {
			o.fields[f.propertyName(&m.Name)] = f.newFunction(&m.Params, &m.Body)
			continue
		}
		v := f.eval(p.Value)
		switch {
		case p.Spread:
			if other, ok := v.(*object); ok {
				maps.Copy(o.fields, other.fields)
			}
		case p.Name != nil:
			o.fields[f.propertyName(p.Name)] = v
		}
	}
	return o
}

func (f *frame) class(d *js.ClassDecl) value {
	c := &class{decl: d, module: f.m, scope: f.scope, statics: map[string]value{}, methods: map[string][]value{}}
	if d.Extends != nil {
		c.parent = f.eval(d.Extends)
	}
	if d.Name != nil {
		f.scope.vars[string(d.Name.Name())] = c
	}
	for i := range d.List {
		item := &d.List[i]
		switch {
		case item.Method != nil && item.Method.Static:
			fn := f.newFunction(&item.Method.Params, &item.Method.Body)
			fn.this = c
			c.statics[f.propertyName(&item.Method.Name)] = fn
		case item.Method == nil && item.StaticBlock == nil && item.Static && item.Init != nil:
			c.statics[f.propertyName(&item.Name)] = f.eval(item.Init)
		}
	}
	return c
}

func (f *frame) name(name string) value {
	if v, ok := f.scope.lookup(name); ok {
		return v
	}
	if name == "exports" {
		return f.m.box.fields["exports"]
	}
	return newThing("global " + name)
}

func (f *frame) literal(e *js.LiteralExpr) value {
	if s, ok := jsparse.Text(e); ok {
		return s
	}
	switch e.TokenType {
	case js.ThisToken:
		return f.name("this")
	case js.TrueToken, js.FalseToken:
		return e.TokenType == js.TrueToken
	}
	if n, err := strconv.ParseFloat(strings.ReplaceAll(string(e.Data), "_", ""), 64); err == nil {
		return n
	}
	return nil
}

// template joins the parts of a template; one that is not known makes it
// unknown, but for what is tagged, as GraphQL is.
func (f *frame) template(e *js.TemplateExpr) value {
	var b strings.Builder
	known := true
	for _, part := range e.List {
		b.WriteString(jsparse.Unescape(strings.Trim(string(part.Value), "`${}")))
		s, ok := asText(f.eval(part.Expr))
		known = known && ok
		b.WriteString(s)
	}
	b.WriteString(jsparse.Unescape(strings.Trim(string(e.Tail), "`}")))
	if !known && e.Tag == nil || b.Len() > maxText {
		return nil
	}
	return b.String()
}

// asText is a value as a template prints it.
func asText(v value) (string, bool) {
	if n, ok := v.(float64); ok {
		return strconv.FormatFloat(n, 'f', -1, 64), true
	}
	return text(v)
}

func (f *frame) binary(e *js.BinaryExpr) value {
	switch e.Op {
	case js.EqToken, js.NullishEqToken, js.OrEqToken:
		v := f.eval(e.Y)
		f.assign(e.X, v)
		return v
	case js.OrToken, js.NullishToken:
		return either(f.eval(e.X), f.eval(e.Y))
	case js.AndToken:
		f.eval(e.X)
		return f.eval(e.Y)
	case js.AddToken:
		x, y := f.eval(e.X), f.eval(e.Y)
		s, ok := asText(x)
		t, ok2 := asText(y)
		if ok && ok2 && len(s)+len(t) < maxText {
			return s + t
		}
		return nil
	}
	f.eval(e.X)
	f.eval(e.Y)
	return nil
}

// either is the value of x || y: a variable of the environment with y for its
// fallback, what is known before what is not.
func either(x, y value) value {
	switch v := x.(type) {
	case nil:
		return y
	case variable:
		if v.fallback == nil {
			return variable{v.name, y}
		}
	case *thing:
		if _, known := y.(*thing); !known && y != nil {
			if name := v.environment(); name != "" {
				return variable{name, y}
			}
			return y
		}
	}
	return x
}

func (f *frame) assign(target js.IExpr, v value) {
	switch t := target.(type) {
	case *js.Var:
		f.scope.assign(string(t.Name()), v)
	case *js.DotExpr:
		setMember(f.eval(t.X), string(t.Y.Data), v)
	case *js.IndexExpr:
		if key, ok := text(f.eval(t.Y)); ok {
			setMember(f.eval(t.X), key, v)
		}
	}
}

func setMember(owner value, name string, v value) {
	switch o := owner.(type) {
	case *object:
		o.fields[name] = v
	case *function:
		o.fields[name] = v
	case *class:
		o.statics[name] = v
	case *thing:
		o.fields[name] = v
	}
}

func (f *frame) index(e *js.IndexExpr) value {
	owner, key := f.eval(e.X), f.eval(e.Y)
	if n, ok := key.(float64); ok {
		if list := items(owner); int(n) >= 0 && int(n) < len(list) {
			return list[int(n)]
		}
		return nil
	}
	if name, ok := text(key); ok {
		return f.member(owner, name)
	}
	return nil
}

// member is owner.name.
func (f *frame) member(owner value, name string) value {
	switch o := owner.(type) {
	case *object:
		if v, ok := o.fields[name]; ok || o.class == nil {
			return v
		}
		return f.method(o.class, o, name)
	case *function:
		return o.fields[name]
	case *class:
		if name == "prototype" {
			return o
		}
		return o.statics[name]
	case *thing:
		switch {
		case strings.HasSuffix(o.name, "process") && o.member == "env":
			f.p.envs[name] = true
			return variable{name: name}
		case name == "default" && !o.made:
			return o
		}
		return o.get(name)
	}
	return nil
}

// method is one of the class or of those that it extends, with its this.
func (f *frame) method(c *class, this value, name string) value {
	for range 20 {
		for i := range c.decl.List {
			m := c.decl.List[i].Method
			if m == nil || m.Static || string(m.Name.Literal.Data) != name {
				continue
			}
			fn := &function{module: c.module, params: &m.Params, body: &m.Body, scope: c.scope, this: this, fields: map[string]value{}}
			if m.Get {
				return f.p.invoke(fn, nil)
			}
			return fn
		}
		parent, ok := c.parent.(*class)
		if !ok {
			break
		}
		c = parent
	}
	return nil
}
