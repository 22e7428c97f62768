package history

import (
	"slices"
	"testing"

	"github.com/leakcheck/leakcheck/verdict"
)

// outcomesOf is the n-th run, of these endpoints with their outcomes in turns.
func outcomesOf(n int, whole verdict.Outcome, namesAndOutcomes ...string) Run {
	r := runAt(n, 0)
	r.Outcome, r.Endpoints = whole, nil
	for i := 0; i < len(namesAndOutcomes); i += 2 {
		r.Endpoints = append(r.Endpoints, Endpoint{Name: namesAndOutcomes[i], Outcome: verdict.Outcome(namesAndOutcomes[i+1])})
	}
	return r
}

func TestPassedLast(t *testing.T) {
	first := outcomesOf(1, verdict.Leak, "a", "pass", "b", "leak", "c", "pass", "d", "inconclusive")
	selection := outcomesOf(2, verdict.Leak, "b", "pass", "c", "leak")
	tests := []struct {
		name string
		runs []Run
		want []string
	}{
		{"no history", nil, nil},
		{"one run", []Run{first}, []string{"a", "c"}},
		{"the last time counts", []Run{first, selection}, []string{"b", "a"}},
		{"a run that measured nothing", []Run{first, outcomesOf(3, "failed")}, nil},
		{"they leak together", []Run{first, outcomesOf(3, verdict.Leak, "a", "pass", "b", "pass")}, nil},
		{"failed before", []Run{outcomesOf(0, "failed"), first}, []string{"a", "c"}},
	}
	for _, tt := range tests {
		if got := PassedLast(tt.runs); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
	waived := outcomesOf(1, verdict.Pass, "a", "leak")
	waived.Endpoints[0].Waived = true
	if got := PassedLast([]Run{waived}); !slices.Equal(got, []string{"a"}) {
		t.Errorf("a waived leak: got %v, want a", got)
	}
}
