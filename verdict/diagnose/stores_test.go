package diagnose_test

import (
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
)

// dependency is a function of a package.
func dependency(function string, line int) evidence.Frame {
	return evidence.Frame{Function: function, File: "node_modules/web/index.js", Line: line, Origin: evidence.Dependency, Package: "web@1.0.0"}
}

// A middleware stands in the stack of every handler, and has not made what they
// make. What it makes itself is its own.
func TestMiddleware(t *testing.T) {
	assigns := dependency("session", 40)
	assigns.Idiom = "assign"
	e := evidence.Evidence{Profile: evidence.Profile{Load: thousand, Sites: []evidence.Site{
		{Stack: []evidence.Frame{frame("open", 3), dependency("session", 40)}, Bytes: 90_000},
		{Stack: []evidence.Frame{dependency("write", 70), frame("close", 9), dependency("session", 40)}, Bytes: 60_000},
		{Stack: []evidence.Frame{dependency("session", 40)}, Bytes: 50_000, Lines: []evidence.Frame{assigns}},
	}}}
	f := diagnose.Diagnose(nil, []evidence.Evidence{e}).Findings[0]
	lines := map[int]float64{3: 90, 9: 60, 40: 50} // B/request, by the line of the suspect
	if len(f.Suspects) != len(lines) {
		t.Errorf("suspects: got %+v, want %d", f.Suspects, len(lines))
	}
	for _, s := range f.Suspects {
		if want := lines[s.At.Line]; float64(s.Bytes) != want {
			t.Errorf("line %d: got %v B, want %v", s.At.Line, s.Bytes, want)
		}
	}
}

// What a function calls a dependency for is not all that it does.
func TestCallOfDependency(t *testing.T) {
	assigns := dependency("send", 72)
	assigns.Idiom = "assign"
	e := evidence.Evidence{Profile: evidence.Profile{Load: thousand, Sites: []evidence.Site{
		{Stack: []evidence.Frame{frame("handle", 4)}, Bytes: 90_000, Lines: []evidence.Frame{frame("handle", 6)}},
		{Stack: []evidence.Frame{dependency("send", 70), frame("handle", 4)}, Bytes: 20_000, Lines: []evidence.Frame{frame("handle", 5)}, Within: []evidence.Frame{assigns}},
	}}}
	f := diagnose.Diagnose(nil, []evidence.Evidence{e}).Findings[0]
	if len(f.Suspects) != 2 || f.Suspects[0].At.Line != 6 || f.Suspects[0].Bytes != 90 || f.Suspects[1].Bytes != 20 {
		t.Errorf("suspects: got %+v, want line 6 with 90 B before line 5 with 20 B", f.Suspects)
	}
}

// What is seldom put, but holds what grows, comes before what is allocated on the
// way.
func TestContainerInSnapshots(t *testing.T) {
	dead := keep(evidence.Array, 25, frame("attempt", 12))
	dead.Path = []string{"dead (module variable, outbox.js)", "Array"}
	other := keep(evidence.Array, 25, frame("attempt", 13))
	other.Path = []string{"other (module variable, outbox.js)", "Array"}
	e := evidence.Evidence{
		Profile: evidence.Profile{Load: thousand, Sites: []evidence.Site{{Stack: []evidence.Frame{frame("parse", 3)}, Bytes: 40_000}}},
		Watch:   evidence.Watch{Load: thousand, Stores: []evidence.Store{other, dead}},
		Growth: &evidence.Growth{Load: thousand, Classes: []evidence.Class{
			{Name: "Error", PerUnit: 0.02, Bytes: 45, Path: []string{dead.Path[0], "Array[ ]", "Error"}},
			{Name: "Job", PerUnit: 0.02, Bytes: 5, Path: []string{"jobs (module variable, outbox.js)", "Array[ ]", "Job"}},
		}},
	}
	// 0.3 + 0.025/2 and half of 45 B in 50 are more than the 0.4 of what survives.
	e.Profile.Sites = append(e.Profile.Sites, evidence.Site{Stack: []evidence.Frame{node("http")}, Bytes: 60_000})
	f := diagnose.Diagnose(nil, []evidence.Evidence{e}).Findings[0]
	if s := f.Suspects[0]; s.At.Line != 12 || s.Bytes != 45 {
		t.Errorf("first suspect: got line %d and %v B, want line 12, which holds 45 B of 50: %+v", s.At.Line, s.Bytes, f.Suspects)
	}
}

// A line of the app comes before one of a dependency that allocates hardly more.
func TestDependencyInProfile(t *testing.T) {
	e := evidence.Evidence{Profile: evidence.Profile{Load: thousand, Sites: []evidence.Site{
		{Stack: []evidence.Frame{dependency("session", 40)}, Bytes: 55_000},
		{Stack: []evidence.Frame{frame("open", 3)}, Bytes: 50_000},
	}}}
	if f := diagnose.Diagnose(nil, []evidence.Evidence{e}).Findings[0]; len(f.Suspects) != 2 || f.Suspects[0].At.Line != 3 {
		t.Errorf("suspects: got %+v, want line 3 first", f.Suspects)
	}
}

func TestWay(t *testing.T) {
	steps := strings.Fields("list next request app router store sessions")
	for n, want := range map[int]string{6: "list -> next -> request -> app -> router -> store", 7: "list -> ... -> app -> router -> store -> sessions"} {
		if got := diagnose.Way(steps[:n]); got != want {
			t.Errorf("%d steps: got %q, want %q", n, got, want)
		}
	}
}
