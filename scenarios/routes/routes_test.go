package routes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// project writes files, and gives their folder.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func names(f *Found) []string {
	var all []string
	for _, r := range f.Routes {
		name := r.Method + " " + r.Path
		if r.Loose {
			name += " (loose)"
		}
		all = append(all, name)
	}
	return all
}

// What stands in one file: each case is one way to say a path.
func TestForms(t *testing.T) {
	const app = "const express = require('express'); const app = express(); const h = (req, res) => res.end();\n"
	tests := []struct{ name, code, want string }{
		{"constant", app + "const P = '/a' + '/b'; app.get(P, h)", "GET /a/b"},
		{"template", app + "const v = 1; app.get(`/v${v}/x`, h)", "GET /v1/x"},
		{"list", app + "app.get(['/a', '/b'], h)", "GET /a, GET /b"},
		{"table", app + "for (const [m, p] of [['get', '/a'], ['post', '/b']]) app[m](p, h)", "GET /a, POST /b"},
		{"object of paths", app + "const paths = { one: '/1', two: '/2' }; Object.values(paths).forEach(p => app.get(p, h))", "GET /1, GET /2"},
		{"fallback", app + "const base = process.env.BASE || '/api'; app.use(base, express.Router().get('/x', h))", "GET /api/x"},
		{"promise", app + "db.connect().then(() => { app.get('/later', h) })", "GET /later"},
		{"reduce", app + "['/a'].map(p => ({ p })).forEach(({ p }) => app.get(p, h))", "GET /a"},
		{"cyclic", app + "const r = express.Router(); r.get('/x', h); r.use('/r', r); app.use('/a', r)", "GET /a/x"},
		{"recursion", app + "function add(n) { app.get('/n', h); add(n - 1) } add(3)", "GET /n"},
		{"setting", app + "app.get('title'); app.set('x', 1); app.get('/y', h)", "GET /y"},
		{"client", "const axios = require('axios'); axios.get('/users', config); " + app, ""},
		{"cache", "const c = makeCache(); c.get('key', () => 1); " + app, ""},
		{"regular expression", app + "app.get(/^\\/x/, h); app.get('/y', h)", "GET /y"},
		{"never called", app + "module.exports = (router) => { router.get('/z', h) }", "GET /z"},
		{"class above", "class Base { constructor() { this.r = require('express').Router(); this.add() } }\nclass Own extends Base { add() { this.r.get('/own', h) } }\nnew Own()", "GET /own"},
		{"async wrapper", app + "const wrap = fn => (a, b, c) => fn(a, b, c); app.post('/w', wrap(async (req, res) => { const { a } = req.body }))", "POST /w"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := In(project(t, map[string]string{"app.js": tt.code}), "app.js")
			if got := strings.Join(names(f), ", "); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// A router whose mounting is not seen is found, and said to lack a prefix. A
// path that is worked out at run time is told.
func TestWhatIsNotSeen(t *testing.T) {
	dir := project(t, map[string]string{
		"app.js":        "const app = require('express')(); for (const f of fs.readdirSync('x')) require(f)(app); require('./more'); app.get(load(), () => 1)",
		"more/index.js": "exports.add = (app) => app.get('/more', (req, res) => res.end())",
		"broken.js":     "",
	})
	f := In(dir, "app.js")
	if diff := cmp.Diff([]string{"GET /more (loose)"}, names(f)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"app.js:1: get"}, f.Unknown); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestPort(t *testing.T) {
	const listen = "const app = require('express')(); app.listen(%)"
	tests := []struct {
		value string
		want  Port
	}{
		{"3000", Port{Number: 3000}},
		{"process.env.PORT", Port{Env: "PORT"}},
		{"process.env.PORT || 8080", Port{"PORT", 8080}},
		{"parseInt(process.env.API_PORT ?? '8081', 10)", Port{"API_PORT", 8081}},
		{"+(process.env['PORT'] || 1)", Port{"PORT", 1}},
		{"{ port: Number(process.env.PORT), host: '::' }", Port{Env: "PORT"}},
		{"require('env-var').get('HTTP_PORT').default('3000')", Port{}},
		{"config.get('HTTP_PORT')", Port{Env: "HTTP_PORT"}},
		{"require('envalid').cleanEnv(process.env, {}).PORT", Port{Env: "PORT"}},
	}
	for _, tt := range tests {
		dir := project(t, map[string]string{"app.js": strings.Replace(listen, "%", tt.value, 1)})
		if got := In(dir, "app.js").Port; got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.value, got, tt.want)
		}
	}
}

// What the handlers read and answer is told.
func TestHandlers(t *testing.T) {
	f := In(project(t, map[string]string{
		"app.ts":   "import express from 'express'; import { c } from './c'; const app = express(); app.post('/a', auth, wrap(c.a));",
		"c.ts":     "export const c = { async a(req: any, res: any) { const { x, y: z = 1 } = req.body ?? {}; if (req.body.w) return res.status(201).json({ id: 1, token }) } }",
		"other.js": "throw 1",
	}), "app.ts")
	if len(f.Routes) != 1 {
		t.Fatalf("got %v", names(f))
	}
	if diff := cmp.Diff([]string{"x", "y", "w"}, f.Routes[0].Fields); diff != "" {
		t.Errorf("fields, -want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"id", "token"}, f.Routes[0].Answers); diff != "" {
		t.Errorf("answers, -want +got:\n%s", diff)
	}
}

// Any code is read in bounded time.
func FuzzIn(f *testing.F) {
	f.Add("const app = require('express')(); app.get('/', h); app.use(app)")
	f.Add("class A extends A { x = new A() } new A()")
	f.Add("function f() { return [f(), f(), f()].map(f) } f()")
	f.Fuzz(func(t *testing.T, code string) {
		for _, r := range In(project(t, map[string]string{"app.js": code}), "app.js").Routes {
			if !strings.HasPrefix(r.Path, "/") {
				t.Errorf("got path %q", r.Path)
			}
		}
	})
}
