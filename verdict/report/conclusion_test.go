package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// An undecided run says how much longer it had to be, where a longer one helps.
func TestTimeThatSettles(t *testing.T) {
	for needed, want := range map[time.Duration]string{
		0:                  "search is not decided\n",
		40 * time.Second:   "about 40 s more would settle it",
		verdict.MostNeeded: "more time alone will not settle it",
	} {
		d := fixture()
		d.Outcome = verdict.Inconclusive
		d.Verdict.Endpoints = d.Verdict.Endpoints[2:3]
		d.Verdict.Endpoints[0].Needed = needed
		var b strings.Builder
		if err := report.Text(&b, d, report.Style{}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s needed: want %q in\n%s", needed, want, b.String())
		}
	}
}
