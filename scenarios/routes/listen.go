package routes

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/scenarios/jsparse"
)

// portName is how a variable for the port is called.
var portName = regexp.MustCompile(`^[A-Z0-9_]*PORT$`)

// environment is the variable that a value of a configuration library is named
// after: config.PORT, or config.get("PORT"); "" for none.
func (t *thing) environment() string {
	if portName.MatchString(t.member) {
		return t.member
	}
	if name, ok := text(first(t.args)); ok && t.made && portName.MatchString(name) {
		return name
	}
	return ""
}

// listens notes the port of server.listen(port) or listen({port}).
func (p *program) listens(v value) {
	if o, ok := v.(*object); ok {
		v = o.fields["port"]
	}
	found := Port{}
	switch v := v.(type) {
	case float64:
		found.Number = int(v)
	case string:
		found.Number = digits(v)
	case variable:
		found.Env = v.name
		switch n := v.fallback.(type) {
		case float64:
			found.Number = int(n)
		case string:
			found.Number = digits(n)
		case variable:
			p.listens(n)
			found.Number = p.port.Number
		}
	case *thing:
		found.Env = v.environment()
	}
	if found.Env == "" && found.Number == 0 && p.envs["PORT"] {
		found.Env = "PORT"
	}
	if p.port == (Port{}) || found.Env == "PORT" && p.port.Env == "" {
		p.port = found
	}
}

func digits(s string) int {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' || n > 65535 {
			return 0
		}
		n = n*10 + int(r-'0')
	}
	return n
}

// serving notes the port of serve({fetch, port}) and of Hapi.server({port}).
func (p *program) serving(callee *thing, o *object) {
	_, hasPort := o.fields["port"]
	if hasPort && (o.fields["fetch"] != nil || fromPackage(callee, "hapi")) {
		p.listens(o)
	}
}

func (p *program) relative(path string) string {
	if rel, err := filepath.Rel(p.dir, path); err == nil {
		return filepath.ToSlash(rel)
	}
	return path
}

// sourcesIn lists the files of code below dir, in order.
func sourcesIn(dir string) []string {
	var all []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fs.SkipDir
		case e.IsDir() && (e.Name() == "node_modules" || strings.HasPrefix(e.Name(), ".") && path != dir):
			return fs.SkipDir
		case len(all) > maxFiles:
			return fs.SkipAll
		}
		name := e.Name()
		if !e.IsDir() && slices.Contains(jsparse.Extensions, filepath.Ext(name)) && !aside.MatchString(name) {
			all = append(all, path)
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return all
}

// aside are files beside the app's code: types, tests and stories.
var aside = regexp.MustCompile(`\.(d|test|spec|stories|e2e-spec)\.[cm]?[jt]sx?$`)

// routerNames are parameters that stand for the app or for a router.
var routerNames = regexp.MustCompile(`(?i)^(app|router|server|fastify|api|instance|express|application|route|f|r)$`)

// callWhatIsLeft runs the exported functions that nothing called and that take
// a router: how they are called is worked out at run time.
func (p *program) callWhatIsLeft() {
	for i := 0; i < len(p.order); i++ {
		m := p.order[i]
		exports := m.box.fields["exports"]
		candidates := []value{exports}
		if o, ok := exports.(*object); ok {
			for _, name := range sortedKeys(o.fields) {
				candidates = append(candidates, o.fields[name])
			}
		}
		for _, c := range candidates {
			if fn, ok := c.(*function); ok && !p.called[fn.body] && takesRouter(fn) {
				p.callWithRouter(fn, i > 0) // the tool that starts the file calls what it exports
			}
		}
	}
}

// callWithRouter runs a function with a router of its own, whose routes may be loose.
func (p *program) callWithRouter(fn *function, loose bool) {
	before := len(p.things)
	router := newThing("parameter")
	router.made = true
	p.things = append(p.things, router)
	p.invoke(fn, []value{router})
	if loose {
		for _, t := range p.things[before:] {
			t.loosen(0)
		}
	}
}

func takesRouter(fn *function) bool {
	if len(fn.params.List) == 0 {
		return false
	}
	names := bound(fn.params.List[0].Binding)
	return len(names) == 1 && routerNames.MatchString(names[0])
}

// loosen marks routes of which the prefix is not known.
func (t *thing) loosen(depth int) {
	for i := range t.routes {
		t.routes[i].Loose = true
	}
	for _, m := range t.mounts {
		if depth < maxNest {
			m.child.loosen(depth + 1)
		}
	}
}
