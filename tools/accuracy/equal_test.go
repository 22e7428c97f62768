package main

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/tools/accuracy/series"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/compare"
	"github.com/leakcheck/leakcheck/verdict/history"
)

// repeatedDir holds further runs of the same apps.
const repeatedDir = "testdata/repeated"

// equalRuns are the recorded runs by what was run: any two of one list are of
// equal code.
func equalRuns(t *testing.T) map[string][]history.Run {
	t.Helper()
	runs := map[string][]history.Run{}
	for _, dir := range []string{seriesDir, repeatedDir} {
		index, err := series.ReadIndex(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range index {
			rec, err := series.ReadFile(filepath.Join(dir, e.File))
			if err != nil {
				t.Fatal(err)
			}
			v, err := verdict.Judge(rec, verdict.Options{})
			if err != nil {
				t.Fatal(err)
			}
			key := e.App + " " + e.Node
			runs[key] = append(runs[key], history.Of(rec, v, v.Outcome, 0, ""))
		}
	}
	return runs
}

// compareEqual compares each two sides, of so many runs each.
func compareEqual(runs map[string][]history.Run, each int) map[compare.Outcome]int {
	count := map[compare.Outcome]int{}
	for _, all := range runs {
		for i := 0; i+each <= len(all); i += each {
			for k := i + each; k+each <= len(all); k += each {
				c := compare.Compare(compare.Side{Name: "a", Runs: all[i : i+each]}, compare.Side{Name: "b", Runs: all[k : k+each]}, compare.Options{})
				count[c.Outcome]++
			}
		}
	}
	return count
}

// Runs of equal code are not called worse, and seldom undecided.
func TestEqualRuns(t *testing.T) {
	runs := equalRuns(t)
	total := map[compare.Outcome]int{}
	for _, each := range []int{1, 2} {
		count := compareEqual(runs, each)
		t.Logf("%d run(s) a side: %v", each, count)
		for o, n := range count {
			total[o] += n
		}
	}
	all := total[compare.Regressed] + total[compare.Improved] + total[compare.Inconclusive] + total[compare.Unchanged]
	switch {
	case all < 200:
		t.Errorf("%d comparisons, want 200 at least", all)
	case (total[compare.Regressed]+total[compare.Improved])*50 > all:
		t.Errorf("%d of %d comparisons of equal code show a change, want 2 %% at most", total[compare.Regressed]+total[compare.Improved], all)
	case total[compare.Inconclusive]*10 > all:
		t.Errorf("%d of %d comparisons of equal code are inconclusive, want 10 %% at most", total[compare.Inconclusive], all)
	}
}

// TestProcessNoise computes the constant again from the runs that its comment
// names: the variance between runs less that within them.
func TestProcessNoise(t *testing.T) {
	var fits []verdict.Fit
	for app, all := range equalRuns(t) {
		if strings.HasPrefix(app, "eight-bytes/leaky ") {
			for _, r := range all {
				fits = append(fits, r.Endpoint("order").Fit)
			}
		}
	}
	if len(fits) != 20 {
		t.Fatalf("got %d runs of eight-bytes, want 20", len(fits))
	}
	mean, within, between := 0.0, 0.0, 0.0
	for _, f := range fits {
		mean += float64(f.Mean) / float64(len(fits))
		within += float64(f.StdErr*f.StdErr) / float64(len(fits))
	}
	for _, f := range fits {
		between += (float64(f.Mean) - mean) * (float64(f.Mean) - mean) / float64(len(fits)-1)
	}
	t.Logf("between runs %.3f, their own error %.3f", math.Sqrt(between), math.Sqrt(within))
	if got := math.Sqrt(max(0, between-within)); math.Abs(got-compare.ProcessNoise) > 0.02 {
		t.Errorf("processes differ by %.3f B/request beyond their own error, the constant says %.2f", got, compare.ProcessNoise)
	}
}
