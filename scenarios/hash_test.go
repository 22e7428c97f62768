package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	whole := load(t, same, "b")
	base := whole.Hash
	const request, sending, target = 0, 1, 2 // the parts of an identity
	tests := []struct {
		name    string
		edit    func(string) string
		body    string
		changes bool
		parts   []int // of the endpoint's identity, that change
	}{
		{"another folder", same, "b", false, nil},
		{"name", swap("name: x", "name: y"), "b", false, nil},
		{"budget", swap("budget: 1 MB/h", "budget: 9 MB/h"), "b", false, nil},
		{"endpoint budget", swap(", budget: 2 MB/h", ""), "b", false, nil},
		{"rate", swap("rate: 5/s", "rate: 6/s"), "b", false, nil},
		{"waiver", swap("reason: r", "reason: q"), "b", false, nil},
		{"seed", swap("seed: 1", "seed: 2"), "b", false, nil},
		{"layout and comments", swap("name: x", "# c\nname:    'x'"), "b", false, nil},
		{"default spelled out", swap("workers: 10", "workers: 10, confidence: 0.99"), "b", false, nil},
		{"TLS", swap("[node, server.js]}", "[node, server.js], tls: {insecure: true}}"), "b", true, []int{target}},
		{"client", swap("rate: 5/s", "client: {http: 2}"), "b", true, []int{sending}},
		{"query", swap("rate: 5/s", "query: {a: b}"), "b", true, []int{request}},
		{"body file", same, "c", true, []int{request}},
		{"workers", swap("workers: 10", "workers: 11"), "b", true, nil},
		{"mode", swap("seed: 1", "mode: separate"), "b", true, nil},
		{"endpoint name", swap("name: a", "name: b"), "b", true, []int{request}},
		{"expect", swap("rate: 5/s", "expect: 404"), "b", true, []int{request}},
		{"request", swap("POST /", "PUT /"), "b", true, []int{request}},
		{"tags", swap("rate: 5/s", "tags: [nightly]"), "b", false, nil},
		{"longest time", swap("workers: 10", "workers: 10, max_duration: 9m"), "b", true, nil},
		{"another endpoint", swap("run:", "  - {name: z, request: GET /z}\nrun:"), "b", true, nil},
		{"its own workers", swap("rate: 5/s", "workers: 3"), "b", true, nil},
		{"readiness", swap("[node, server.js]}", "[node, server.js], ready: {path: /up}}"), "b", true, nil},
		{"open rate", swap("rate: 5/s", "open_rate: 9/s"), "b", true, []int{sending}},
		{"environment", swap("[node, server.js]}", "[node, server.js], env: {A: b}}"), "b", true, []int{target}},
		{"setup", swap("endpoints:", "setup: [{request: POST /login}]\nendpoints:"), "b", true, []int{target}},
		{"clocks stay", swap("seed: 1", "advance_clock: false"), "b", true, []int{target}},
	}
	for _, tt := range tests {
		got := load(t, tt.edit, tt.body)
		if (got.Hash != base) != tt.changes {
			t.Errorf("%s: changed is %v, want %v", tt.name, got.Hash != base, tt.changes)
		}
		if diff := cmp.Diff(tt.parts, changed(whole.Endpoints[0].Identity, got.Endpoints[0].Identity)); diff != "" {
			t.Errorf("%s: parts of the identity that change (-want +got):\n%s", tt.name, diff)
		}
	}
}

// changed are the parts in which two identities differ.
func changed(a, b string) []int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	var out []int
	for i := range max(len(x), len(y)) {
		if i >= len(x) || i >= len(y) || x[i] != y[i] {
			out = append(out, i)
		}
	}
	return out
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

// An app that runs already is another process each time.
func TestIdentityOfAttached(t *testing.T) {
	attached := func(to string) string {
		return load(t, func(s string) string {
			return strings.Replace(s, "{command: [node, server.js]}", "{attach: {url: 'http://127.0.0.1:3000', "+to+"}}", 1)
		}, "b").Endpoints[0].Identity
	}
	if a, b, c := attached("pid: 4711"), attached("pid: 4712"), attached("inspector: '127.0.0.1:9229'"); a != b || a != c {
		t.Errorf("identities %s, %s and %s: want one", a, b, c)
	}
}

// Identities are kept in histories for years: another way to make them would cut every
// series in two. So would another hash, for the runs that have no identities.
func TestIdentitiesStay(t *testing.T) {
	s, err := Load("testdata/good/checkout.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got := []string{s.Hash}
	for _, e := range s.Endpoints {
		got = append(got, e.Identity)
	}
	want := []string{
		"bba32c98cf3f4e72", "20090abf.274f08ee.f4ae0da7", "c21afb95.274f08ee.f4ae0da7", "9a393c6a.edf73c02.f4ae0da7",
		"3a3ead48.fb394dab.f4ae0da7", "6d9b6a74.274f08ee.f4ae0da7", "93c06dce.274f08ee.f4ae0da7",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A scenario that has a key by its old name is the same scenario.
func TestOldKeys(t *testing.T) {
	const file = "version: 1\nname: a\ntarget: {command: [node, a.js]}\nendpoints: [{name: a, request: GET /}]\nrun: {%s: false}\n"
	load := func(key string) *Scenario {
		s, err := Parse("x.yaml", []byte(fmt.Sprintf(file, key)))
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		return s
	}
	old, now := load("pass_time"), load("advance_clock")
	if now.Run.AdvanceClock == nil || *now.Run.AdvanceClock {
		t.Error("advance_clock: false is not read")
	}
	if diff := cmp.Diff(now.Run, old.Run); diff != "" {
		t.Errorf("(-advance_clock +pass_time):\n%s", diff)
	}
	// As the version before the renaming had it.
	if hash, identity := old.Hash, now.Endpoints[0].Identity; hash != "d609ff1e4033dba4" || identity != "1ad35e4f.274f08ee.0cd10718" {
		t.Errorf("hash %s and identity %s have changed", hash, identity)
	}
}
