// Package architecture_test holds the rules of the project's design: who may
// import whom, what verdict may not do, and what stands at the top level. Each
// rule says why it is there, and a failure prints it.
package architecture_test

import (
	"os"
	"path/filepath"
	"testing"
)

// module is the import path that all of ours begin with.
const module = "github.com/leakcheck/leakcheck"

func TestImportRules(t *testing.T) {
	graph, err := readGraph(moduleRoot(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, must := range []string{"cmd/leakcheck", "harness", "sampler/recording", "verdict"} {
		if _, ok := graph[must]; !ok {
			t.Fatalf("package %s was not found: the graph is not that of this module", must)
		}
	}
	for _, v := range checkImports(graph, rules) {
		t.Error(v)
	}
}

func TestVerdictIsPure(t *testing.T) {
	for _, pkg := range purePackages {
		files, err := parseDir(filepath.Join(moduleRoot(t), filepath.FromSlash(pkg)))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			t.Errorf("no file of package %s was read", pkg)
		}
		for _, file := range files {
			for _, v := range checkPure(file) {
				t.Error(v)
			}
		}
	}
}

func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(moduleRoot(t))
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	for _, v := range checkTopLevel(names) {
		t.Error(v)
	}
}

// moduleRoot is the nearest folder upwards that holds go.mod.
func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
}
