package comparecmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/repository"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
)

const shop = `version: 1
name: shop
target: {command: [node, src/server.js]}
endpoints:
  - {name: cart, request: "GET /cart/{{seq}}"}
  - {name: list, request: GET /list}
  - name: visit
    flow: [{request: GET /list}, {request: GET /cart/7}]
`

// The endpoints that a change is about are those with a route in a changed file; a
// change in no route's file is about none, as far as can be told.
func TestTouched(t *testing.T) {
	root := t.TempDir()
	files := map[string]string{
		"scenario.yaml": shop,
		"src/server.js": "const app = require('express')()\napp.use('/cart', require('./cart'))\nrequire('./list')(app)\napp.listen(process.env.PORT)\n",
		"src/cart.js":   "const r = require('express').Router()\nr.get('/:id', (q, s) => s.json({}))\nmodule.exports = r\n",
		"src/list.js":   "module.exports = app => app.get('/list', (q, s) => s.json(require('./shelf')))\n",
		"src/shelf.js":  "module.exports = []\n",
	}
	for name, text := range files {
		put(t, filepath.Join(root, name), text)
	}
	for _, args := range [][]string{{"init", "--quiet"}, {"add", "."}, {"-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "--message", "first"}} {
		if out, err := exec.Command("git", append([]string{"-C", root}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	tests := []struct {
		file string
		want []string
	}{
		{"src/cart.js", []string{"cart", "visit"}},
		{"src/list.js", []string{"list", "visit"}},
		{"src/shelf.js", nil},
		{"src/new.js", nil},
	}
	for _, tt := range tests {
		put(t, filepath.Join(root, tt.file), files[tt.file]+"// changed\n")
		if got := touchedIn(t, root); !slices.Equal(got, tt.want) {
			t.Errorf("%s changed: got %v, want %v", tt.file, got, tt.want)
		}
		put(t, filepath.Join(root, tt.file), files[tt.file])
	}
}

// touchedIn are the endpoints that the working tree's changes are about.
func touchedIn(t *testing.T, root string) []string {
	t.Helper()
	ctx := t.Context()
	r, err := newRevisions(ctx, command.SystemStreams(), settings.Settings{Quiet: true}, filepath.Join(root, "scenario.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var trees []*repository.Worktree
	for _, revision := range []string{"HEAD", workingTree} {
		tree, err := r.checkOut(ctx, revision)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := tree.Remove(ctx); err != nil { // whatever has become of the test's context
				t.Error(err)
			}
		})
		trees = append(trees, tree)
	}
	names, err := r.touched(ctx, trees[0], trees[1])
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
