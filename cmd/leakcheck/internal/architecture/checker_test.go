package architecture_test

import (
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCheckImports breaks each rule once, in a graph that is otherwise in order.
func TestCheckImports(t *testing.T) {
	good := graph{
		"cmd/leakcheck/internal/cli":         {"cmd/leakcheck/internal/cli/runcmd", "cmd/leakcheck/internal/cli/heapcmd", "github.com/spf13/cobra"},
		"cmd/leakcheck/internal/cli/heapcmd": {"cmd/leakcheck/internal/command"},
		"cmd/leakcheck/internal/cli/runcmd":  {"cmd/leakcheck/internal/command", "harness", "os", "verdict"},
		"cmd/leakcheck/internal/command":     {"harness"},
		"harness":                            {"harness/target", "loadgen", "sampler", "scenarios"},
		"harness/target":                     {"sampler/procmem"},
		"harness/target/container":           {"github.com/testcontainers/testcontainers-go", "harness/target"},
		"loadgen":                            {"loadgen/template", "sampler/recording"},
		"loadgen/template":                   {"text/template"},
		"sampler":                            {"sampler/inspector", "sampler/recording/unit"},
		"sampler/heapsnap":                   {"sampler/heapsnap/dominators"},
		"sampler/heapsnap/dominators": {
			"slices",
		},
		"sampler/evidence":             {"time"},
		"sampler/inspector":            {"github.com/coder/websocket"},
		"sampler/procmem":              {"os"},
		"sampler/recording":            {"sampler/recording/unit"},
		"sampler/recording/unit":       {"time"},
		"scenarios":                    {"loadgen/template", "sampler/recording/unit"},
		"scenarios/catalog":            {"embed", "scenarios"},
		"tools/accuracy":               {"scenarios/catalog", "tools/testenv"},
		"tools/testenv":                {"os"},
		"verdict":                      {"gonum.org/v1/gonum/mat", "sampler/recording", "time"},
		"verdict/compare":              {"verdict/history"},
		"verdict/history":              {"verdict"},
		"cmd/leakcheck/internal/store": {"database/sql", "modernc.org/sqlite", "verdict/history"},
		"verdict/diagnose":             {"sampler/evidence", "verdict"},
		"verdict/report":               {"os", "verdict", "verdict/diagnose"},
	}
	if got := checkImports(good, rules); len(got) > 0 {
		t.Fatalf("a graph in order was refused: %q", got)
	}
	tests := []struct{ pkg, imports, why string }{
		{"loadgen/template", "sampler/recording/unit", "a leaf holds data"},
		{"sampler/recording/unit", "sampler/recording", "a leaf holds data"},
		{"sampler/recording", "sampler/procmem", "a recording is data"},
		{"sampler/heapsnap", "sampler/inspector", "snapshot parser is a leaf"},
		{"scenarios", "harness", "file format is read by editors"},
		{"scenarios", "sampler/recording", "file format is read by editors"},
		{"scenarios/catalog", "harness", "catalog is scenario files"},
		{"loadgen", "sampler", "load is sent and counted"},
		{"sampler/inspector", "harness", "sampling observes any process"},
		{"sampler", "verdict", "sampling observes any process"},
		{"harness", "verdict", "measuring and judging are separate"},
		{"harness/target", "verdict/report", "measuring and judging are separate"},
		{"harness/target", "harness", "a target is started"},
		{"verdict", "sampler", "a verdict is made from a recording alone"},
		{"verdict/history", "sampler/evidence", "a verdict is made from a recording alone"},
		{"verdict/report", "harness", "a diagnosis joins a verdict and evidence"},
		{"verdict/diagnose", "sampler/heapsnap", "a diagnosis joins a verdict and evidence"},
		{"verdict/diagnose", "os", "a verdict is a pure function"},
		{"verdict", "verdict/diagnose", "must not be able to change it"},
		{"sampler/evidence", "sampler", "evidence is data"},
		{"tools/accuracy", "harness and verdict", "only the command joins"},
		{"verdict", "tools/testenv", "nothing is built on them"},
		{"harness", "cmd/leakcheck/internal/cli", "nothing is built on them"},
		{"sampler", "github.com/testcontainers/testcontainers-go/wait", "one package pays for it"},
		{"harness/target", "github.com/testcontainers/testcontainers-go", "one package pays for it"},
		{"loadgen", "github.com/spf13/viper", "packages take options"},
		{"verdict", "os", "a verdict is a pure function"},
		{"verdict", "net/http", "a verdict is a pure function"},
		{"verdict", "math/rand/v2", "a verdict is a pure function"},
		{"verdict/history", "os", "a verdict is a pure function"},
		{"verdict/compare", "database/sql", "drivers"},
		{"verdict/history", "database/sql", "one package pays for them"},
		{"cmd/leakcheck/internal/cli", "github.com/jackc/pgx/v5/stdlib", "one package pays for them"},
		{"cmd/leakcheck/internal/cli/runcmd", "cmd/leakcheck/internal/cli/heapcmd", "commands stand on what they share"},
		{"cmd/leakcheck/internal/command", "verdict", "how a command exits"},
	}
	for _, tt := range tests {
		t.Run(tt.pkg+" "+tt.imports, func(t *testing.T) {
			bad := graph{}
			for pkg, imports := range good {
				bad[pkg] = slices.Clone(imports)
			}
			bad[tt.pkg] = append(bad[tt.pkg], strings.Split(tt.imports, " and ")...)
			got := checkImports(bad, rules)
			wanted := func(v string) bool {
				return strings.HasPrefix(v, tt.pkg+" imports "+tt.imports+"\n") && strings.Contains(v, tt.why)
			}
			if !slices.ContainsFunc(got, wanted) {
				t.Errorf("got %q, want %s imports %s: %s", got, tt.pkg, tt.imports, tt.why)
			}
		})
	}
}

func TestEachRuleRestrictsOneThing(t *testing.T) {
	for _, r := range rules {
		set := 0
		for _, list := range [][]string{r.ours, r.never, r.notAll} {
			if list != nil {
				set++
			}
		}
		if set != 1 || r.why == "" || len(r.from) == 0 {
			t.Errorf("rule %q restricts %d things of %v, want one, with a reason", r.why, set, r.from)
		}
	}
}

func TestCheckPure(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"clock", `package verdict; import "time"; var at = time.Now()`, "verdict/f.go:1: time.Now"},
		{"renamed", `package verdict; import clock "time"; var d = clock.Since(clock.Time{})`, "verdict/f.go:1: time.Since"},
		{"kept", `package verdict; import "time"; var now = time.Now`, "verdict/f.go:1: time.Now"},
		{"goroutine", "package verdict\nfunc f() { go f() }", "verdict/f.go:2: go statement"},
		{"type only", `package verdict; import "time"; var d time.Duration`, ""},
		{"of another", `package verdict; var time struct{ Now int }; var d = time.Now`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, "f.go", tt.src, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			got, _, _ := strings.Cut(strings.Join(checkPure(sourceFile{file, fset}), "\n"), "\n")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("checkPure (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckTopLevel(t *testing.T) {
	if got := checkTopLevel(append(slices.Clone(topLevel), leftovers...)); len(got) > 0 {
		t.Errorf("the design's own list was refused: %q", got)
	}
	if got := checkTopLevel(append(slices.Clone(topLevel), "utils")); len(got) != 1 || !strings.HasPrefix(got[0], "utils stands") {
		t.Errorf("got %q, want utils refused", got)
	}
	if got := checkTopLevel(topLevel[1:]); len(got) != 1 || !strings.HasPrefix(got[0], topLevel[0]+" is missing") {
		t.Errorf("got %q, want %s missed", got, topLevel[0])
	}
}
