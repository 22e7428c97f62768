package compare

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/history"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// side is two simulated runs, in fresh processes, of an app with two endpoints
// of which the first leaks so many bytes a request.
func side(t *testing.T, name string, seed uint64, leak float64) Side {
	t.Helper()
	s := Side{Name: name}
	for i := range uint64(2) {
		rec := simulate.Run{
			Seed: 100*seed + i, Endpoints: 2, Rounds: 6, PerBlock: 6000, Noise: 4000, Budget: 5,
			Apps: []simulate.Memory{&simulate.Linear{PerRequest: leak}},
		}.Record()
		rec.Header.RunID = name
		v, err := verdict.Judge(rec, verdict.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s.Runs = append(s.Runs, history.Of(rec, v, v.Outcome, 0, ""))
	}
	return s
}

func TestCompare(t *testing.T) {
	tests := []struct {
		name       string
		base, head float64 // bytes per request of endpoint a; the budget is 139
		want       Outcome
	}{
		{"a new leak", 0, 40, Regressed},
		{"worse within budget", 40, 60, Regressed},
		{"fixed", 60, 0, Improved},
		{"less", 60, 40, Improved},
		{"as before", 40, 40, Unchanged},
		{"nothing", 0, 0, Unchanged},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for seed := range uint64(5) {
				c := Compare(side(t, "base", 2*seed, tt.base), side(t, "head", 2*seed+1, tt.head), Options{})
				if got := c.Endpoints[0]; got.Outcome != tt.want {
					t.Errorf("seed %d: got %s: %+v", seed, got.Outcome, got.Delta)
				}
				if got := c.Endpoints[1]; got.Outcome != Unchanged {
					t.Errorf("seed %d: the endpoint beside it is %s: %+v", seed, got.Outcome, got.Delta)
				}
				if want := tt.want == Regressed; (c.Outcome == Regressed) != want {
					t.Errorf("seed %d: the whole is %s", seed, c.Outcome)
				}
			}
		})
	}
}

// At most 1 % of comparisons of equal code may show any difference.
func TestCompareEqual(t *testing.T) {
	shown := 0
	const trials = 100
	for seed := range uint64(trials) {
		c := Compare(side(t, "base", 1000+2*seed, 20), side(t, "head", 1001+2*seed, 20), Options{})
		for _, e := range c.Endpoints {
			if e.Shown() {
				shown++
			}
		}
	}
	if shown > trials/50 {
		t.Errorf("%d of %d comparisons of equal code show a difference", shown, trials)
	}
}

func TestTolerance(t *testing.T) {
	half, tight := 0.5, unit.MBPerHour(0.036) // 1 byte per request at 10/s
	tests := []struct {
		name    string
		options Options
		base    unit.BytesPerRequest
		want    float64
	}{
		{"default, small base", Options{}, 20, 5},
		{"default, large base: 10 %", Options{}, 300, 30},
		{"default, base below 0", Options{}, -300, 5},
		{"relative", Options{Relative: &half}, 20, 10},
		{"absolute", Options{Tolerance: &tight}, 300, 1},
		{"both: the larger", Options{Tolerance: &tight, Relative: &half}, 20, 10},
	}
	for _, tt := range tests {
		if got := tt.options.tolerance(tt.base, 10); float64(got) < tt.want*0.999 || float64(got) > tt.want*1.001 {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func madeRun(outcome verdict.Outcome, mean unit.BytesPerRequest, reason string) history.Run {
	return history.Run{ID: "r", Outcome: outcome, Scenario: "shop", Endpoints: []history.Endpoint{{
		Name: "a", Outcome: outcome, Rate: 10, Budget: 5, Reason: reason,
		Retained: verdict.Estimate{Value: mean, Low: mean - 3, High: mean + 3}, Fit: verdict.Fit{Mean: mean, StdErr: 0.3, DoF: 8},
	}}}
}

// An endpoint that leaks by something else than its rate is worse; one that
// crosses its budget by less than the tolerance is not.
func TestBlameOther(t *testing.T) {
	tests := []struct {
		name       string
		base, head history.Run
		want       Outcome
	}{
		{"a descriptor for each request", madeRun(verdict.Pass, 1, ""), madeRun(verdict.Leak, 1, "leaves +1.00 fd open"), Regressed},
		{"it did before", madeRun(verdict.Leak, 1, ""), madeRun(verdict.Leak, 1, "leaves +1.00 fd open"), Unchanged},
		{"over the budget by a hair", madeRun(verdict.Pass, 138, ""), madeRun(verdict.Leak, 143, "each request retains 143 B"), Unchanged},
	}
	for _, tt := range tests {
		c := Compare(Side{"base", []history.Run{tt.base}}, Side{"head", []history.Run{tt.head}}, Options{})
		if c.Outcome != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, c.Outcome, tt.want)
		}
	}
}

func TestBoundary(t *testing.T) {
	c := Compare(side(t, "base", 1, 0), side(t, "head", 2, 40), Options{})
	b, ok := c.Boundary()
	if !ok {
		t.Fatalf("no boundary in %+v", c.Endpoints)
	}
	for leak, want := range map[unit.BytesPerRequest]Place{0: Good, 10: Good, 20: Skip, 30: Bad, 40: Bad} {
		r := madeRun(verdict.Pass, leak, "")
		if got := b.Place(&r); got != want {
			t.Errorf("%v: got %s, want %s", leak, got, want)
		}
	}
	if got := b.Place(&history.Run{}); got != Skip {
		t.Errorf("a run without the endpoint: got %s, want skip", got)
	}
	same := Compare(side(t, "base", 1, 40), side(t, "head", 2, 40), Options{})
	if _, ok := same.Boundary(); ok {
		t.Error("a boundary between equal revisions")
	}
}

func TestComparable(t *testing.T) {
	a, b := madeRun(verdict.Pass, 0, ""), madeRun(verdict.Pass, 0, "")
	b.Node = "v20.1.0"
	got := Comparable(Side{"a", []history.Run{a, a}}, Side{"b", []history.Run{b}})
	if diff := cmp.Diff([]string{"Node.js:  and v20.1.0"}, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}

func TestText(t *testing.T) {
	worse := Compare(Side{"main", []history.Run{madeRun(verdict.Pass, 40, "")}}, Side{"HEAD", []history.Run{madeRun(verdict.Pass, 60, "")}}, Options{})
	same := Compare(Side{"main", []history.Run{madeRun(verdict.Pass, 40, "")}}, Side{"HEAD", []history.Run{madeRun(verdict.Pass, 41, "")}}, Options{})
	var out bytes.Buffer
	for _, c := range []Comparison{worse, same} {
		if err := Text(&out, &c, TextOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{
		"  shop: base main (1 run), head HEAD (1 run)\n",
		"  a         40.0  60.0  +20.0  [+18.3, +21.7]  +0.7  0.000  regressed\n",
		"  a: each request retains 20 B more\n",
		"\nRegressed: a (within budget)\n",
		"  a         40.0  41.0  ~      [-0.7, +2.7]  ~     0.090  unchanged\n",
		"  1 main was measured in one process: how processes differ is assumed, not measured (few-processes)\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no line %q in:\n%s", want, out.String())
		}
	}
}

// A baseline excuses what is no worse, and nothing else.
func TestTolerate(t *testing.T) {
	leak := func(mean unit.BytesPerRequest) history.Run {
		return madeRun(verdict.Leak, mean, "each request leaves more")
	}
	other := leak(400)
	other.Node = "v20.1.0"
	descriptor := leak(0)
	tests := []struct {
		name      string
		base, now history.Run
		want      verdict.Outcome
		warned    bool
	}{
		{"as before", leak(400), leak(410), verdict.Pass, false},
		{"less", leak(400), leak(300), verdict.Pass, false},
		{"worse", leak(400), leak(500), verdict.Leak, false},
		{"new", madeRun(verdict.Pass, 0, ""), leak(400), verdict.Leak, false},
		{"not by its rate", descriptor, descriptor, verdict.Leak, false},
		{"another Node", other, leak(400), verdict.Leak, true},
	}
	for _, tt := range tests {
		v := &verdict.Verdict{Outcome: verdict.Leak, Endpoints: []verdict.Endpoint{{Name: "a", Outcome: verdict.Leak}}}
		Baseline{}.With(tt.base).Tolerate(v, tt.now)
		if v.Outcome != tt.want || (len(v.Warnings) > 0) != tt.warned {
			t.Errorf("%s: got %s with %v, want %s", tt.name, v.Outcome, v.Warnings, tt.want)
		}
		if waived := v.Endpoints[0].Waived != nil; waived != (tt.want == verdict.Pass) {
			t.Errorf("%s: waived %t", tt.name, waived)
		}
	}
}

func TestBaselineFile(t *testing.T) {
	var text bytes.Buffer
	want := Baseline{}.With(madeRun(verdict.Leak, 40, "")).With(madeRun(verdict.Leak, 50, ""))
	if err := want.Write(&text); err != nil {
		t.Fatal(err)
	}
	got, err := ReadBaseline(&text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got.Runs) != 1 {
		t.Errorf("read %d runs (-written +read):\n%s", len(got.Runs), diff)
	}
	if _, err := ReadBaseline(strings.NewReader(`{"schema": 1, "rums": []}`)); err == nil {
		t.Error("an unknown key was read")
	}
}
