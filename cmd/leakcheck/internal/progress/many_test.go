package progress

import (
	"fmt"
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/verdict"
)

// many is a verdict of 100 endpoints, of which so many pass and one leaks.
func many(pass int) *verdict.Verdict {
	v := &verdict.Verdict{}
	for i := range 100 {
		e := verdict.Endpoint{
			Name: fmt.Sprintf("e%02d", i), Outcome: verdict.Inconclusive, Budget: 1,
			Retained: verdict.Estimate{Value: 1, Low: -1, High: 3},
		}
		if i < pass {
			e.Outcome = verdict.Pass
		}
		v.Endpoints = append(v.Endpoints, e)
	}
	v.Endpoints[99].Outcome, v.Endpoints[99].Retained = verdict.Leak, verdict.Estimate{Value: 200, Low: 190, High: 210}
	return v
}

// The estimates of many endpoints fit a screen, the worst first.
func TestEstimatesOfMany(t *testing.T) {
	got := estimates(many(80), 3)
	want := []string{
		"80 of 100 endpoints pass by now", "e99  200 [190, 210] B/request",
		"e80  ~ [-1.0, 3.0] B/request", "e81  ~ [-1.0, 3.0] B/request", "and 17 more that do not pass yet",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := estimates(many(99), 3); len(got) != 2 {
		t.Errorf("99 pass: %d lines, want 2:\n%s", len(got), strings.Join(got, "\n"))
	}
}

func TestFindingsOfMany(t *testing.T) {
	got := findings(many(99))
	if len(got) != 2 || !strings.HasPrefix(got[0], "leak: e99") || got[1] != "pass: 99 endpoints" {
		t.Errorf("got:\n%s", strings.Join(got, "\n"))
	}
}
