package history

import (
	"slices"

	"github.com/leakcheck/leakcheck/verdict"
)

// PassedLast are the endpoints that passed, or were waived, when they were last
// measured. Runs are of one scenario, oldest first. A run that failed as a whole, with
// no endpoint of its own to blame, passed nothing.
func PassedLast(runs []Run) []string {
	var passed, seen []string
	for _, r := range slices.Backward(runs) {
		if r.failedAsWhole() {
			break
		}
		for _, e := range r.Endpoints {
			if slices.Contains(seen, e.Name) {
				continue
			}
			seen = append(seen, e.Name)
			if e.passed() {
				passed = append(passed, e.Name)
			}
		}
	}
	return passed
}

func (r *Run) failedAsWhole() bool {
	return r.Outcome != verdict.Pass && !slices.ContainsFunc(r.Endpoints, func(e Endpoint) bool { return !e.passed() })
}

func (e Endpoint) passed() bool {
	return e.Outcome == verdict.Pass || e.Outcome == verdict.Leak && e.Waived
}
