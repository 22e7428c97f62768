package main

import (
	"fmt"
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

// outcomes counts comparisons.
type outcomes map[compare.Outcome]int

func (o outcomes) all() (n int) {
	for _, k := range o {
		n += k
	}
	return n
}

func (o outcomes) changed() int { return o[compare.Regressed] + o[compare.Improved] }

// String is "365 comparisons, 0 changed (95 %: up to 1.0 %), 77 inconclusive".
func (o outcomes) String() string {
	_, most := clopperPearson(o.changed(), o.all(), 0.95)
	return fmt.Sprintf("%d comparisons, %d changed (95 %%: up to %.1f %%), %d inconclusive", o.all(), o.changed(), 100*most, o[compare.Inconclusive])
}

// compareEqual compares each two sides, of so many runs each.
func (o outcomes) compareEqual(runs []history.Run, each int) {
	for i := 0; i+each <= len(runs); i += each {
		for k := i + each; k+each <= len(runs); k += each {
			c := compare.Compare(compare.Side{Name: "a", Runs: runs[i : i+each]}, compare.Side{Name: "b", Runs: runs[k : k+each]}, compare.Options{})
			o[c.Outcome]++
		}
	}
}

// Runs of equal code are not called worse. The runs of eight-bytes were made to
// be compared: all of the same length, as compare --run makes them. The others
// ended when their budgets were decided, on different days, and those that leak
// after the fewest rounds: a single one of those leaves more open.
func TestEqualRuns(t *testing.T) {
	made, others, kinds := outcomes{}, outcomes{}, 0
	for app, runs := range equalRuns(t) {
		to := others
		if strings.HasPrefix(app, "eight-bytes/") {
			to = made
		}
		if len(runs) > 1 {
			kinds++
		}
		for _, each := range []int{1, 2} {
			to.compareEqual(runs, each)
		}
	}
	t.Logf("eight-bytes: %v", made)
	t.Logf("%d others: %v", kinds-1, others)
	for _, o := range []outcomes{made, others} {
		if o.all() < 100 || o.changed()*50 > o.all() {
			t.Errorf("%v, want 2 %% changed at most of 100 or more", o)
		}
	}
	if made[compare.Inconclusive]*10 > made.all() {
		t.Errorf("eight-bytes: %v, want 10 %% at most", made)
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
