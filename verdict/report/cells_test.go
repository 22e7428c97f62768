package report

import (
	"testing"

	"github.com/leakcheck/leakcheck/verdict"
)

// What is not judged because something else leaks is not an unknown, and nothing
// is told of it. What was to be judged and could not be measured is one.
func TestNumbersOfTheUnmeasured(t *testing.T) {
	for outcome, want := range map[verdict.Outcome]string{verdict.NotJudged: none, verdict.Inconclusive: unknown} {
		e := verdict.Endpoint{Outcome: outcome, Reason: "cart leaks by itself"}
		value, interval, perHour, detects := numbers(&e)
		if value != want || interval != "" || perHour != want || detects != want {
			t.Errorf("%s: got %q %q %q %q, want %q", outcome, value, interval, perHour, detects, want)
		}
		if got := plain(&e, nil); got != (want == none) {
			t.Errorf("%s: nothing to tell: %v", outcome, got)
		}
	}
}
