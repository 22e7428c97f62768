package catalog

import (
	"io/fs"
	"os/exec"
	"testing"

	"go.uber.org/goleak"

	"github.com/leakcheck/leakcheck/scenarios/catalog/catalogtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// checkSyntax compiles each file as a CommonJS module, as node --check does,
// in one process for all of them.
const checkSyntax = `
const fs = require('fs'), vm = require('vm');
for (const file of process.argv.slice(1)) {
  vm.compileFunction(fs.readFileSync(file, 'utf8'), ['exports', 'require', 'module', '__filename', '__dirname'], { filename: file });
}`

func TestSyntax(t *testing.T) {
	var scripts []string
	for _, pattern := range []string{"*/*.js", "*/*/*.js"} {
		matches, err := fs.Glob(files, pattern)
		if err != nil {
			t.Fatal(err)
		}
		scripts = append(scripts, matches...)
	}
	if len(scripts) < len(Cases()) {
		t.Fatalf("%d scripts for %d cases", len(scripts), len(Cases()))
	}
	cmd := exec.CommandContext(t.Context(), "node", append([]string{"-e", checkSyntax}, scripts...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("node: %v\n%s", err, out)
	}
}

// TestAnswers starts each app that needs nothing but Node.js and asks each of
// its endpoints three times.
func TestAnswers(t *testing.T) {
	for _, c := range Cases() {
		if c.Packages || len(c.Services) > 0 {
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			catalogtest.Answers(t, loadScenario(t, c))
		})
	}
}
