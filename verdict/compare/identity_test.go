package compare

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/history"
)

// endpoints is a run whose endpoints leak 400 B for each request, "a" and "r.l.t" being
// the name and the identity of one.
func endpoints(id string, namesAndIdentities ...string) history.Run {
	r := madeRun(verdict.Leak, 400, "")
	one := r.Endpoints[0]
	r.ID, r.Endpoints = id, nil
	for i := 0; i < len(namesAndIdentities); i += 2 {
		one.Name, one.Identity = namesAndIdentities[i], namesAndIdentities[i+1]
		r.Endpoints = append(r.Endpoints, one)
	}
	return r
}

func outcomes(c *Comparison) map[string]string {
	out := map[string]string{}
	for _, e := range c.Endpoints {
		out[e.Name] = strings.TrimSpace(string(e.Outcome) + " " + e.Reason)
	}
	return out
}

// What is new, gone or changed is not compared, and the rest is.
func TestCompareAfterTheScenarioChanged(t *testing.T) {
	base := Side{"base", []history.Run{endpoints("1", "a", "r.l.t", "changed", "r.l.t", "gone", "r.l.t")}}
	head := Side{"head", []history.Run{endpoints("2", "a", "r.l.t", "changed", "r.x.t", "new", "r.l.t")}}
	if why := Comparable(base, head); why != nil {
		t.Fatalf("not comparable: %v", why)
	}
	c := Compare(base, head, Options{})
	want := map[string]string{
		"a": "unchanged", "changed": "not compared its load differs",
		"gone": "not compared measured in base only", "new": "not compared measured in head only",
	}
	if diff := cmp.Diff(want, outcomes(&c)); diff != "" || c.Outcome != Unchanged {
		t.Errorf("the whole is %s; endpoints (-want +got):\n%s", c.Outcome, diff)
	}
	var b bytes.Buffer
	if err := Text(&b, &c, TextOptions{}); err != nil || !strings.Contains(b.String(), "\nNo regression in 1 of 4 endpoints\n") {
		t.Errorf("%v, in:\n%s", err, b.String())
	}
	alone := Compare(Side{"base", []history.Run{endpoints("1", "a", "r.l.t")}}, Side{"head", []history.Run{endpoints("2", "a", "r.l.t")}}, Options{})
	if diff := cmp.Diff(alone.Endpoints[0], c.Endpoints[0]); diff != "" {
		t.Errorf("endpoints that are not compared widen the interval of one that is (-alone +beside):\n%s", diff)
	}
}

func TestNothingComparable(t *testing.T) {
	base := Side{"base", []history.Run{endpoints("1", "a", "r.l.t")}}
	head := Side{"head", []history.Run{endpoints("2", "a", "x.l.t", "b", "r.l.t")}}
	want := []string{"a: its request differs", "b: measured in head only"}
	if diff := cmp.Diff(want, Comparable(base, head)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if c := Compare(base, head, Options{}); c.Outcome != Inconclusive {
		t.Errorf("nothing was compared: %s", c.Outcome)
	}
}

// A baseline holds for each endpoint that is what it was.
func TestTolerateByEndpoint(t *testing.T) {
	b := Baseline{}.With(endpoints("1", "a", "r.l.t", "b", "r.l.t"))
	now := endpoints("2", "a", "r.l.t", "b", "r.l.x", "c", "r.l.t")
	v := &verdict.Verdict{Outcome: verdict.Leak}
	for _, e := range now.Endpoints {
		v.Endpoints = append(v.Endpoints, verdict.Endpoint{Name: e.Name, Outcome: verdict.Leak})
	}
	b.Tolerate(v, now)
	var waived []bool
	for _, e := range v.Endpoints {
		waived = append(waived, e.Waived != nil)
	}
	if diff := cmp.Diff([]bool{true, false, false}, waived); diff != "" {
		t.Errorf("waived (-want +got):\n%s", diff)
	}
	want := []verdict.Warning{{Code: WarnBaseline, Message: "the baseline of b is not comparable and not used: the target or the setup differs"}}
	if diff := cmp.Diff(want, v.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// A run of a selection leaves the others' baseline as it was.
func TestBaselineOfSelection(t *testing.T) {
	selected := endpoints("2", "b", "r.l.t")
	selected.Of = 3
	b := Baseline{}.With(endpoints("1", "a", "r.l.t", "b", "r.l.t", "c", "r.l.t")).With(selected)
	if diff := cmp.Diff([]string{"1 a c", "2 b"}, contents(b)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	b = b.With(endpoints("3", "a", "r.l.t", "b", "r.l.t"))
	if diff := cmp.Diff([]string{"3 a b"}, contents(b)); diff != "" {
		t.Errorf("after a run of all (-want +got):\n%s", diff)
	}
}

func contents(b Baseline) []string {
	var out []string
	for _, r := range b.Runs {
		line := r.ID
		for _, e := range r.Endpoints {
			line += " " + e.Name
		}
		out = append(out, line)
	}
	return out
}

// Of many endpoints, those that changed have rows, and the others share two.
func TestTextOfMany(t *testing.T) {
	var all, some []string
	for i := range 40 {
		all = append(all, fmt.Sprintf("e%02d", i), "r.l.t")
	}
	some = append(some, all[:60]...)
	base, head := endpoints("1", all...), endpoints("2", some...)
	head.Endpoints[7].Fit.Mean, head.Of = 600, 40
	c := Compare(Side{"base", []history.Run{base}}, Side{"head", []history.Run{head}}, Options{})
	var b bytes.Buffer
	if err := Text(&b, &c, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"outcome\n  e07           400   600   +200   [+197, +203]  +7.2  0.000  regressed\n  29 endpoints              ~      [-3.1, +3.1]  ~            unchanged\n",
		"  10 endpoints                                                not compared\n\n",
		"  e30, e31, e32, e33, e34, e35 and 4 others: measured in base only\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
}
