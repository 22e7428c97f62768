package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Functions, files and packages are counted with their own sizes, and tests and
// their data apart.
func TestMeasure(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"a.go":          "package a\n\nfunc one(x, y int, z string) {}\n\n// two has a comment.\nfunc (t T) two() int {\n\treturn 1\n}\n",
		"sub/b.go":      "package b\n",
		"a_test.go":     "package a\n\nfunc three() {}\n",
		"testdata/c.go": "package c\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := measure(root)
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct{ got, want []thing }{
		"functions":  {got.functions, []thing{{"a.go:3 one", 1}, {"a.go:6 two", 3}}},
		"parameters": {got.parameters, []thing{{"a.go:3 one", 3}, {"a.go:6 two", 0}}},
		"files":      {got.files, []thing{{"a.go", 8}, {"sub/b.go", 1}}},
		"packages":   {got.packages, []thing{{".", 8}, {"sub", 1}}},
		"tests":      {got.tests, []thing{{"a_test.go", 3}}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", what, c.got, c.want)
		}
	}
}

func TestQuantile(t *testing.T) {
	sizes := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 100}
	for q, want := range map[float64]int{0.5: 6, 0.9: 100, 1: 100} {
		if got := quantile(sizes, q); got != want {
			t.Errorf("%v: got %d, want %d", q, got, want)
		}
	}
	if got := quantile(nil, 0.5); got != 0 {
		t.Errorf("of none: got %d, want 0", got)
	}
}
