package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// nightly switches on what takes many minutes: make commits.
const nightly = "LEAKCHECK_NIGHTLY"

// The commits of TestCommitsNightly, by their place among the 12.
const (
	refactoring  = 4 // keeps nothing, as those before
	leaking      = 7 // the first that keeps 40 bytes of each request
	unavailable  = 8 // answers 503
	unbuilt      = 9
	lastOfTwelve = 12
)

// twelve commits a shop that leaks from the seventh commit on.
func twelve(r *repo) {
	for i := 1; i <= lastOfTwelve; i++ {
		keep, subject := keepsNothing, "shop: change"
		if i >= leaking {
			keep, subject = keeps40, "shop: orders are kept"
		}
		text := server(keep)
		switch i {
		case refactoring:
			text, subject = refactored, "shop: a class"
		case unavailable:
			text = server(keep + "\n  response.statusCode = 503")
		case unbuilt:
			text = broken
		}
		// A comment, as no two commits may be the same.
		r.commit(subject, text+strings.Repeat("// change\n", i))
	}
}

// A leak of 40 bytes per request, within its budget, is introduced at the
// seventh of 12 commits. compare --run, bisect, a bare git bisect run and the
// change point of the history name that commit, each by itself.
func TestCommitsNightly(t *testing.T) {
	if os.Getenv(nightly) == "" {
		t.Skipf("takes ten minutes: make commits, or %s=1", nightly)
	}
	r := newRepo(t)
	write(t, filepath.Join(r.beside, "scenario.yaml"), shopScenario)
	// 14 bytes per request, for those who judge by a budget.
	write(t, filepath.Join(r.beside, "strict.yaml"), strings.Replace(shopScenario, "10 MB/h", "0.5 MB/h", 1))
	twelve(r)
	at := func(i int) string { return r.commits[i-1] }

	t.Run("compare: the leak", func(t *testing.T) {
		r.in(t).comparesAs("regressed", 1, at(leaking-1), at(leaking), 40)
	})
	t.Run("compare: a refactoring", func(t *testing.T) {
		r := r.in(t)
		r.comparesAs("unchanged", 0, at(refactoring-1), at(refactoring), 0)
		if out := r.leakcheck(0, "compare", at(refactoring-1), at(refactoring), "scenario.yaml"); !strings.Contains(out, "  ~  ") {
			t.Errorf("a difference is shown:\n%s", out)
		}
	})
	t.Run("bisect", func(t *testing.T) {
		r := r.in(t)
		var b bisection
		r.into(&b, 0, "bisect", at(1), at(lastOfTwelve), "scenario.yaml")
		if b.FirstBad != at(leaking) {
			t.Errorf("first bad commit %s, want %s, tried %v", b.FirstBad, at(leaking), b.places())
		}
		t.Logf("first bad commit %s, tried %v", b.FirstBad, b.Steps)
		r.untouched()
	})
	t.Run("git bisect run", func(t *testing.T) {
		r := r.in(t)
		r.git("bisect", "start", at(lastOfTwelve), at(1))
		said := r.git("bisect", "run", "leakcheck", "run", filepath.Join(r.beside, "strict.yaml"), "--inconclusive=125", "--no-diagnose", "--quiet")
		if !strings.Contains(said, at(leaking)+" is the first bad commit") {
			t.Errorf("want %s as the first bad commit", at(leaking))
		}
		t.Log(said)
		r.git("bisect", "reset")
		r.untouched()
	})
	t.Run("history", func(t *testing.T) { r.in(t).changesAt(at(leaking)) })
	grown := r.commit("shop: orders and baskets are kept", server(keeps60))
	t.Run("compare: more within budget", func(t *testing.T) {
		r.in(t).comparesAs("regressed", 1, at(lastOfTwelve), grown, 20)
	})
}

// comparesAs measures two commits and checks what becomes of the list, whose
// leak rate grows by so many bytes per request, 3 more or less.
func (r *repo) comparesAs(outcome string, code int, base, head string, growth float64) {
	r.t.Helper()
	var c comparison
	r.into(&c, code, "compare", base, head, "scenario.yaml", "--run")
	r.leakcheck(code, "compare", base, head, "scenario.yaml")
	if len(c.Endpoints) != 1 {
		r.t.Fatalf("got %d endpoints, want the list", len(c.Endpoints))
	}
	e := c.Endpoints[0]
	r.t.Logf("%s: %s by %.1f B/request", e.Name, e.Outcome, e.Delta.Value)
	switch {
	case e.Outcome != outcome || c.Outcome != outcome:
		r.t.Errorf("the list is %s and the whole %s, want %s", e.Outcome, c.Outcome, outcome)
	case math.Abs(e.Delta.Value-growth) > 3:
		r.t.Errorf("growth of %.1f B/request, want %.0f", e.Delta.Value, growth)
	}
	r.untouched()
}

// changesAt measures each commit once and checks that the leak rate changed at
// one of them and nowhere else. It knows the runs of the other subtests, too.
func (r *repo) changesAt(commit string) {
	r.t.Helper()
	for _, c := range r.commits {
		r.git("checkout", "--quiet", "--detach", c)
		code := 0
		switch c {
		case r.commits[unavailable-1]:
			code = 5
		case r.commits[unbuilt-1]:
			code = 4
		}
		r.leakcheck(code, "run", "scenario.yaml", "--no-diagnose", "--quiet")
	}
	var groups []struct{ Changes []change }
	r.into(&groups, 0, "history")
	r.leakcheck(0, "history")
	if len(groups) != 1 || len(groups[0].Changes) != 1 {
		r.t.Fatalf("got %+v, want one change in one group", groups)
	}
	c := groups[0].Changes[0]
	if c.FirstAfter != commit || math.Abs(c.Before) > 3 || math.Abs(c.After-40) > 3 {
		r.t.Errorf("got %+v, want 0 to 40 at %s", c, commit)
	}
}
