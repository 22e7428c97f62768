package draft

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/leakcheck/leakcheck/scenarios"
)

// layout is a small project as its framework's documentation or generator lays
// it out, and what its draft must have.
type layout struct {
	name, dir                   string
	command, port, ready, setup string
	routes                      []string
}

func layouts(t *testing.T) []layout {
	t.Helper()
	files, err := filepath.Glob("testdata/layouts/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("got layouts %v, %v", files, err)
	}
	var all []layout
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		l := layout{name: strings.TrimSuffix(filepath.Base(file), ".txtar"), dir: t.TempDir()}
		for _, f := range archive.Files {
			if f.Name == "want" {
				l.read(string(f.Data))
				continue
			}
			path := filepath.Join(l.dir, f.Name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, l)
	}
	return all
}

func (l *layout) read(want string) {
	for line := range strings.Lines(want) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch key {
		case "command":
			l.command = value
		case "port":
			l.port = value
		case "ready":
			l.ready = value
		case "setup":
			l.setup = value
		default:
			l.routes = append(l.routes, strings.TrimSpace(line))
		}
	}
}

// The routes, the command, the port and the health check of each layout are
// drafted, and nothing that is no route.
func TestLayouts(t *testing.T) {
	var table strings.Builder
	found, all := 0, 0
	for _, l := range layouts(t) {
		d, err := From(l.dir, "", l.dir, Options{All: true})
		if err != nil {
			t.Errorf("%s: %v", l.name, err)
			continue
		}
		var got []string
		for _, e := range d.Endpoints {
			got = append(got, e.Name)
		}
		hit := 0
		for _, r := range l.routes {
			if slices.Contains(got, r) {
				hit++
			} else {
				t.Errorf("%s: %s is not drafted", l.name, r)
			}
		}
		for _, g := range got {
			if !slices.Contains(l.routes, g) {
				t.Errorf("%s: %s is drafted, and no route", l.name, g)
			}
		}
		l.compareStart(t, d)
		found, all = found+hit, all+len(l.routes)
		fmt.Fprintf(&table, "%-20s %2d of %2d routes  %s, port %s\n", l.name, hit, len(l.routes), strings.Join(d.App.Command, " "), l.port)
		if _, err := scenarios.Parse("scenario.yaml", d.YAML()); err != nil {
			t.Errorf("%s: the draft is no scenario: %v\n%s", l.name, err, d.YAML())
		}
	}
	t.Logf("%s%d of %d routes", &table, found, all)
}

func (l *layout) compareStart(t *testing.T, d *Draft) {
	t.Helper()
	if got := strings.Join(d.App.Command, " "); got != l.command {
		t.Errorf("%s: got command %q, want %q", l.name, got, l.command)
	}
	if d.App.Ready != l.ready {
		t.Errorf("%s: got ready %q, want %q", l.name, d.App.Ready, l.ready)
	}
	port := "PORT"
	if d.App.Port > 0 {
		port = fmt.Sprint(d.App.Port)
	}
	for name, value := range d.App.Env {
		if value == "{{port}}" {
			port = name
		}
	}
	if slices.ContainsFunc(d.App.Comments, func(c string) bool { return strings.HasPrefix(c, Blank) }) {
		port = "unknown"
	}
	if port != l.port {
		t.Errorf("%s: got port %s, want %s", l.name, port, l.port)
	}
	setup := ""
	if len(d.Setup) > 0 {
		setup = d.Setup[0].Method + " " + d.Setup[0].Path
	}
	if setup != l.setup {
		t.Errorf("%s: got setup %q, want %q", l.name, setup, l.setup)
	}
}
