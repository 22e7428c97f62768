package routes

import (
	"slices"

	"github.com/tdewolff/parse/v2/js"
)

// handlerReads are the fields of the request's body that the handlers among the
// arguments read, and those of the JSON that they answer with. Lists are looked
// into down to a depth.
func handlerReads(args []value, depth int) (fields, answers []string) {
	if depth == 0 {
		return nil, nil
	}
	for _, a := range args {
		switch h := a.(type) {
		case *array:
			more, other := handlerReads(h.items, depth-1)
			fields, answers = append(fields, more...), append(answers, other...)
		case *function:
			v := &reader{}
			js.Walk(v, h.body)
			fields, answers = append(fields, v.fields...), append(answers, v.answers...)
		case *thing: // a handler that is wrapped, as by asyncHandler
			if h.made {
				more, other := handlerReads(h.args, depth-1)
				fields, answers = append(fields, more...), append(answers, other...)
			}
		}
	}
	return distinct(fields), distinct(answers)
}

func distinct(all []string) []string {
	var out []string
	for _, s := range all {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// reader looks for req.body.name, for const {name} = req.body, and for
// res.json({name}).
type reader struct{ fields, answers []string }

func (r *reader) Enter(n js.INode) js.IVisitor {
	switch n := n.(type) {
	case *js.DotExpr:
		if isBody(n.X) {
			r.fields = append(r.fields, string(n.Y.Data))
		}
	case *js.BindingElement:
		if o, ok := n.Binding.(*js.BindingObject); ok && n.Default != nil && isBody(n.Default) {
			for i := range o.List {
				item := &o.List[i]
				if item.Key != nil {
					r.fields = append(r.fields, string(item.Key.Literal.Data))
				} else if v, ok := item.Value.Binding.(*js.Var); ok {
					r.fields = append(r.fields, string(v.Name()))
				}
			}
		}
	case *js.CallExpr:
		r.answer(n)
	}
	return r
}

func (r *reader) Exit(js.INode) {}

// answer reads res.json({...}) and reply.send({...}).
func (r *reader) answer(n *js.CallExpr) {
	d, ok := n.X.(*js.DotExpr)
	if !ok || len(n.Args.List) == 0 {
		return
	}
	if name := string(d.Y.Data); name != "json" && name != "send" {
		return
	}
	o, ok := n.Args.List[0].Value.(*js.ObjectExpr)
	if !ok {
		return
	}
	for i := range o.List {
		if p := o.List[i].Name; p != nil {
			r.answers = append(r.answers, string(p.Literal.Data))
		} else if v, ok := o.List[i].Value.(*js.Var); ok {
			r.answers = append(r.answers, string(v.Name()))
		}
	}
}

// isBody reports whether e is req.body, ctx.request.body, await c.req.json(),
// or one of these with a type or a fallback around it.
func isBody(e js.IExpr) bool {
	switch e := e.(type) {
	case *js.DotExpr:
		if string(e.Y.Data) != "body" {
			return false
		}
		switch x := e.X.(type) {
		case *js.Var:
			name := string(x.Name())
			return name == "req" || name == "request" || name == "ctx"
		case *js.DotExpr:
			return string(x.Y.Data) == "request" || string(x.Y.Data) == "req"
		}
	case *js.GroupExpr:
		return isBody(e.X)
	case *js.UnaryExpr:
		return isBody(e.X)
	case *js.BinaryExpr:
		return isBody(e.X)
	case *js.CallExpr:
		d, ok := e.X.(*js.DotExpr)
		if !ok || string(d.Y.Data) != "json" {
			return false
		}
		x, ok := d.X.(*js.DotExpr)
		return ok && string(x.Y.Data) == "req"
	}
	return false
}
