package runcmd

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/scenarios/selftest"
	"github.com/leakcheck/leakcheck/verdict"
)

// said is a verdict with these outcomes for the endpoint that may leak and
// for its neighbour.
func said(leaking, other verdict.Outcome) *verdict.Verdict {
	v := &verdict.Verdict{Outcome: leaking, Noise: 5000, Endpoints: []verdict.Endpoint{
		{Name: selftest.Leaking, Outcome: leaking, Rate: 10, Budget: 0.25, MinDetectable: 0.1},
		{Name: "plain", Outcome: other, Rate: 10, Budget: 0.25},
	}}
	if other == verdict.Leak {
		v.Outcome = verdict.Leak
	}
	return v
}

func TestSelftestResult(t *testing.T) {
	const pass, leak, open = verdict.Pass, verdict.Leak, verdict.Inconclusive
	tests := []struct {
		name         string
		clean, large *verdict.Verdict
		small        verdict.Outcome
		broken       []string // how each line begins
	}{
		{"as promised", said(pass, pass), said(leak, pass), leak, nil},
		{"small one missed, as may be", said(pass, pass), said(leak, pass), pass, nil},
		{"large one missed", said(pass, pass), said(pass, pass), leak, []string{"missed: a leak of 12.5 B/request"}},
		{"large one undecided", said(pass, pass), said(open, pass), leak, []string{"missed: a leak of 12.5 B/request"}},
		{"clean app accused", said(leak, pass), said(leak, pass), leak, []string{"false alarm: keep in a clean app"}},
		{"neighbour accused", said(pass, pass), said(leak, leak), leak, []string{"false alarm: plain beside a leak of 12.5 B/request"}},
		{"too noisy", said(open, pass), said(leak, pass), leak, []string{"the clean app was not shown to be clean"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newSelftestResult(tt.clean)
			r.inject(r.budget()+r.MinDetectable/2, false, said(tt.small, pass))
			r.inject(r.budget()+2*r.MinDetectable, true, tt.large)
			r.check()
			// 0.25 MB/h at 10/s are 6.9 bytes/request, 0.1 MB/h are 2.8.
			if got, want := r.Leaks[1].Size, unit.MBPerHour(0.45).PerRequest(10); !(got-want < 1e-9 && want-got < 1e-9) {
				t.Errorf("size = %s, want %s", got, want)
			}
			if len(r.Broken) != len(tt.broken) || r.OK != (len(tt.broken) == 0) {
				t.Fatalf("broken = %q, ok = %t, want %q", r.Broken, r.OK, tt.broken)
			}
			for i, want := range tt.broken {
				if !strings.HasPrefix(r.Broken[i], want) {
					t.Errorf("broken = %q, want %q first", r.Broken[i], want)
				}
				if !strings.Contains(r.text(), r.Broken[i]) {
					t.Errorf("not printed: %q", r.Broken[i])
				}
			}
		})
	}
}

func TestSelftestText(t *testing.T) {
	r := newSelftestResult(said(verdict.Pass, verdict.Pass))
	r.inject(8, false, said(verdict.Pass, verdict.Pass))
	r.check()
	const want = `Noise of a settled sample  5 kB
Detection limit            2.78 B/request, 0.1 MB/h at 10/s
Budget                     6.94 B/request, 0.25 MB/h
Clean app                  pass
False alarms               0

Injected leak     Outcome       Measured [interval], B/request
8 B/request       pass          0.0 [0.0, 0.0]  (nearer to the budget than the detection limit: need not be found)

This machine does what leakcheck promises.
`
	if diff := cmp.Diff(want, r.text()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}
