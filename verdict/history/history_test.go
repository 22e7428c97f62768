package history

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
)

var day = time.Date(2026, 11, 1, 3, 0, 0, 0, time.UTC)

// runAt is a run of the n-th commit in which upload leaks so much.
func runAt(n int, leak float64) Run {
	v := unit.BytesPerRequest(leak)
	return Run{
		ID: fmt.Sprintf("run-%02d", n), StartedAt: day.AddDate(0, 0, n), Outcome: verdict.Pass,
		Scenario: "shop", Hash: "aa", Commit: fmt.Sprintf("%07d%033d", n, 0), CommitTime: day.AddDate(0, 0, n),
		Node: "v24.21.0", Machine: Machine{OS: "linux", Arch: "amd64", CPUs: 2, CPUModel: "X"},
		Endpoints: []Endpoint{{
			Name: "upload", Outcome: verdict.Pass, Rate: 10, Budget: 5, Retained: verdict.Estimate{Value: v, Low: v - 2, High: v + 2},
			Fit: verdict.Fit{Mean: v, StdErr: 0.6, DoF: 8},
		}},
	}
}

func groupOf(runs ...Run) *Group {
	groups := Groups(runs)
	return &groups[len(groups)-1]
}

// made is a series of healthy noise (sd 1 B/request) with levels added.
func made(seed uint64, levels ...float64) []Point {
	rng := rand.New(rand.NewPCG(seed, 1))
	runs := make([]Run, len(levels))
	for i, level := range levels {
		runs[i] = runAt(i, level+rng.NormFloat64())
	}
	if len(runs) == 0 {
		return nil
	}
	return groupOf(runs...).Series("upload")
}

func repeat(level float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = level
	}
	return out
}

// A leak at one of 12 commits is found there, wherever it leaves three runs on
// either side.
func TestChangesNamesTheCommit(t *testing.T) {
	for at := 3; at <= 9; at++ {
		for seed := range uint64(20) {
			points := made(seed, append(repeat(0, at), repeat(40, 12-at)...)...)
			got := Changes(points, Tolerance)
			if len(got) != 1 || got[0].At != at || got[0].First != points[at].Run || got[0].Last != points[at-1].Run {
				t.Errorf("leak at %d, seed %d: got %v", at, seed, got)
			}
		}
	}
}

// A leak and its fix are two changes.
func TestChangesThereAndBack(t *testing.T) {
	points := made(3, append(append(repeat(2, 10), repeat(30, 10)...), repeat(2, 10)...)...)
	var at []int
	for _, c := range Changes(points, Tolerance) {
		at = append(at, c.At)
	}
	if diff := cmp.Diff([]int{10, 20}, at); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

// Of 400 series without a change about 8 have one of two p at 0.01 by chance; what is
// too small to matter is never shown, and a single outlier is no change.
func TestChangesFindsNoneInNoise(t *testing.T) {
	shown := 0
	for seed := range uint64(400) {
		shown += len(Changes(made(seed, repeat(1, 16)...), 0))
	}
	if shown > 20 {
		t.Errorf("%d changes in 400 series of noise, want about 8", shown)
	}
	for seed := range uint64(100) {
		outlier := repeat(1, 16)
		outlier[seed%16] = 300
		for name, points := range map[string][]Point{
			"small step": made(seed, append(repeat(0, 8), repeat(3, 8)...)...), "outlier": made(seed, outlier...),
		} {
			if got := Changes(points, Tolerance); len(got) > 0 {
				t.Errorf("%s, seed %d: %v", name, seed, got)
			}
		}
	}
}

// Runs of one commit stand on one side of a change.
func TestChangesKeepsCommitsWhole(t *testing.T) {
	points := made(5, append(repeat(0, 6), repeat(40, 6)...)...)
	for _, i := range []int{5, 6, 7} {
		points[i].Run.Commit = "same"
	}
	for _, c := range Changes(points, Tolerance) {
		if c.Last.Commit == c.First.Commit {
			t.Errorf("change within commit %s", c.First.Commit)
		}
	}
}

func TestChangesOfFewRuns(t *testing.T) {
	for n := range 4 {
		if got := Changes(made(1, repeat(float64(100*n), n)...), 0); got != nil {
			t.Errorf("%d runs: %v", n, got)
		}
	}
}

// Old commits that were measured late stand where they belong, and other
// kinds of run are apart.
func TestGroups(t *testing.T) {
	late := runAt(1, 0)
	late.StartedAt = day.AddDate(1, 0, 0)
	other := runAt(9, 0)
	other.Node = "v26.10.0"
	groups := Groups([]Run{runAt(2, 0), other, late, runAt(3, 0)})
	var got []string
	for _, g := range groups {
		for _, r := range g.Runs {
			got = append(got, g.Kind.Node+" "+r.ID)
		}
	}
	want := []string{"v26.10.0 run-09", "v24.21.0 run-01", "v24.21.0 run-02", "v24.21.0 run-03"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

func TestDifferences(t *testing.T) {
	r := runAt(1, 0)
	a := r.Kind()
	b := a
	b.Node, b.Machine.CPUs = "v20.1.0", 8
	want := []string{"Node.js: v24.21.0 and v20.1.0", "machine: linux/amd64, 2 CPUs and linux/amd64, 8 CPUs"}
	if diff := cmp.Diff(want, a.Differences(b)); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	if got := a.Differences(a); got != nil {
		t.Errorf("a kind differs from itself: %v", got)
	}
}

func TestSparkline(t *testing.T) {
	points := made(1, append(repeat(0, 3), repeat(40, 3)...)...)
	if got := []rune(Sparkline(points, 4, 20)); len(got) != 4 || got[0] != '▁' || got[3] < '▇' {
		t.Errorf("got %q", string(got))
	}
	if got := Sparkline(made(1, 0, 0, 0), 9, 20); strings.Trim(got, "▁▂") != "" {
		t.Errorf("noise is drawn as %q", got)
	}
}

func TestText(t *testing.T) {
	runs := make([]Run, 12)
	for i := range runs {
		runs[i] = runAt(i, []float64{0.4, 0.6}[i%2])
		if i >= 7 {
			runs[i] = runAt(i, []float64{40.4, 40.6}[i%2])
			runs[i].Endpoints[0].Outcome, runs[i].Endpoints[0].Waived = verdict.Leak, i == 11
		}
	}
	var b strings.Builder
	if err := Text(&b, Groups(runs), TextOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"shop  12 runs, node v24.21.0, linux/amd64, 2 CPUs\n",
		"  upload    ▁▁▁▁▁▁▁█████  0.40   40.6  1.46  5.00    leak, waived\n",
		"  upload: +40.0 B/request from 00000070 on (0.49 to 40.5, p = 0.004); last before: 00000060\n",
		"  run-11  00000110",
		"  and 2 before\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no line %q in:\n%s", want, b.String())
		}
	}
}
