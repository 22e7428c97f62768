package main

import (
	"path/filepath"
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
