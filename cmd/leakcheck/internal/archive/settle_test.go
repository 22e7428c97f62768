package archive

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/report"
)

func TestSettle(t *testing.T) {
	died := &harness.Error{Kind: harness.TargetFailed, Err: errors.New("exited with code 7")}
	unloaded := &harness.Error{Kind: harness.LoadFailed, Err: errors.New("500")}
	of := func(o verdict.Outcome) *verdict.Verdict {
		return &verdict.Verdict{Outcome: o, Endpoints: []verdict.Endpoint{{Requests: 9000}}}
	}
	tests := []struct {
		name         string
		verdict      *verdict.Verdict
		err          error
		sig          os.Signal
		inconclusive int
		outcome      verdict.Outcome
		code         int
	}{
		{"pass", of(verdict.Pass), nil, nil, 3, verdict.Pass, 0},
		{"leak", of(verdict.Leak), nil, nil, 3, verdict.Leak, 1},
		{"inconclusive", of(verdict.Inconclusive), nil, nil, 3, verdict.Inconclusive, 3},
		{"remapped", of(verdict.Inconclusive), nil, nil, 125, verdict.Inconclusive, 125},
		{"remapped to pass", of(verdict.Inconclusive), nil, nil, 0, verdict.Inconclusive, 0},
		{"nothing measured is never 0", &verdict.Verdict{Outcome: verdict.Inconclusive}, nil, nil, 0, verdict.Inconclusive, 3},
		{"died with a leak shown", of(verdict.Leak), died, nil, 3, verdict.Leak, 1},
		{"died without", of(verdict.Pass), died, nil, 3, report.Failed, 4},
		{"died before anything was recorded", nil, died, nil, 0, report.Failed, 4},
		{"load failed", of(verdict.Inconclusive), unloaded, nil, 0, report.Failed, 5},
		{"cannot be tested", nil, died, nil, 125, report.Failed, 125},
		{"died with a leak shown, in a bisection", of(verdict.Leak), died, nil, 125, verdict.Leak, 1},
		{"Ctrl-C", of(verdict.Pass), errors.New("context canceled"), os.Interrupt, 0, verdict.Inconclusive, 130},
		{"SIGTERM with a leak shown", of(verdict.Leak), errors.New("context canceled"), syscall.SIGTERM, 3, verdict.Leak, 143},
		{"SIGTERM", nil, errors.New("context canceled"), syscall.SIGTERM, 3, verdict.Inconclusive, 143},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			outcome, code := settle(tt.verdict, tt.err, tt.sig, tt.inconclusive)
			if outcome != tt.outcome || code != tt.code {
				t.Errorf("got %s, exit code %d, want %s, %d", outcome, code, tt.outcome, tt.code)
			}
		})
	}
}
