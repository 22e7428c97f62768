package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// comparison is what these tests read of compare --json.
type comparison struct {
	Outcome   string
	Endpoints []struct {
		Name    string
		Outcome string
		Delta   struct{ Value, Low, High float64 }
	}
}

// bisection is what these tests read of bisect --json.
type bisection struct {
	FirstBad string `json:"first_bad"`
	Subject  string
	Steps    []struct{ Commit, Place, Outcome, Reason string }
}

// places maps the commits that were tried to where they were put.
func (b bisection) places() map[string]string {
	m := map[string]string{}
	for _, s := range b.Steps {
		m[s.Commit] = s.Place
	}
	return m
}

// change is what these tests read of history --json.
type change struct {
	Endpoint      string
	Before, After float64
	P             float64
	FirstAfter    string `json:"first_commit_after"`
}

// Between the last good commit and the first bad one stands one that cannot be
// built: either of the two may be the first that leaks, and what was measured
// of the others is in the history. TestCommitsNightly finds commits by name.
func TestCommits(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	write(t, filepath.Join(r.beside, "scenario.yaml"), shopScenario)
	first := r.commit("shop: offers", server(keepsNothing))
	half := r.commit("shop: half a change", broken)
	leak := r.commit("shop: names", server(keepsMuch))

	var b bisection
	r.into(&b, 125, "bisect", first, leak, "scenario.yaml", "--inconclusive=125")
	got := b.places()
	if b.FirstBad != "" || got[first] != "good" || got[half] != "skip" || got[leak] != "bad" {
		t.Errorf("first bad commit %q, tried %v", b.FirstBad, got)
	}
	r.untouched()

	var c comparison
	r.into(&c, 1, "compare", first, leak, "scenario.yaml")
	if c.Outcome != "regressed" {
		t.Errorf("the leak is %s: %+v", c.Outcome, c)
	}
	if out := r.leakcheck(4, "compare", half, leak, "scenario.yaml", "--run"); out != "" {
		t.Errorf("a commit that does not build is compared:\n%s", out)
	}
	r.untouched()
}

// A mend that is not committed is measured as it stands, and what leaks at HEAD is
// shown to be gone. Its runs are not taken for HEAD's.
func TestCompareWorkingTree(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	write(t, filepath.Join(r.beside, "scenario.yaml"), shopScenario)
	r.commit("shop: names", server(keepsMuch))
	write(t, filepath.Join(r.dir, "server.js"), "require('./shop')\n")
	write(t, filepath.Join(r.dir, "shop.js"), server(keepsNothing))

	var c comparison
	r.into(&c, 0, "compare", "HEAD", ".", "scenario.yaml", "--run", "--pairs=1")
	if c.Outcome != "unchanged" || len(c.Endpoints) != 1 || c.Endpoints[0].Outcome != "improved" {
		t.Errorf("the mend is %+v", c)
	}
	if status := r.git("status", "--porcelain"); status != "M server.js\n?? shop.js" {
		t.Errorf("the checkout has changes:\n%s", status)
	}
	if trees := r.git("worktree", "list"); strings.Contains(trees, "\n") {
		t.Errorf("worktrees are left:\n%s", trees)
	}
	if out := r.leakcheck(2, "compare", "HEAD", ".", "scenario.yaml"); out != "" {
		t.Errorf("a working tree is found in the history:\n%s", out)
	}
	if out := r.leakcheck(0, "compare", "HEAD", "HEAD", "scenario.yaml"); !strings.Contains(out, ", 1 run)") {
		t.Errorf("the mend's run is taken for HEAD's:\n%s", out)
	}
}
