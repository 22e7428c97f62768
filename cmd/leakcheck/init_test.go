package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// stub answers what drafts ask for: 404 where the HAR file had one.
const stub = `require('http').createServer((req, res) => {
  req.resume().on('end', () => { res.statusCode = req.url === '/missing' ? 404 : 200; res.end('{}') })
}).listen(process.env.PORT)`

// enough requests of each endpoint, with data of their own.
const enough = 50

// What init drafts runs against a server made from it: each endpoint is loaded,
// and every request is answered as the draft expects.
func TestDraftsRun(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a load for each source")
	}
	env := os.Environ()
	for _, name := range []string{"TOKEN", "API_KEY", "SERVER_TOKEN", "COOKIE", "X_API_KEY", "ACCESS_TOKEN", "CLIENT_SECRET", "PASSWORD"} {
		env = append(env, name+"=x")
	}
	for _, source := range []string{"petstore.yaml", "uspto.yaml", "uber.yaml", "shop.har", "access.log"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			path, err := filepath.Abs("../../scenarios/draft/testdata/" + source)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			write(t, filepath.Join(dir, "package.json"), `{"name": "stub", "scripts": {"start": "node server.js"}}`)
			write(t, filepath.Join(dir, "server.js"), stub)
			printed(t, dir, "init", path, "--all")
			runUntilLoaded(t, dir, env)
			rec, err := recordedIn(dir)
			if err != nil {
				t.Fatal(err)
			}
			for i, o := range rec.Observations {
				if load := &o.Block.Load; load.Failed > 0 {
					t.Errorf("block %d, of endpoint %d: %d requests failed: %v", i, o.Block.Endpoint, load.Failed, load.Statuses)
				}
			}
		})
	}
}

// runUntilLoaded interrupts the run when each endpoint has had its requests,
// however long that takes.
func runUntilLoaded(t *testing.T, dir string, env []string) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command("leakcheck", "run", "scenario.yaml", "--quiet", "--no-diagnose", "--history", "off")
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for !everyEndpointLoaded(dir) {
		select {
		case err := <-ended:
			t.Fatalf("ended before each endpoint was loaded: %v\n%s", err, &out)
		case <-time.After(100 * time.Millisecond):
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; cmd.ProcessState.ExitCode() != 130 {
		t.Fatalf("got %v, want exit code 130:\n%s", err, &out)
	}
}

func everyEndpointLoaded(dir string) bool {
	rec, err := recordedIn(dir)
	if err != nil {
		return false // not begun
	}
	landed := make([]int, len(rec.Header.Endpoints))
	for i := range rec.Observations {
		for e := range landed {
			landed[e] += rec.Observations[i].Block.LoadOf(e).Landed
		}
	}
	return slices.Min(landed) >= enough
}

// recordedIn is what the one run in dir has recorded by now.
func recordedIn(dir string) (*recording.Recording, error) {
	files, err := filepath.Glob(filepath.Join(dir, ".leakcheck", "runs", "*", "recording.jsonl"))
	if err != nil {
		return nil, err
	}
	if len(files) != 1 {
		return nil, fmt.Errorf("got recordings %v, want one", files)
	}
	return recording.ReadFile(files[0])
}

// shim stands for Express: the few calls that the app below makes.
const shim = `module.exports = () => {
  const routes = []
  const app = { use () {}, listen: (port) => require('http').createServer((req, res) => {
    let text = ''
    req.on('data', (d) => { text += d }).on('end', () => {
      const path = req.url.split('?')[0]
      const found = routes.find(([m, p]) => m === req.method && new RegExp('^' + p.replace(/:\w+/g, '[^/]+') + '$').test(path))
      res.json = (v) => { res.setHeader('Content-Type', 'application/json'); res.end(JSON.stringify(v)) }
      res.status = (n) => { res.statusCode = n; return res }
      req.body = text ? JSON.parse(text) : {}
      found ? found[2](req, res) : res.status(404).json({})
    })
  }).listen(port) }
  for (const m of ['get', 'post']) app[m] = (path, h) => { routes.push([m.toUpperCase(), path, h]) }
  return app
}`

const described = `const express = require('express')
const app = express()
app.get('/ready', (req, res) => res.json({}))
app.post('/login', (req, res) => {
  const { name, password } = req.body
  if (password !== 'right') return res.status(401).json({})
  res.json({ token: 'T1' })
})
app.get('/items', (req, res) => req.headers.authorization === 'Bearer T1' ? res.json([]) : res.status(401).json({}))
app.get('/broken', (req, res) => res.status(500).json({}))
app.get('/items/:id', (req, res) => res.status(req.url === '/items/abc' ? 200 : 404).json({}))
app.get('/openapi.json', (req, res) => res.json({ openapi: '3.0.3', info: { title: 'x', version: '1' }, paths: {
  '/items/{id}': { get: { parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', example: 'abc' } }], responses: {} } } } }))
app.listen(process.env.PORT)
`

// init --run asks the app: its login is tried, its own description is used, and
// what does not answer is commented out.
func TestInitRun(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "package.json"), `{"name": "shop", "scripts": {"start": "node server.js"}, "dependencies": {"express": "5"}}`)
	write(t, filepath.Join(dir, "server.js"), described)
	if err := os.MkdirAll(filepath.Join(dir, "node_modules", "express"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "node_modules", "express", "index.js"), shim)
	t.Setenv("LOGIN_NAME", "ann")
	t.Setenv("LOGIN_PASSWORD", "right")
	printed(t, dir, "init", "--run")
	text, err := os.ReadFile(filepath.Join(dir, "scenario.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"ready: {path: /ready}", "- request: POST /login", "token: {json: /token}", "request: GET /items/abc\n",
		"# It was answered with 200 when it was tried.\n  - name: GET /items\n", "# Off: it was answered with 500 when it was tried.\n",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not in the draft:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "randInt 1 100") {
		t.Errorf("a parameter is guessed that the app describes:\n%s", text)
	}
}
