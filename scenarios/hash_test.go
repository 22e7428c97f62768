package scenarios

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// load writes a scenario and its body file to a folder of its own.
func load(t *testing.T, edit func(string) string, body string) *Scenario {
	t.Helper()
	src := `version: 1
name: x
target: {command: [node, server.js]}
budget: 1 MB/h
endpoints:
  - {name: a, request: POST /, body_file: body.json, rate: 5/s, budget: 2 MB/h, waive: {reason: r, until: 2027-01-31}}
run: {seed: 1, workers: 10}
`
	dir := t.TempDir()
	path := filepath.Join(dir, "s.yaml")
	for name, content := range map[string]string{path: edit(src), filepath.Join(dir, "body.json"): body} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestHash(t *testing.T) {
	same := func(s string) string { return s }
	swap := func(old, new string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, new, 1) }
	}
	base := load(t, same, "b").Hash
	tests := []struct {
		name    string
		edit    func(string) string
		body    string
		changes bool
	}{
		{"another folder", same, "b", false},
		{"name", swap("name: x", "name: y"), "b", false},
		{"budget", swap("budget: 1 MB/h", "budget: 9 MB/h"), "b", false},
		{"endpoint budget", swap(", budget: 2 MB/h", ""), "b", false},
		{"rate", swap("rate: 5/s", "rate: 6/s"), "b", false},
		{"waiver", swap("reason: r", "reason: q"), "b", false},
		{"seed", swap("seed: 1", "seed: 2"), "b", false},
		{"layout and comments", swap("name: x", "# c\nname:    'x'"), "b", false},
		{"default spelled out", swap("workers: 10", "workers: 10, confidence: 0.99"), "b", false},
		{"TLS", swap("[node, server.js]}", "[node, server.js], tls: {insecure: true}}"), "b", true},
		{"client", swap("rate: 5/s", "client: {http: 2}"), "b", true},
		{"query", swap("rate: 5/s", "query: {a: b}"), "b", true},
		{"body file", same, "c", true},
		{"workers", swap("workers: 10", "workers: 11"), "b", true},
		{"mode", swap("seed: 1", "mode: separate"), "b", true},
		{"endpoint name", swap("name: a", "name: b"), "b", true},
		{"expect", swap("rate: 5/s", "expect: 404"), "b", true},
		{"request", swap("POST /", "PUT /"), "b", true},
	}
	for _, tt := range tests {
		if got := load(t, tt.edit, tt.body).Hash; (got != base) != tt.changes {
			t.Errorf("%s: changed is %v, want %v", tt.name, got != base, tt.changes)
		}
	}
}

// A driver's script is part of what is measured, wherever the checkout stands.
func TestHashOfDriver(t *testing.T) {
	edit := func(s string) string {
		return strings.Replace(s, "request: POST /, body_file: body.json", "exec: [node, body.json]", 1)
	}
	base := load(t, edit, "b").Hash
	if again := load(t, edit, "b").Hash; again != base {
		t.Errorf("in another folder: %s and %s", base, again)
	}
	if other := load(t, edit, "c").Hash; other == base {
		t.Error("another script has the same hash")
	}
}
