package routes

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// clients are packages whose methods are called as a router's are, and that
// send requests, or find things by a path.
var clients = []string{"axios", "got", "ky", "undici", "superagent", "supertest", "request", "needle", "lodash", "redis", "nock", "msw", "config"}

// onThing calls a method of what may be a router.
func (f *frame) onThing(t *thing, name string, args []value, at site) value {
	if method, ok := verbs[name]; ok && f.declare(t, method, name, args, at) {
		return t
	}
	switch name {
	case "routes", "middleware", "callback":
		if len(t.routes)+len(t.mounts) > 0 || len(args) == 0 && name == "routes" {
			return t
		}
	case "use", "mount", "lazy":
		f.use(t, args)
		return t
	case "route":
		return f.route(t, args, at)
	case "basePath", "group":
		return f.group(t, args)
	case "prefix":
		if s := texts(first(args)); len(s) == 1 {
			t.prefix = s[0]
			return t
		}
	case "register":
		return f.register(t, args)
	case "listen":
		f.p.listens(first(args))
	case "setGlobalPrefix":
		prefix, known := text(first(args))
		f.p.nest.prefix, f.p.nest.hidden = prefix, !known
	case "enableVersioning":
		f.p.nest.version(first(args))
	case "set", "get":
		if v, ok := t.setting(name, args); ok {
			return v
		}
	}
	member, _ := t.get(name).(*thing)
	if member == nil {
		f.callbacks(args)
		return nil
	}
	return f.outside(member, args)
}

func first(args []value) value {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}

// setting is app.set("port", 3000) and app.get("port").
func (t *thing) setting(name string, args []value) (value, bool) {
	key, ok := text(first(args))
	if !ok {
		return nil, false
	}
	if name == "set" && len(args) == 2 {
		t.fields["setting "+key] = args[1]
		return t, true
	}
	v, ok := t.fields["setting "+key]
	return v, ok && len(args) == 1
}

// declare adds the routes of router.get(path, handler); false when the call is
// none.
func (f *frame) declare(t *thing, method, name string, args []value, at site) bool {
	paths, handlers := []string{""}, args
	if !t.chain {
		if len(args) < 2 {
			return false
		}
		paths, handlers = texts(args[0]), args[1:]
		if name == "del" && t.name == "hono" {
			return false
		}
		if named := texts(args[1]); len(args) > 2 && len(named) == 1 && strings.HasPrefix(named[0], "/") {
			paths, handlers = named, args[2:] // Koa's routes may have a name
		}
		if len(paths) == 0 && fromPackage(args[0], "global RegExp") {
			return false
		}
	}
	if fromPackage(t, clients...) || !handles(handlers, maxNest) {
		return false
	}
	if len(paths) == 0 {
		f.p.unknown = append(f.p.unknown, fmt.Sprintf("%s:%d: %s", f.p.relative(at.file), at.line, name))
		return true
	}
	if slices.ContainsFunc(paths, func(p string) bool {
		return p != "" && !strings.HasPrefix(p, "/") && p != "*" && !fromPackage(t, "hono", "fastify", "koa", "router")
	}) {
		return false
	}
	r := Route{Method: method, File: at.file, Line: at.line}
	r.Fields, r.Answers = handlerReads(handlers, maxNest)
	for _, p := range paths {
		r.Path = p
		t.routes = append(t.routes, r)
	}
	return true
}

// handles reports whether one of the arguments may be a handler. Lists are
// looked into down to a depth, as they may hold themselves.
func handles(args []value, depth int) bool {
	return slices.ContainsFunc(args, func(v value) bool {
		switch v := v.(type) {
		case *function, *thing, nil:
			return true
		case *array:
			return depth > 0 && handles(v.items, depth-1)
		case *object:
			return v.fields["handler"] != nil || v.class != nil
		}
		return false
	})
}

// use mounts routers: router.use(prefix, other).
func (f *frame) use(t *thing, args []value) {
	prefixes := []string{""}
	if s := texts(first(args)); len(s) > 0 {
		prefixes, args = s, args[1:]
	}
	for _, a := range args {
		for _, r := range f.routersOf(a) {
			for _, p := range prefixes {
				t.mount(p, r)
			}
		}
	}
}

// routersOf are the routers in an argument: a thing, a module, or a list.
func (f *frame) routersOf(v value) []*thing {
	if !f.p.step() {
		return nil
	}
	f.p.depth++
	defer func() { f.p.depth-- }()
	switch v := v.(type) {
	case *thing:
		if v.owner != nil && (v.member == "fetch" || v.member == "routes") && !v.made {
			return f.routersOf(v.owner)
		}
		return []*thing{v}
	case *array:
		var all []*thing
		for _, item := range v.items {
			all = append(all, f.routersOf(item)...)
		}
		return all
	case *object:
		if above, ok := v.fields[" above"].(*thing); ok {
			return []*thing{above}
		}
		if d, ok := v.fields["default"]; ok {
			return f.routersOf(d)
		}
		if r, ok := v.fields["router"].(*thing); ok {
			return []*thing{r}
		}
	}
	return nil
}

// route is router.route(path), which verbs follow; router.route(options); or
// router.route(prefix, other).
func (f *frame) route(t *thing, args []value, at site) value {
	if len(args) == 2 {
		if _, ok := text(args[0]); ok {
			f.use(t, args)
			return t
		}
	}
	if s, ok := text(first(args)); ok {
		child := t.below(s)
		child.chain = true
		return child
	}
	f.routeObjects(t, first(args), at)
	return t
}

// routeObjects adds routes that are declared as objects, as Fastify and hapi
// do.
func (f *frame) routeObjects(t *thing, v value, at site) {
	if list, ok := v.(*array); ok && f.p.step() {
		f.p.depth++
		defer func() { f.p.depth-- }()
		for _, item := range list.items {
			f.routeObjects(t, item, at)
		}
		return
	}
	o, ok := v.(*object)
	if !ok {
		return
	}
	paths := append(texts(o.fields["url"]), texts(o.fields["path"])...)
	for _, method := range texts(o.fields["method"]) {
		for _, p := range paths {
			r := Route{Method: strings.ToUpper(method), Path: p, File: at.file, Line: at.line}
			if r.Method == "*" {
				r.Method = "GET"
			}
			r.Fields, r.Answers = handlerReads([]value{o.fields["handler"]}, maxNest)
			t.routes = append(t.routes, r)
		}
	}
}

// group is a router below a prefix, which is returned or handed to a function.
func (f *frame) group(t *thing, args []value) value {
	prefix := ""
	if s, ok := text(first(args)); ok {
		prefix, args = s, args[1:]
	}
	child := t.below(prefix)
	for _, a := range args {
		if fn, ok := a.(*function); ok {
			f.p.invoke(fn, []value{child})
		}
	}
	return child
}

// register runs a plugin with a router of its own below the prefix.
func (f *frame) register(t *thing, args []value) value {
	if len(args) == 0 || !f.p.step() {
		return t
	}
	f.p.depth++
	defer func() { f.p.depth-- }()
	plugin, options := args[0], value(nil)
	if len(args) > 1 {
		options = args[1]
	}
	prefix, _ := text(field(options, "prefix"))
	if prefix == "" {
		prefix, _ = text(field(field(options, "routes"), "prefix")) // hapi
	}
	switch p := defaultOf(plugin).(type) {
	case *function:
		own := p.fields["prefixOverride"]
		if s, ok := text(own); ok {
			prefix = s
		}
		f.p.invoke(p, []value{t.below(prefix), options})
	case *object:
		if fn, ok := p.fields["register"].(*function); ok {
			f.p.invoke(fn, []value{t.below(prefix), options})
		} else if inner := p.fields["plugin"]; inner != nil {
			if options == nil {
				options = p // register({plugin, routes: {prefix}})
			}
			return f.register(t, []value{inner, options})
		}
	case *array:
		for _, item := range p.items {
			f.register(t, []value{item})
		}
	case *thing:
		if p.name == "@fastify/autoload" || p.name == "fastify-autoload" {
			f.autoload(t, options)
		}
	}
	return t
}

// autoload registers the plugins of a folder; the folders in it are prefixes.
func (f *frame) autoload(t *thing, options value) {
	dir, ok := text(field(options, "dir"))
	if !ok {
		return
	}
	prefix, _ := text(field(field(options, "options"), "prefix"))
	for _, path := range sourcesIn(dir) {
		rel, err := filepath.Rel(dir, filepath.Dir(path))
		if err != nil {
			continue
		}
		exports := f.p.load(path)
		at := prefix
		if rel != "." {
			at = join(prefix, bracketed.ReplaceAllString(underscored.ReplaceAllString("/"+filepath.ToSlash(rel), "/:$1"), ":$1"))
		}
		if own, ok := text(f.member(exports, "autoPrefix")); ok {
			at = join(prefix, own)
		}
		f.register(t, []value{exports, &object{fields: map[string]value{"prefix": at}}})
	}
}

var (
	bracketed   = regexp.MustCompile(`\[([^\]]+)\]`)
	underscored = regexp.MustCompile(`/_([^/]+)`)
)

// declared are the routes of all routers below their prefixes, and those of
// decorated classes.
func (p *program) declared() []Route {
	var all []Route
	for _, t := range p.things {
		if !t.inside {
			all = append(all, t.all("", 0)...)
		}
	}
	return append(all, p.nest.routes(p.classes)...)
}

func (t *thing) all(prefix string, depth int) []Route {
	if depth > maxNest {
		return nil
	}
	prefix = join(prefix, t.prefix)
	if t.prefix == "" && prefix == "/" {
		prefix = ""
	}
	var found []Route
	for _, r := range t.routes {
		r.Path = join(prefix, r.Path)
		found = append(found, r)
	}
	for _, m := range t.mounts {
		found = append(found, m.child.all(strings.TrimSuffix(join(prefix, m.prefix), "/"), depth+1)...)
	}
	return found
}
