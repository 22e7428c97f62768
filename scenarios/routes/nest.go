package routes

import (
	"slices"
	"strings"
)

// nest is what an app with decorated controllers sets for all of them.
type nest struct {
	prefix    string // of all paths
	hidden    bool   // there is one, which is worked out at run time
	versioned bool   // paths begin with a version
	mark      string // before a version: v
	defaults  []string
}

// version reads what enableVersioning is given.
func (n *nest) version(options value) {
	n.versioned, n.mark = true, "v"
	o, ok := options.(*object)
	if !ok {
		return
	}
	if kind, ok := o.fields["type"].(*thing); ok && kind.member != "URI" {
		n.versioned = false
	}
	if mark, ok := o.fields["prefix"]; ok {
		n.mark, _ = text(mark)
	}
	n.defaults = texts(o.fields["defaultVersion"])
}

// decorate keeps the decorators that esbuild turned into a call: of a class, or
// of the method with the name.
func (f *frame) decorate(args []value) value {
	if len(args) < 2 {
		return nil
	}
	list := items(args[0])
	c, ok := args[1].(*class)
	if !ok {
		return args[1]
	}
	if !slices.Contains(f.p.classes, c) {
		f.p.classes = append(f.p.classes, c)
	}
	if len(args) == 2 {
		c.decorators = append(c.decorators, list...)
		return c
	}
	name, _ := text(args[2])
	c.methods[name] = append(c.methods[name], list...)
	return nil
}

// named finds the decorator with one of the names, also within one that
// combines several.
func named(decorators []value, match func(name string) bool) *thing {
	return namedWithin(decorators, match, maxNest)
}

func namedWithin(decorators []value, match func(name string) bool, depth int) *thing {
	for _, d := range decorators {
		t, ok := d.(*thing)
		if !ok || !t.made || t.owner == nil {
			continue
		}
		if match(t.owner.member) {
			return t
		}
		if depth == 0 {
			continue
		}
		if inner := namedWithin(t.args, match, depth-1); inner != nil {
			return inner
		}
	}
	return nil
}

func is(names ...string) func(string) bool {
	return func(name string) bool { return slices.Contains(names, name) }
}

var controllers = is("Controller", "JsonController", "RestController", "Route")

// methodOf is the verb of a decorator: Get, HttpGet or All.
func methodOf(name string) string {
	return verbs[strings.ToLower(strings.TrimPrefix(name, "Http"))]
}

// routes are those of the classes that are controllers.
func (n *nest) routes(classes []*class) []Route {
	var all []Route
	for _, c := range classes {
		d := named(c.decorators, controllers)
		if d == nil {
			continue
		}
		paths, versions := controllerOptions(d)
		if v := named(c.decorators, is("Version")); v != nil {
			versions = texts(first(v.args))
		}
		for i := range c.decl.List {
			m := c.decl.List[i].Method
			if m == nil {
				continue
			}
			own := c.methods[string(m.Name.Literal.Data)]
			verb := named(own, func(name string) bool { return methodOf(name) != "" })
			if verb == nil {
				continue
			}
			r := Route{Method: methodOf(verb.owner.member), File: c.module.path, Line: c.module.lineOf(m), Loose: n.hidden}
			for _, p := range n.below(paths, firstOf(versionsOf(own), versions, n.defaults), verb) {
				r.Path = p
				all = append(all, r)
			}
		}
	}
	return all
}

func firstOf(lists ...[]string) []string {
	for _, l := range lists {
		if len(l) > 0 {
			return l
		}
	}
	return nil
}

func versionsOf(decorators []value) []string {
	if v := named(decorators, is("Version")); v != nil {
		return texts(first(v.args))
	}
	return nil
}

// controllerOptions reads @Controller("users") and @Controller({path, version}).
func controllerOptions(d *thing) (paths, versions []string) {
	arg := first(d.args)
	if o, ok := arg.(*object); ok {
		versions = texts(o.fields["version"])
		arg = o.fields["path"]
	}
	if paths = texts(arg); len(paths) == 0 {
		paths = []string{""}
	}
	return paths, versions
}

// below are the paths of a method's decorator.
func (n *nest) below(controllers, versions []string, verb *thing) []string {
	own := texts(first(verb.args))
	if len(own) == 0 {
		own = []string{""}
	}
	if !n.versioned || len(versions) == 0 {
		versions = []string{""}
	}
	var all []string
	for _, v := range versions {
		if v != "" {
			v = n.mark + v
		}
		for _, c := range controllers {
			for _, o := range own {
				path := join(join(join("/"+strings.Trim(n.prefix, "/"), v), c), o)
				all = append(all, strings.TrimSuffix(path, "/"))
			}
		}
	}
	return all
}
