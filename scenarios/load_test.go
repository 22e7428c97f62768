package scenarios

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Each file of testdata/bad has beside it what is said of it.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("got files %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			_, err := Load(file)
			var problems Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("got %T %v, want Problems", err, err)
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".golden"
			got := filepath.ToSlash(err.Error()) + "\n"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	got, err := Load("testdata/good/checkout.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.Abs("testdata/good")
	if err != nil {
		t.Fatal(err)
	}
	want := &Scenario{
		Version: 1,
		Name:    "checkout",
		Target: Target{
			Command: []string{"node", "server.js"},
			Dir:     filepath.Join(dir, "app"),
			Env:     map[string]string{"PORT": "{{port}}", "TOKEN": `{{env "TOKEN"}}`, "DEBUG": "0010"},
			Ready:   Ready{Path: "/healthz", Timeout: 45 * time.Second},
		},
		Budget:     new(unit.MBPerHour(5)),
		Background: &Background{Budget: 1},
		Endpoints: []Endpoint{
			{
				Name: "upload",
				Message: Message{
					Request: "POST /upload", Method: "POST", URLPath: "/upload",
					Headers: map[string]string{"Content-Type": "application/json", "x-lower": "kept"},
					Body:    `{"id": "{{uuid}}"}`,
				},
				Rate:   new(unit.PerSecond(20)),
				Budget: new(unit.MBPerHour(2)),
				Waive:  &Waive{"upstream issue 123", time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)},
			},
			{
				Name: "list", Message: Message{Request: "GET /users/{{seq}}", Method: "GET", URLPath: "/users/{{seq}}"},
				Rate: new(unit.PerSecond(150)),
			},
			{
				Name: "gone",
				Message: Message{
					Request: `DELETE /users/{{randInt 1 9}}?q={{pick "a" "b"}}`,
					Method:  "DELETE", URLPath: `/users/{{randInt 1 9}}?q={{pick "a" "b"}}`,
					Expect: Expect{{404, 404}, {500, 599}},
				},
				OpenRate: new(unit.PerSecond(5)), // 300/min
				Workers:  3,
			},
			{
				Name: "client leaves", Message: Message{Request: "GET /stream", Method: "GET", URLPath: "/stream"},
				AbortAfter: 50 * time.Millisecond,
			},
			{Name: "replay", Targets: filepath.Join(dir, "targets.jsonl"), TargetsFormat: "json"},
			{
				Name: "large",
				Message: Message{
					Request: "PUT /large", Method: "PUT", URLPath: "/large",
					BodyFile: filepath.Join(dir, "app", "large.json"), Body: "{\"id\": {{seq}}}\n",
				},
			},
		},
		Run:      Run{Confidence: 0.95, MaxDuration: 2 * time.Minute, Workers: 20, Seed: 1},
		Diagnose: Diagnose{Snapshots: new(false), Timeout: 20 * time.Second, BlackBox: true},
		Path:     "testdata/good/checkout.yaml",
		Hash:     got.Hash,
	}
	for i := range want.Endpoints {
		want.Endpoints[i].Timeout = 10 * time.Second
		want.Endpoints[i].Identity = got.Endpoints[i].Identity // TestHash looks at it
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Scenario{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestDefaults(t *testing.T) {
	s, err := Load("testdata/good/smallest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	wantRun := Run{Confidence: 0.99, MaxDuration: 5 * time.Minute, Workers: 10}
	if diff := cmp.Diff(wantRun, s.Run); diff != "" {
		t.Errorf("run, -want +got:\n%s", diff)
	}
	if dir, _ := filepath.Abs("testdata/good"); s.Target.Dir != dir || s.Target.Ready.Timeout != 30*time.Second {
		t.Errorf("got dir %s and ready timeout %v, want %s and 30s", s.Target.Dir, s.Target.Ready.Timeout, dir)
	}
	e := &s.Endpoints[0]
	if got, assumed := s.EffectiveBudget(e); got != 1 || !assumed {
		t.Errorf("budget: got %v, assumed %v, want 1 MB/h, assumed", got, assumed)
	}
	if got, assumed := s.EffectiveRate(e); got != 10 || !assumed {
		t.Errorf("rate: got %v, assumed %v, want 10/s, assumed", got, assumed)
	}
	s.Budget, e.Rate = new(unit.MBPerHour(7)), new(unit.PerSecond(3))
	if got, assumed := s.EffectiveBudget(e); got != 7 || assumed {
		t.Errorf("budget: got %v, assumed %v, want the scenario's 7 MB/h", got, assumed)
	}
	if got, assumed := s.EffectiveRate(e); got != 3 || assumed {
		t.Errorf("rate: got %v, assumed %v, want the endpoint's 3/s", got, assumed)
	}
	e.Budget = new(unit.MBPerHour(2))
	if got, assumed := s.EffectiveBudget(e); got != 2 || assumed {
		t.Errorf("budget: got %v, assumed %v, want the endpoint's 2 MB/h", got, assumed)
	}
}

func TestLoadMissingFile(t *testing.T) {
	_, err := Load("testdata/nowhere.yaml")
	var problems Problems
	if !errors.Is(err, fs.ErrNotExist) || errors.As(err, &problems) {
		t.Errorf("got %T %v, want fs.ErrNotExist and no Problems", err, err)
	}
}

// Files too large or too deep are refused before the parser sees them, whose
// time and stack they would take.
func TestBounds(t *testing.T) {
	tests := []struct {
		name, src, want string
	}{
		{"bytes", strings.Repeat("#", maxFile+1), "larger than 10 MB, which no scenario is"},
		{"tokens", strings.Repeat("a: 1\n", maxTokens), "more YAML than any scenario needs"},
		{"flow", strings.Repeat("[", 1000), "nested too deeply"},
		{"flow with keys", strings.Repeat("{a: ", 1000), "nested too deeply"},
		{"dashes", strings.Repeat("- ", 1000), "nested too deeply"},
		{"question marks", strings.Repeat("? ", 1000), "nested too deeply"},
	}
	for _, tt := range tests {
		_, err := Parse("x.yaml", []byte(tt.src))
		var problems Problems
		if !errors.As(err, &problems) || len(problems) != 1 || problems[0].Message != tt.want {
			t.Errorf("%s: got %.200v, want %s", tt.name, err, tt.want)
		}
	}
}

func TestByteOrderMarkAndCRLF(t *testing.T) {
	src := "\uFEFFversion: 1\r\nname: x\r\ntarget: {command: [node, a.js]}\r\nendpoints:\r\n- {name: a, request: GET /, x: 1}\r\n"
	_, err := Parse("x.yaml", []byte(src))
	want := `x.yaml:5:29: unknown key "x"`
	if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\r") {
		t.Errorf("got %v, want %s", err, want)
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		s, err := Parse("testdata/good/fuzz.yaml", src)
		var problems Problems
		switch {
		case err == nil && (s.Version != Version || len(s.Endpoints) == 0 || len(s.Hash) != hashLength):
			t.Fatalf("accepted %q as %+v", src, s)
		case err != nil && (!errors.As(err, &problems) || len(problems) == 0 || err.Error() == ""):
			t.Fatalf("got %T %v for %q", err, err, src)
		}
	})
}

// A colon without a space after it is text in YAML, wherever it stands.
func TestColonsInText(t *testing.T) {
	for list, want := range map[string]string{
		"[node, --inspect=127.0.0.1:9229]": "node --inspect=127.0.0.1:9229",
		"[node, a:b:c, 12:30, x.js]":       "node a:b:c 12:30 x.js",
		"[node, http://x:80/y, \"a: b\"]":  "node http://x:80/y a: b",
		"[node, --a=b:c,\n    d:e]":        "node --a=b:c d:e",
	} {
		src := "version: 1\nname: x\ntarget: {command: " + list + ", env: {A: b:c}}\nendpoints:\n  - {name: a, request: GET /}\n"
		s, err := Parse("x.yaml", []byte(src))
		if err != nil {
			t.Errorf("%s: %v", list, err)
			continue
		}
		if got := strings.Join(s.Target.Command, " "); got != want || s.Target.Env["A"] != "b:c" {
			t.Errorf("%s: got %s, %v", list, got, s.Target.Env)
		}
	}
	if _, err := Parse("x.yaml", []byte("version: 1\nname: x\ntarget: {command: [node, a: b]}\nendpoints: [{name: a, request: GET /}]\n")); err == nil {
		t.Error("keys and values in a list of texts are taken")
	}
}

// What is wrong with a data file is said once, and not of each of its columns.
func TestBadDataFileIsOneProblem(t *testing.T) {
	_, err := Parse("x.yaml", []byte("version: 1\nname: x\ntarget: {command: [node, a.js]}\nendpoints:\n  - {name: a, request: 'GET /{{data \"u\"}}', data: {file: none.csv}}\n"))
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 1 || !strings.Contains(problems[0].Message, "does not exist") {
		t.Errorf("got %v", err)
	}
}

func TestPlaceholder(t *testing.T) {
	for path, want := range map[string]string{
		"/items/:id": ":id", "/items/{id}/x": "{id}", "/a/<id>": "<id>", "/a/[id]": "[id]", "/items/{{seq}}": "", "/a:b": "", "/v1/x:run": "", "/a?b=:c": "", "/": "",
	} {
		if got := Placeholder(path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}
