package catalog

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/scenarios/catalog/catalogtest"
)

// metrics are the parts of the memory, and the resources, that a case may name.
var metrics = []string{"heap", "external", "native", "fd", "socket"}

func TestCases(t *testing.T) {
	for _, c := range Cases() {
		t.Run(c.String(), func(t *testing.T) {
			if c.Pattern == "" || c.Summary == "" {
				t.Errorf("pattern %q and summary %q: want both", c.Pattern, c.Summary)
			}
			if c.Variant == Leaky && !slices.Contains(metrics, c.Metric) {
				t.Errorf("metric %q: want one of %v", c.Metric, metrics)
			}
			if !exists(c.files, "README.md") {
				t.Error("no README.md")
			}
			s := loadScenario(t, c)
			if want := strings.ReplaceAll(c.String(), "/", "-"); s.Name != want {
				t.Errorf("scenario is named %q, want %q", s.Name, want)
			}
			checkLeaking(t, c, s)
			checkDiagnosis(t, c)
			checkCommand(t, c, s)
		})
	}
}

// checkLeaking fails when the scenario cannot show what the case is about.
func checkLeaking(t *testing.T, c Case, s *scenarios.Scenario) {
	t.Helper()
	names := make([]string, len(s.Endpoints))
	for i, e := range s.Endpoints {
		names[i] = e.Name
	}
	switch {
	case c.Leaking == "":
	case c.Leaking == Background:
		if s.Background == nil {
			t.Error("the background is leaking and has no budget")
		}
	case c.Leaking == Interaction:
		if s.Run.Mode != "" {
			t.Errorf("endpoints leak together, and mode %s does not look for it", s.Run.Mode)
		}
	case !slices.Contains(names, c.Leaking):
		t.Errorf("leaking endpoint %q: want one of %v", c.Leaking, names)
	}
	if len(names) < 2 && c.Name != "eight-bytes" /* where one endpoint alone is the point */ {
		t.Errorf("endpoints %v: want a second one, to test attribution", names)
	}
}

// checkDiagnosis fails when the expected line or the pattern's page is not there.
func checkDiagnosis(t *testing.T, c Case) {
	t.Helper()
	if c.Variant != Leaky {
		return
	}
	file, number, _ := strings.Cut(c.Diagnosis.Line, ":")
	source, err := files.ReadFile(c.Name + "/" + file)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(number)
	if lines := strings.Split(string(source), "\n"); err != nil || n < 1 || n > len(lines) {
		t.Errorf("line %q: want FILE:LINE within the file", c.Diagnosis.Line)
	}
	if _, err := os.Stat("../../docs/patterns/" + c.Diagnosis.Pattern + ".md"); err != nil {
		t.Errorf("pattern %q has no page: %v", c.Diagnosis.Pattern, err)
	}
}

func checkCommand(t *testing.T, c Case, s *scenarios.Scenario) {
	t.Helper()
	words := slices.Clone(s.Target.Command[1:])
	for _, e := range s.Endpoints {
		words = append(words, slices.DeleteFunc(slices.Clone(e.Exec), func(word string) bool { return filepath.Ext(word) != ".js" })...)
	}
	for _, file := range words {
		if !exists(c.files, file) {
			t.Errorf("command names %s, which the folder does not have", file)
		}
	}
}

func TestTwinsShareLoad(t *testing.T) {
	for _, c := range Cases() {
		if c.Variant != Fixed {
			continue
		}
		leaky, err := Find(c.Name)
		if err != nil {
			t.Fatal(err)
		}
		catalogtest.Twins(t, loadScenario(t, leaky), loadScenario(t, c))
	}
}

func TestFind(t *testing.T) {
	tests := []struct{ name, want, variant, hint string }{
		{name: "closure-cache", want: "closure-cache", variant: Leaky},
		{name: "closure-cache/leaky", want: "closure-cache", variant: Leaky},
		{name: "closure-cache/fixed", want: "closure-cache/fixed", variant: Fixed},
		{name: "lru-cache", want: "lru-cache", variant: Healthy},
		{name: "lru-cache/fixed", hint: "did you mean"},
		{name: "quikstart", hint: "leakcheck list"},
		{name: "closures", hint: "did you mean buffer-closure, buffer-closure/fixed, closure-cache, closure-cache/fixed?"},
		{name: "", hint: "leakcheck list"},
	}
	for _, test := range tests {
		c, err := Find(test.name)
		if test.hint != "" {
			if err == nil || !strings.Contains(err.Error(), test.hint) {
				t.Errorf("Find(%q): error %v, want one with %q", test.name, err, test.hint)
			}
			continue
		}
		if err != nil || c.String() != test.want || c.Variant != test.variant {
			t.Errorf("Find(%q) = %s, %s, %v; want %s, %s", test.name, c, c.Variant, err, test.want, test.variant)
		}
	}
}

// TestEmbedded finds the files that the embed patterns forget.
func TestEmbedded(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".leakcheck"):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(path) == ".go":
			return nil
		}
		if _, err := fs.Stat(files, filepath.ToSlash(path)); err != nil {
			t.Errorf("%s is not embedded", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestLockFiles keeps registry hosts out of the lock files, so that npm ci asks
// the registry of whoever runs it.
func TestLockFiles(t *testing.T) {
	for _, c := range Cases() {
		if !c.Packages {
			continue
		}
		lock, err := files.ReadFile(c.Name + "/" + lockFile)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(lock), `"resolved"`) {
			t.Errorf("%s/%s names a registry: npm install --package-lock-only --omit-lockfile-registry-resolved", c.Name, lockFile)
		}
	}
}

// loadScenario loads c's scenario from a folder of its own.
func loadScenario(t *testing.T, c Case) *scenarios.Scenario {
	t.Helper()
	path, err := c.Extract(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
