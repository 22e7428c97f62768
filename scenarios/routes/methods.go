package routes

import (
	"slices"
	"strings"
)

// listMethods are those of lists that call a function for each item.
var listMethods = []string{"forEach", "map", "flatMap", "filter", "reduce", "some", "every", "find"}

// callMethod calls owner.name.
func (f *frame) callMethod(owner value, name string, args []value, at site) value {
	switch o := owner.(type) {
	case *array:
		return f.callOnList(o, name, args)
	case *thing:
		if o.name == "global Object" && len(args) == 1 {
			return ofObject(name, args[0])
		}
		if own, ok := o.fields[name].(*function); ok {
			return f.p.invoke(own, args)
		}
		return f.onThing(o, name, args, at)
	case *object:
		if above, ok := o.fields[" above"].(*thing); ok && f.member(o, name) == nil {
			return f.onThing(above, name, args, at)
		}
	case *function:
		switch name {
		case "bind":
			return o
		case "call":
			return f.apply(o, slices.Clone(args[min(1, len(args)):]))
		case "apply":
			return f.apply(o, nil)
		}
	case string:
		return onText(o, name, args)
	}
	return f.apply(f.member(owner, name), args)
}

// onText works out the few methods by which paths are made.
func onText(s, name string, args []value) value {
	switch name {
	case "toLowerCase":
		return strings.ToLower(s)
	case "toUpperCase":
		return strings.ToUpper(s)
	case "concat":
		for _, a := range args {
			t, ok := text(a)
			if !ok {
				return nil
			}
			if s += t; len(s) > maxText {
				return nil
			}
		}
		return s
	case "trim", "toString":
		return s
	}
	return nil
}

// ofObject is Object.keys, values, entries or freeze.
func ofObject(name string, v value) value {
	o, ok := v.(*object)
	if !ok {
		return v
	}
	a := &array{}
	for _, k := range sortedKeys(o.fields) {
		switch name {
		case "keys":
			a.items = append(a.items, k)
		case "values":
			a.items = append(a.items, o.fields[k])
		case "entries":
			a.items = append(a.items, &array{items: []value{k, o.fields[k]}})
		default:
			return o
		}
	}
	return a
}

func (f *frame) callOnList(a *array, name string, args []value) value {
	switch {
	case name == "push":
		if len(a.items) < maxItems {
			a.items = append(a.items, args...)
		}
		return nil
	case name == "concat":
		out := &array{items: slices.Clone(a.items)}
		for _, v := range args {
			out.items = append(out.items, items(v)...)
		}
		return out
	case !slices.Contains(listMethods, name) || len(args) == 0:
		return a
	}
	out := &array{}
	for _, item := range a.items {
		call := []value{item}
		if name == "reduce" {
			call = []value{args[len(args)-1], item}
		}
		out.items = append(out.items, f.apply(args[0], call))
	}
	switch name {
	case "map", "flatMap":
		return out
	case "reduce":
		return args[len(args)-1]
	}
	return a
}
