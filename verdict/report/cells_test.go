package report

import (
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/verdict"
)

// A leak that grows by resizes is no row in which nothing grows.
func TestNumbersOfResizes(t *testing.T) {
	e := verdict.Endpoint{
		Outcome: verdict.Leak, Rate: 100, ByResizes: 66.24, MinDetectable: 30,
		Retained: verdict.Estimate{Value: 70, Low: -12, High: 140},
	}
	if value, interval, perHour, _ := numbers(&e); value != "66.2" || interval != "B by resizes" || perHour != "23.8" {
		t.Errorf("got %q %q %q", value, interval, perHour)
	}
	e.Metrics = []verdict.Metric{{Name: verdict.HeapMetric, Outcome: verdict.Inconclusive}}
	if lines := leakDetails(&verdict.Verdict{}, &e); len(lines) == 0 || !strings.HasPrefix(lines[0], "what grows: heap 66.2 B/request by resizes") {
		t.Errorf("got %q, want the heap by resizes", lines)
	}
}

// What is not judged because something else leaks is not an unknown, and nothing
// is told of it. What was to be judged and could not be measured is one.
func TestNumbersOfTheUnmeasured(t *testing.T) {
	for outcome, want := range map[verdict.Outcome]string{verdict.NotJudged: none, verdict.Inconclusive: unknown} {
		e := verdict.Endpoint{Outcome: outcome, Reason: "cart leaks by itself"}
		value, interval, perHour, detectable := numbers(&e)
		if value != want || interval != "" || perHour != want || detectable != want {
			t.Errorf("%s: got %q %q %q %q, want %q", outcome, value, interval, perHour, detectable, want)
		}
		if got := plain(&e, nil); got != (want == none) {
			t.Errorf("%s: nothing to tell: %v", outcome, got)
		}
	}
}
