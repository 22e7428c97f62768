package draft

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/leakcheck/leakcheck/scenarios/routes"
)

func TestAnswers(t *testing.T) {
	tests := []struct {
		route, method, path string
		want                bool
	}{
		{"/users/:id", "GET", "/users/{{seq}}", true},
		{"/users/:id", "GET", "/users/7?page=2", true},
		{"/users/me", "GET", "/users/{{seq}}", true},
		{"/users/me", "GET", "/users/you", false},
		{"/users/:id", "POST", "/users/7", false},
		{"/users", "GET", "/users/7", false},
		{"/users/:id/cart", "GET", "/users/7", false},
		{"/files/*", "GET", "/files/a/b", true},
		{"/blog/[...slug]", "GET", "/blog/a/b", true},
		{"/", "GET", "/", true},
	}
	for _, tt := range tests {
		if got := Answers(&routes.Route{Method: "GET", Path: tt.route}, tt.method, tt.path); got != tt.want {
			t.Errorf("%s answers %s %s: got %v", tt.route, tt.method, tt.path, got)
		}
	}
}

// The routes of a command's file name the files that declare them, also where a
// compiler wrote the file that is started.
func TestServed(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"package.json":  `{"scripts": {"start": "node dist/server.js"}}`,
		"src/server.js": "const app = require('express')()\napp.use('/cart', require('./cart'))\napp.listen(process.env.PORT)\n",
		"src/cart.js":   "const r = require('express').Router()\nr.get('/:id', (q, s) => s.json({}))\nmodule.exports = r\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range [][]string{{"npm", "start"}, {"node", "dist/server.js"}, {"node", "--inspect", "src/server.js"}} {
		all := Served(dir, command)
		if len(all) != 1 || all[0].File != "src/cart.js" || all[0].Path != "/cart/:id" {
			t.Errorf("%v: got %+v", command, all)
		}
	}
	if all := Served(t.TempDir(), []string{"npm", "start"}); len(all) != 0 {
		t.Errorf("without an app: got %+v", all)
	}
}
