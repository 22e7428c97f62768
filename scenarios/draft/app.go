package draft

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/scenarios/routes"
)

// manifest is as much of package.json as tells how an app starts.
type manifest struct {
	Name                          string
	Main                          string
	Scripts                       map[string]string
	Dependencies, DevDependencies map[string]string

	dir   string
	found *routes.Found // in the code
}

// frameworks are known by their packages; the first found counts.
var frameworks = []struct{ pkg, name string }{
	{"next", "Next.js"},
	{"nuxt", "Nuxt"},
	{"@nestjs/core", "NestJS"},
	{"@remix-run/node", "Remix"},
	{"@sveltejs/kit", "SvelteKit"},
	{"@react-router/node", "React Router"},
	{"astro", "Astro"},
	{"fastify", "Fastify"},
	{"koa", "Koa"},
	{"@hapi/hapi", "hapi"},
	{"hono", "Hono"},
	{"restify", "Restify"},
	{"express", "Express"},
}

func readManifest(dir string) (*manifest, error) {
	text, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("read package.json: %w", err)
	}
	m.dir = dir
	return &m, nil
}

// fromPackage drafts from the app alone.
func fromPackage(path string) (*Draft, error) {
	dir := folderOf(path)
	m, err := readManifest(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("there is no package.json in it")
	}
	if err != nil {
		return nil, err
	}
	d := &Draft{Name: m.Name, From: "the code of " + firstOf(m.Name, "the app")}
	d.addRoutes(m.code(dir))
	if len(d.Endpoints) == 0 {
		d.Endpoints = []Endpoint{{
			Name: "home", Method: "GET", Path: "/",
			Blanks: []string{"the requests to measure; no routes were found in the code"},
		}}
	}
	return d, nil
}

// addApp finds how the server in dir starts, for a scenario in home.
func (d *Draft) addApp(dir, home string) error {
	m, err := readManifest(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.App = App{Command: []string{"node", "server.js"}, Comments: []string{
			"The server must listen on the port in PORT, or name it as port: 3000.",
		}}
		if d.Name == "" {
			d.Name = "app"
		}
		return nil
	case err != nil:
		return err
	}
	d.App = m.app(dir)
	if rel, err := filepath.Rel(home, dir); err == nil && rel != "." {
		d.App.Dir = filepath.ToSlash(rel)
	}
	if d.Name = firstOf(d.Name, m.Name, "app"); len(d.Name) > 100 {
		d.Name = "app"
	}
	return nil
}

func firstOf(texts ...string) string {
	i := slices.IndexFunc(texts, func(s string) bool { return strings.TrimSpace(s) != "" })
	return texts[i]
}

func (m *manifest) app(dir string) App {
	a := App{Known: true}
	started, ok := m.findStart()
	entry := m.entry(dir, started)
	switch {
	case ok:
		a.Command, a.Env = started.command(), started.env
		a.Comments = append(a.Comments, fmt.Sprintf("The script %s of package.json: %s", started.script, started.text))
		a.Comments = append(a.Comments, started.notes...)
		if built := started.unbuilt(dir); built != "" && m.Scripts["build"] != "" {
			a.Comments = append(a.Comments, "Build it first, with npm run build: "+built+" is not there yet.")
		}
	case entry != "":
		a.Command = []string{"node", entry}
		if strings.HasSuffix(entry, ".ts") {
			a.Command = []string{"npx", "tsx", entry}
		}
		a.Comments = append(a.Comments, "package.json has no start script; this is its main file.")
	default:
		a.Command, a.Known = []string{"node", "server.js"}, false
		a.Comments = append(a.Comments, "package.json has neither a start script nor a main file.")
	}
	if f := m.framework(); f != "" {
		a.Comments = append(a.Comments, "An app with "+f+".")
	}
	found := m.code(dir)
	a.findPort(found.Port, started, m.servesPORT())
	a.findReady(found.Routes)
	return a
}

// unbuilt is the file that node is to start, when it is not there; else "".
func (s *start) unbuilt(dir string) string {
	if s.tool != "node" || s.entry == "" {
		return ""
	}
	for _, ext := range []string{"", ".js", ".mjs", ".cjs", "/index.js"} {
		if _, err := os.Stat(filepath.Join(dir, s.entry+ext)); err == nil {
			return ""
		}
	}
	return s.entry
}

func (m *manifest) framework() string {
	for _, f := range frameworks {
		if m.Dependencies[f.pkg] != "" || m.DevDependencies[f.pkg] != "" {
			return f.name
		}
	}
	return ""
}

// entry is the source of the file that the app starts with, relative to its
// folder; "" for none.
func (m *manifest) entry(dir string, s start) string {
	switch s.tool {
	case "next", "astro", "nuxt", "react-router-serve", "remix-serve", "vite":
		return ""
	}
	return sourceOf(dir, firstOf(s.entry, m.Main, "index.js"))
}

// code is what the app's source tells; it is read once.
func (m *manifest) code(dir string) *routes.Found {
	if m.found == nil {
		s, _ := m.findStart()
		m.found = routes.In(dir, m.entry(dir, s))
	}
	return m.found
}

// listeners are programs that listen on the port in PORT.
var listeners = []string{"next", "nuxt", "astro", "react-router-serve", "remix-serve", "fastify"}

// servesPORT reports whether the app's framework makes a server that listens on
// the port in PORT.
func (m *manifest) servesPORT() bool {
	return slices.Contains([]string{"Next.js", "Nuxt", "Remix", "React Router", "SvelteKit", "Astro"}, m.framework())
}

// findPort says where the app listens.
func (a *App) findPort(p routes.Port, s start, framework bool) {
	switch n := s.portOf(); {
	case p.Env == "PORT":
		a.Comments = append(a.Comments, "Its code reads PORT: leakcheck gives it a free port.")
	case p.Env != "":
		if a.Env == nil {
			a.Env = map[string]string{}
		}
		a.Env[p.Env] = "{{port}}"
		a.Comments = append(a.Comments, "Its code reads "+p.Env+": leakcheck gives it a free port.")
	case n > 0:
		a.setPort(n, "Its start script names this port.")
	case p.Number > 0 && p.Number <= 65535:
		a.setPort(p.Number, "Its code listens on this port.")
	case slices.Contains(listeners, s.tool) || framework:
		a.Comments = append(a.Comments, "It listens on the port in PORT: leakcheck gives it a free one.")
	default:
		a.Comments = append(a.Comments, Blank+" port: 3000, if the server does not listen on the port in PORT.")
	}
}

func (a *App) setPort(n int, why string) {
	a.Port = n
	a.Comments = append(a.Comments, why)
}

// readyNames are last segments of paths that tell whether an app is ready, the
// best first.
var readyNames = []string{"readyz", "ready", "readiness", "healthz", "health", "healthcheck", "health-check", "_health", "livez", "liveness", "live", "alive", "ping", "status"}

// findReady uses a route for health checks, if there is one.
func (a *App) findReady(all []routes.Route) {
	best := len(readyNames)
	for _, r := range all {
		if r.Method != http.MethodGet || r.Loose || strings.ContainsAny(r.Path, ":*{[(") {
			continue
		}
		name := strings.ToLower(r.Path[strings.LastIndex(r.Path, "/")+1:])
		if i := slices.Index(readyNames, name); i >= 0 && i < best {
			best, a.Ready = i, r.Path
		}
	}
}
