package routes

import (
	"strings"

	"github.com/tdewolff/parse/v2/js"

	"github.com/leakcheck/leakcheck/scenarios/jsparse"
)

// frame is one run of a function or of a file. All branches are taken, since
// which of them is cannot be known.
type frame struct {
	p      *program
	m      *module
	scope  *scope
	result value
}

// hoist declares the functions of a list of statements before they run.
func (f *frame) hoist(list []js.IStmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *js.FuncDecl:
			f.declareFunction(s)
		case *js.ExportStmt:
			if d, ok := s.Decl.(*js.FuncDecl); ok {
				v := f.declareFunction(d)
				if s.Default {
					f.export("default", v)
				}
			}
		}
	}
}

func (f *frame) declareFunction(d *js.FuncDecl) value {
	v := f.newFunction(&d.Params, &d.Body)
	if d.Name != nil {
		f.scope.vars[string(d.Name.Name())] = v
	}
	return v
}

func (f *frame) newFunction(params *js.Params, body *js.BlockStmt) *function {
	this, _ := f.scope.lookup("this")
	return &function{module: f.m, params: params, body: body, scope: f.scope, this: this, fields: map[string]value{}}
}

func (f *frame) statements(list []js.IStmt) {
	for _, s := range list {
		f.statement(s)
	}
}

func (f *frame) statement(s js.IStmt) {
	switch s := s.(type) {
	case *js.BlockStmt:
		if s != nil {
			f.hoist(s.List)
			f.statements(s.List)
		}
	case *js.ExprStmt:
		f.eval(s.Value)
	case *js.VarDecl, *js.ClassDecl:
		f.eval(s.(js.IExpr))
	case *js.ReturnStmt:
		if v := f.eval(s.Value); f.result == nil {
			f.result = v
		}
	case *js.IfStmt:
		f.eval(s.Cond)
		f.statement(s.Body)
		f.statement(s.Else)
	case *js.TryStmt:
		f.statement(s.Body)
		f.statement(s.Catch)
		f.statement(s.Finally)
	case *js.SwitchStmt:
		f.eval(s.Init)
		for i := range s.List {
			f.statements(s.List[i].List)
		}
	case *js.ThrowStmt:
		f.eval(s.Value)
	case *js.LabelledStmt:
		f.statement(s.Value)
	case *js.ImportStmt:
		f.importing(s)
	case *js.ExportStmt:
		f.exporting(s)
	default:
		f.loop(s)
	}
}

// loop runs a body once for each item that is known, else once.
func (f *frame) loop(s js.IStmt) {
	switch s := s.(type) {
	case *js.ForOfStmt:
		f.each(s.Init, items(f.eval(s.Value)), s.Body)
	case *js.ForInStmt:
		var keys []value
		if o, ok := f.eval(s.Value).(*object); ok {
			for _, k := range sortedKeys(o.fields) {
				keys = append(keys, k)
			}
		}
		f.each(s.Init, keys, s.Body)
	case *js.ForStmt:
		f.eval(s.Init)
		f.statement(s.Body)
	case *js.WhileStmt:
		f.eval(s.Cond)
		f.statement(s.Body)
	case *js.DoWhileStmt:
		f.statement(s.Body)
		f.eval(s.Cond)
	}
}

func (f *frame) each(init js.IExpr, values []value, body *js.BlockStmt) {
	if len(values) == 0 {
		values = []value{nil}
	}
	for _, v := range values {
		switch d := init.(type) {
		case *js.VarDecl:
			for i := range d.List {
				f.bind(d.List[i].Binding, v)
			}
		case *js.Var:
			f.scope.assign(string(d.Name()), v)
		}
		f.statement(body)
	}
}

// items are what a loop over v sees.
func items(v value) []value {
	if a, ok := v.(*array); ok {
		return a.items
	}
	return nil
}

// bind gives a value to what a declaration names.
func (f *frame) bind(b js.IBinding, v value) {
	switch b := b.(type) {
	case *js.Var:
		f.scope.vars[string(b.Name())] = v
	case *js.BindingArray:
		list := items(v)
		for i := range b.List {
			var one value
			if i < len(list) {
				one = list[i]
			}
			f.bindElement(&b.List[i], one)
		}
	case *js.BindingObject:
		for i := range b.List {
			item := &b.List[i]
			name := ""
			if item.Key != nil {
				name = f.propertyName(item.Key)
			} else if v, ok := item.Value.Binding.(*js.Var); ok {
				name = string(v.Name())
			}
			f.bindElement(&item.Value, f.member(v, name))
		}
		if b.Rest != nil {
			f.scope.vars[string(b.Rest.Name())] = v
		}
	}
}

func (f *frame) bindElement(e *js.BindingElement, v value) {
	if e.Default != nil {
		fallback := f.eval(e.Default)
		switch known := v.(type) {
		case nil:
			v = fallback
		case variable:
			if known.fallback == nil {
				v = variable{known.name, fallback}
			}
		}
	}
	f.bind(e.Binding, v)
}

func (f *frame) propertyName(n *js.PropertyName) string {
	if n.Computed != nil {
		s, _ := text(f.eval(n.Computed))
		return s
	}
	if s, ok := jsparse.Text(&n.Literal); ok {
		return s
	}
	return string(n.Literal.Data)
}

func moduleName(quoted []byte) string { return strings.Trim(string(quoted), "'\"`") }

func (f *frame) importing(s *js.ImportStmt) {
	exports := f.p.resolve(f.m, moduleName(s.Module))
	if s.Default != nil {
		f.scope.vars[string(s.Default)] = defaultOf(exports)
	}
	for _, a := range s.List {
		switch name := string(a.Name); name {
		case "*":
			f.scope.vars[string(a.Binding)] = exports
		case "":
			f.scope.vars[string(a.Binding)] = f.member(exports, string(a.Binding))
		case "default":
			f.scope.vars[string(a.Binding)] = defaultOf(exports)
		default:
			f.scope.vars[string(a.Binding)] = f.member(exports, name)
		}
	}
}

// defaultOf is the default export; of what has none, all of it.
func defaultOf(exports value) value {
	if o, ok := exports.(*object); ok {
		if d, ok := o.fields["default"]; ok {
			return d
		}
	}
	return exports
}

func (f *frame) export(name string, v value) {
	if o, ok := f.m.box.fields["exports"].(*object); ok {
		o.fields[name] = v
	}
}

func (f *frame) exporting(s *js.ExportStmt) {
	switch {
	case s.Module != nil:
		f.exportFrom(s)
	case s.Default:
		if _, declared := s.Decl.(*js.FuncDecl); !declared { // a function was hoisted
			f.export("default", f.eval(s.Decl))
		}
	case s.Decl != nil:
		f.exportDeclared(s.Decl)
	}
	if s.Module == nil {
		for _, a := range s.List {
			name := string(a.Name)
			if name == "" {
				name = string(a.Binding)
			}
			v, _ := f.scope.lookup(name)
			f.export(string(a.Binding), v)
		}
	}
}

func (f *frame) exportDeclared(d js.IExpr) {
	switch d := d.(type) {
	case *js.FuncDecl:
		v, _ := f.scope.lookup(string(d.Name.Name()))
		f.export(string(d.Name.Name()), v)
	case *js.ClassDecl:
		f.export(string(d.Name.Name()), f.eval(d))
	case *js.VarDecl:
		f.eval(d)
		for i := range d.List {
			for _, name := range bound(d.List[i].Binding) {
				v, _ := f.scope.lookup(name)
				f.export(name, v)
			}
		}
	}
}

// bound are the names that a declaration gives.
func bound(b js.IBinding) []string {
	switch b := b.(type) {
	case *js.Var:
		return []string{string(b.Name())}
	case *js.BindingObject:
		var all []string
		for i := range b.List {
			all = append(all, bound(b.List[i].Value.Binding)...)
		}
		return all
	}
	return nil
}

func (f *frame) exportFrom(s *js.ExportStmt) {
	exports := f.p.resolve(f.m, moduleName(s.Module))
	for _, a := range s.List {
		name, as := string(a.Name), string(a.Binding)
		switch {
		case as == "*":
			if o, ok := exports.(*object); ok {
				for k, v := range o.fields {
					if k != "default" {
						f.export(k, v)
					}
				}
			}
		case name == "*":
			f.export(as, exports)
		case name == "" || name == as:
			f.export(as, f.member(exports, as))
		case name == "default":
			f.export(as, defaultOf(exports))
		default:
			f.export(as, f.member(exports, name))
		}
	}
}
