package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/scenarios/catalog"
)

// equals are the apps of which a commit is compared with itself: some leak, and
// all are within the budget that the test gives them.
var equals = []string{
	"quickstart", "quickstart/fixed", "eight-bytes", "eight-bytes/fixed", "request-log", "ring-log", "lru-cache", "closure-cache",
}

var budgets = regexp.MustCompile(`(?m)^(\s*budget:).*$`)

// A commit is not worse than itself, whatever it leaks within its budget: 8
// comparisons of two pairs of runs each.
func TestEqualCommitsNightly(t *testing.T) {
	if os.Getenv(nightly) == "" {
		t.Skipf("takes 20 minutes: make commits, or %s=1", nightly)
	}
	for _, name := range equals {
		t.Run(strings.ReplaceAll(name, "/", "-"), func(t *testing.T) {
			r := newRepo(t)
			t.Cleanup(func() { r.keepRuns(name) })
			scenario := r.extract(name)
			var c comparison
			r.into(&c, 0, "compare", "HEAD", "HEAD", scenario, "--run", "--inconclusive=0")
			for _, e := range c.Endpoints {
				t.Logf("%s: %s by %.1f [%.1f, %.1f] B/request", e.Name, e.Outcome, e.Delta.Value, e.Delta.Low, e.Delta.High)
				if e.Outcome == "regressed" || e.Outcome == "improved" {
					t.Errorf("%s is called %s than itself", e.Name, e.Outcome)
				}
			}
		})
	}
}

// extract commits an app of the catalog and returns its scenario, with a budget
// that nothing of it exceeds.
func (r *repo) extract(name string) string {
	r.t.Helper()
	c, err := catalog.Find(name)
	if err != nil {
		r.t.Fatal(err)
	}
	path, err := c.Extract(r.dir)
	if err != nil {
		r.t.Fatal(err)
	}
	write(r.t, path, budgets.ReplaceAllString(read(r.t, path), "$1 1000 MB/h"))
	r.git("add", ".")
	r.git("commit", "--quiet", "--message", name)
	return path
}

// keepRuns keeps the recordings where LEAKCHECK_ARTIFACTS says.
func (r *repo) keepRuns(name string) {
	dir := os.Getenv("LEAKCHECK_ARTIFACTS")
	if dir == "" {
		return
	}
	if err := os.CopyFS(filepath.Join(dir, "equal", name), os.DirFS(filepath.Join(r.beside, ".leakcheck", "runs"))); err != nil {
		r.t.Error(err)
	}
}
