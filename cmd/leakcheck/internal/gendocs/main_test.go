package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/cli"
)

// Every command has a page, each page says something, and each shell completes.
func TestGenerate(t *testing.T) {
	dir := t.TempDir()
	if err := generate(cli.Command(), dir); err != nil {
		t.Fatal(err)
	}
	for _, c := range cli.Command().Commands() {
		page, err := os.ReadFile(filepath.Join(dir, "man", "leakcheck-"+c.Name()+".1"))
		if err != nil || !strings.Contains(string(page), strings.Fields(c.Short)[0]) {
			t.Errorf("%s: %v, page of %d bytes", c.Name(), err, len(page))
		}
	}
	for _, name := range []string{"leakcheck.bash", "_leakcheck", "leakcheck.fish"} {
		text, err := os.ReadFile(filepath.Join(dir, "completions", name))
		if err != nil || !strings.Contains(string(text), "__complete") {
			t.Errorf("%s: %v, %d bytes that do not ask leakcheck", name, err, len(text))
		}
	}
}
