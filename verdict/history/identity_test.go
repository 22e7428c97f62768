package history

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// content gives a run a scenario content, and its endpoint an identity.
func content(r Run, hash, identity string) Run {
	r.Hash, r.Endpoints[0].Identity = hash, identity
	return r
}

// An endpoint keeps one series when the scenario around it changes, also from runs of
// a release that knew no identities.
func TestSeriesAcrossScenarios(t *testing.T) {
	runs := []Run{
		content(runAt(0, 1), "aa", ""), content(runAt(1, 1), "aa", ""), // an older release
		content(runAt(2, 1), "aa", "r.l.t"),
		content(runAt(3, 1), "bb", "r.l.t"), // another endpoint was added
		content(runAt(4, 1), "cc", "r.l.t"),
	}
	groups := Groups(runs)
	if len(groups) != 1 || len(groups[0].Series("upload")) != len(runs) {
		t.Fatalf("%d groups, series %v: want one of %d runs", len(groups), groups[0].Series("upload"), len(runs))
	}
	if runs[0].Endpoints[0].Identity != "" {
		t.Error("the runs of the caller were changed")
	}
	unknown := Groups([]Run{content(runAt(0, 1), "zz", ""), content(runAt(1, 1), "bb", "r.l.t")})
	if got := len(unknown[0].Series("upload")); got != 1 {
		t.Errorf("an old run of another content: series of %d, want 1", got)
	}
}

// What an endpoint measured before its request changed is left out, and said. When the
// change is undone, the series goes on.
func TestSeriesOfChangedEndpoint(t *testing.T) {
	runs := []Run{content(runAt(0, 1), "aa", "r.l.t"), content(runAt(1, 1), "bb", "x.l.t"), content(runAt(2, 1), "bb", "x.l.t")}
	g := groupOf(runs...)
	if n, why := g.LeftOut("upload"); len(g.Series("upload")) != 2 || n != 1 || why != "its request differs" {
		t.Errorf("series of %d, %d left out: %s", len(g.Series("upload")), n, why)
	}
	var b strings.Builder
	if err := Text(&b, []Group{*g}, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if want := "  upload: not compared with 1 other run: its request differs\n"; !strings.Contains(b.String(), want) {
		t.Errorf("no line %q in:\n%s", want, b.String())
	}
	if g = groupOf(append(runs, content(runAt(3, 1), "aa", "r.l.t"))...); len(g.Series("upload")) != 2 {
		t.Errorf("after the change was undone: series of %d, want 2", len(g.Series("upload")))
	}
}

func TestApart(t *testing.T) {
	tests := []struct{ a, b, want string }{
		{"r.l.t", "r.l.t", ""},
		{"r.l.t", "r.x.t", "its load differs"},
		{"r.l.t", "r.l.x", "the target or the setup differs"},
		{"r.l.t", "x.x.t", "its request, its load differ"},
		{"r.l.t", "of a later release", "its request, its load or the target differs"},
		{"", "", "a run of an older leakcheck, and of another scenario content"},
		{"", "r.l.t", "a run of an older leakcheck, and of another scenario content"},
	}
	for _, tt := range tests {
		a, b := content(runAt(0, 1), "aa", tt.a), content(runAt(1, 1), "bb", tt.b)
		if got := Apart(&a, &b, "upload"); got != tt.want {
			t.Errorf("%q and %q: got %q, want %q", tt.a, tt.b, got, tt.want)
		}
	}
	a, b := content(runAt(0, 1), "aa", ""), content(runAt(1, 1), "aa", "r.l.t")
	if got := Apart(&a, &b, "upload"); got != "" {
		t.Errorf("one content of the scenario: %q", got)
	}
}

// Runs of a selection say so.
func TestTextOfSelection(t *testing.T) {
	r := runAt(0, 1)
	r.Of, r.Quick = 40, true
	var b strings.Builder
	if err := Text(&b, Groups([]Run{r}), TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := RunText(&b, &r, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"  pass (1 of 40 endpoints, quick)\n", ": pass (1 of 40 endpoints, quick) (exit code 0)\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
}

// A run that measured another content of an endpoint is no row of Otava's table.
func TestOtavaLeavesOut(t *testing.T) {
	var b strings.Builder
	runs := []Run{content(runAt(0, 1), "aa", "x.l.t"), content(runAt(1, 1), "bb", "r.l.t"), content(runAt(2, 1), "cc", "r.l.t")}
	if err := writeOtava(&b, Groups(runs), ""); err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(b.String()) {
		got = append(got, strings.Split(line, ",")[2])
	}
	if diff := cmp.Diff([]string{"run", "run-01", "run-02"}, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// The same of several endpoints is said once.
func TestLeftOutOfMany(t *testing.T) {
	one := func(n int, target string) Run {
		r := runAt(n, 1)
		e := r.Endpoints[0]
		r.Endpoints = nil
		for i := range 20 {
			e.Name, e.Identity = fmt.Sprintf("e%02d", i), "r.l."+target
			r.Endpoints = append(r.Endpoints, e)
		}
		return r
	}
	var b strings.Builder
	if err := Text(&b, Groups([]Run{one(0, "old"), one(1, "new")}), TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if want := "outcome\n  20 endpoints                    ≤ 1.00                pass, unchanged (--all)\n"; !strings.Contains(b.String(), want) {
		t.Errorf("no row %q in:\n%s", want, b.String())
	}
	if want := "  e00, e01, e02, e03, e04, e05 and 14 others: not compared with 1 other run: the target or the setup differs\n"; !strings.Contains(b.String(), want) {
		t.Errorf("no line %q in:\n%s", want, b.String())
	}
	b.Reset()
	if err := Text(&b, Groups([]Run{one(0, "old"), one(1, "new")}), TextOptions{All: true}); err != nil || !strings.Contains(b.String(), "\n  e19 ") {
		t.Errorf("%v, without all rows:\n%s", err, b.String())
	}
}
