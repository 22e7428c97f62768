package draft

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// manifest is as much of package.json as tells how an app starts.
type manifest struct {
	Name                          string
	Main                          string
	Scripts                       map[string]string
	Dependencies, DevDependencies map[string]string
}

// frameworks are known by their packages; the first found counts.
var frameworks = []struct{ pkg, name string }{
	{"next", "Next.js"},
	{"nuxt", "Nuxt"},
	{"@nestjs/core", "NestJS"},
	{"@remix-run/node", "Remix"},
	{"@sveltejs/kit", "SvelteKit"},
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
	d := &Draft{Name: m.Name, From: "package.json of " + m.Name, Endpoints: routesIn(dir, m)}
	if len(d.Endpoints) == 0 {
		d.Endpoints = []Endpoint{{
			Name: "home", Method: "GET", Path: "/",
			Blanks: []string{"the requests to measure; package.json names none"},
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
	script := m.Scripts["start"]
	switch {
	case script != "":
		a.Command, a.Env = commandOf(script)
		a.Comments = append(a.Comments, "The start script of package.json: "+script)
	case m.entry(dir) != "":
		a.Command = []string{"node", m.entry(dir)}
		a.Comments = append(a.Comments, "package.json has no start script; this is its main file.")
	default:
		a.Command, a.Known = []string{"node", "server.js"}, false
		a.Comments = append(a.Comments, "package.json has neither a start script nor a main file.")
	}
	if f := m.framework(); f != "" {
		a.Comments = append(a.Comments, "An app with "+f+".")
	}
	a.findPort(source(dir, m), script)
	return a
}

func (m *manifest) framework() string {
	for _, f := range frameworks {
		if m.Dependencies[f.pkg] != "" || m.DevDependencies[f.pkg] != "" {
			return f.name
		}
	}
	return ""
}

// assignment is NAME=value before a command.
var assignment = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)=([^\s"'$` + "`" + `]*)$`)

// commandOf starts node itself where the script is no more than that, because
// it is measured then without npm between.
func commandOf(script string) (command []string, variables map[string]string) {
	words := strings.Fields(strings.TrimPrefix(script, "cross-env "))
	variables = map[string]string{}
	for len(words) > 0 {
		m := assignment.FindStringSubmatch(words[0])
		if m == nil {
			break
		}
		if m[1] != "PORT" {
			variables[m[1]] = m[2]
		}
		words = words[1:]
	}
	if len(words) < 2 || words[0] != "node" || strings.ContainsAny(script, "&|;<>$\"'`*\\") {
		return []string{"npm", "start"}, nil
	}
	return words, variables
}

// entry is the app's main file, relative to its folder; "" for none.
func (m *manifest) entry(dir string) string {
	files := []string{m.Main, "server.js", "app.js", "index.js", "src/server.js", "src/app.js", "src/index.js", "server.mjs", "index.mjs"}
	for _, word := range strings.Fields(m.Scripts["start"]) {
		if strings.HasSuffix(word, "js") {
			files = append([]string{word}, files...)
		}
	}
	for _, f := range files {
		if info, err := os.Stat(filepath.Join(dir, f)); f != "" && err == nil && info.Mode().IsRegular() {
			return f
		}
	}
	return ""
}

// maxSource bounds what is read of the main file, in bytes.
const maxSource = 1 << 20

// source is the text of the main file; "" when there is none to read.
func source(dir string, m *manifest) string {
	file := m.entry(dir)
	if file == "" {
		return ""
	}
	path := filepath.Join(dir, file)
	if info, err := os.Stat(path); err != nil || info.Size() > maxSource {
		return ""
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text)
}

var (
	listenPort = regexp.MustCompile(`\.listen\(\s*(?:\{\s*port:\s*)?([0-9]{2,5})\b`)
	flagPort   = regexp.MustCompile(`(?:^|\s)(?:-p|--port)[ =]([0-9]{2,5})\b|\bPORT=([0-9]{2,5})\b`)
	constPort  = regexp.MustCompile(`(?i)\bport\s*=\s*([0-9]{2,5})\b`)
)

// findPort says where the app listens.
func (a *App) findPort(code, script string) {
	if strings.Contains(code, "env.PORT") || strings.Contains(code, "env['PORT']") || strings.Contains(code, `env["PORT"]`) {
		a.Comments = append(a.Comments, "Its main file reads PORT: leakcheck gives it a free port.")
		return
	}
	for _, form := range []*regexp.Regexp{listenPort, constPort} {
		if m := form.FindStringSubmatch(code); m != nil {
			a.setPort(m[1], "Its main file listens on this port.")
			return
		}
	}
	if m := flagPort.FindStringSubmatch(script); m != nil {
		a.setPort(m[1]+m[2], "Its start script names this port.")
		return
	}
	a.Comments = append(a.Comments, Blank+" port: 3000, if the server does not listen on the port in PORT.")
}

func (a *App) setPort(text, why string) {
	if n, err := strconv.Atoi(text); err == nil && n > 0 && n <= 65535 {
		a.Port = n
		a.Comments = append(a.Comments, why)
	}
}
