package packages

import (
	"encoding/json"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/scenarios/catalog"
	"github.com/leakcheck/leakcheck/scenarios/catalog/catalogtest"
	"github.com/leakcheck/leakcheck/tools/testenv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pairs calls test for each package, with its leaky case and its fixed one.
func pairs(t *testing.T, test func(t *testing.T, leaky, fixed catalog.Case)) {
	t.Helper()
	cases := Cases()
	if len(cases) < 2*8 {
		t.Fatalf("%d cases, want two for each of 8 packages at least", len(cases))
	}
	for pair := range slices.Chunk(cases, 2) {
		leaky, fixed := pair[0], pair[1]
		if leaky.Name != fixed.Name || leaky.Variant != catalog.Leaky || fixed.Variant != catalog.Fixed {
			t.Fatalf("%s/%s is followed by %s/%s", leaky.Name, leaky.Variant, fixed.Name, fixed.Variant)
		}
		t.Run(leaky.Name, func(t *testing.T) { test(t, leaky, fixed) })
	}
}

func TestCases(t *testing.T) {
	reference := regexp.MustCompile(`^https://github\.com/[^/]+/[^/]+/(issues|pull)/\d+$`)
	pairs(t, func(t *testing.T, leaky, fixed catalog.Case) {
		if !reference.MatchString(leaky.Reference) {
			t.Errorf("reference %q: want an issue or a pull request", leaky.Reference)
		}
		readme := content(t, leaky, "README.md")
		for _, word := range []string{leaky.Reference, versionOf(t, leaky, "leaky"), versionOf(t, leaky, "fixed")} {
			if !strings.Contains(readme, word) {
				t.Errorf("README.md does not mention %q", word)
			}
		}
		l, f := load(t, leaky, t.TempDir()), load(t, fixed, t.TempDir())
		catalogtest.Twins(t, l, f)
		for _, s := range []*scenarios.Scenario{l, f} {
			variant := s.Target.Command[len(s.Target.Command)-1]
			if got := strings.Join(s.Target.Command, " "); got != "node server.js "+variant || (variant == "fixed") != (s == f) {
				t.Errorf("%s starts %q", s.Name, got)
			}
			if !slices.ContainsFunc(s.Endpoints, func(e scenarios.Endpoint) bool { return e.Name == leaky.Leaking }) || len(s.Endpoints) < 2 {
				t.Errorf("%s: want the endpoint %q and an healthy one", s.Name, leaky.Leaking)
			}
		}
	})
}

// TestLockFiles: npm ci installs both versions, and asks the registry of
// whoever runs it.
func TestLockFiles(t *testing.T) {
	pairs(t, func(t *testing.T, leaky, _ catalog.Case) {
		var lock struct {
			Packages map[string]struct{ Version, Resolved string }
		}
		if err := json.Unmarshal([]byte(content(t, leaky, "package-lock.json")), &lock); err != nil {
			t.Fatal(err)
		}
		for _, variant := range []string{"leaky", "fixed"} {
			if got, want := lock.Packages["node_modules/"+variant].Version, versionOf(t, leaky, variant); got != want {
				t.Errorf("%s is locked at %q, and package.json says %q", variant, got, want)
			}
		}
		for name, p := range lock.Packages {
			if p.Resolved != "" {
				t.Errorf("%s names a registry: npm install --package-lock-only --omit-lockfile-registry-resolved", name)
			}
		}
	})
}

// TestAnswers installs each package and drives its app with both versions.
func TestAnswers(t *testing.T) {
	if testing.Short() {
		t.Skip("installs npm packages")
	}
	pairs(t, func(t *testing.T, leaky, fixed catalog.Case) {
		for _, c := range []catalog.Case{leaky, fixed} {
			dir := t.TempDir()
			s := load(t, c, dir)
			if err := testenv.InstallPackages(t.Context(), dir); err != nil {
				t.Fatal(err)
			}
			catalogtest.Answers(t, s)
		}
	})
}

func load(t *testing.T, c catalog.Case, dir string) *scenarios.Scenario {
	t.Helper()
	path, err := c.Extract(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// versionOf is the version that package.json pins under the alias.
func versionOf(t *testing.T, c catalog.Case, alias string) string {
	t.Helper()
	var manifest struct{ Dependencies map[string]string }
	if err := json.Unmarshal([]byte(content(t, c, "package.json")), &manifest); err != nil {
		t.Fatal(err)
	}
	pinned := regexp.MustCompile(`^npm:.+@(\d+\.\d+\.\d+)$`).FindStringSubmatch(manifest.Dependencies[alias])
	if pinned == nil {
		t.Fatalf("%s is %q: want npm:NAME@VERSION", alias, manifest.Dependencies[alias])
	}
	return pinned[1]
}

func content(t *testing.T, c catalog.Case, file string) string {
	t.Helper()
	data, err := fs.ReadFile(c.Files(), file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
