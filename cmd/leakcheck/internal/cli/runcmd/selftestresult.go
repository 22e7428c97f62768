package runcmd

import (
	"fmt"
	"io"
	"strings"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/scenarios/selftest"
	"github.com/leakcheck/leakcheck/verdict"
)

// selftestResult is what was found on this machine.
type selftestResult struct {
	Schema        int                  `json:"schema"`
	OK            bool                 `json:"ok"`
	Noise         unit.Bytes           `json:"noise_bytes"` // of a settled sample, one standard deviation
	MinDetectable unit.BytesPerRequest `json:"min_detectable_bytes_per_request"`
	Budget        unit.MBPerHour       `json:"budget_mb_per_hour"`
	Rate          unit.PerSecond       `json:"rate_per_second"`
	Clean         verdict.Outcome      `json:"clean_outcome"`
	FalseAlarms   []string             `json:"false_alarms"` // endpoints that do not leak and were called leaks
	Leaks         []injected           `json:"leaks"`
	Broken        []string             `json:"broken"` // promises that were not kept
}

// injected is one leak of a known size.
type injected struct {
	Size     unit.BytesPerRequest    `json:"bytes_per_request"`
	Promised bool                    `json:"promised"`
	Outcome  verdict.Outcome         `json:"outcome"`
	Found    unit.BytesPerRequest    `json:"found_bytes_per_request"`
	Interval [2]unit.BytesPerRequest `json:"interval"`
}

func newSelftestResult(clean *verdict.Verdict) *selftestResult {
	r := &selftestResult{Schema: 1, Noise: clean.Noise, Clean: clean.Outcome, FalseAlarms: []string{}, Leaks: []injected{}, Broken: []string{}}
	e := leakingOf(clean)
	r.Budget, r.Rate = e.Budget, e.Rate
	r.MinDetectable = e.MinDetectable.PerRequest(e.Rate)
	for _, e := range clean.Endpoints {
		r.accuse(e, "in a clean app")
	}
	return r
}

func leakingOf(v *verdict.Verdict) *verdict.Endpoint {
	for i := range v.Endpoints {
		if v.Endpoints[i].Name == selftest.Leaking {
			return &v.Endpoints[i]
		}
	}
	return &verdict.Endpoint{}
}

func (r *selftestResult) budget() unit.BytesPerRequest { return r.Budget.PerRequest(r.Rate) }

func (r *selftestResult) accuse(e verdict.Endpoint, where string) {
	if e.Outcome == verdict.Leak {
		r.FalseAlarms = append(r.FalseAlarms, e.Name+" "+where)
	}
}

// inject notes what was said of a leak.
func (r *selftestResult) inject(size unit.BytesPerRequest, promised bool, v *verdict.Verdict) {
	e := leakingOf(v)
	r.Leaks = append(r.Leaks, injected{
		Size: size, Promised: promised, Outcome: e.Outcome,
		Found: e.Retained.Value, Interval: [2]unit.BytesPerRequest{e.Retained.Low, e.Retained.High},
	})
	for _, e := range v.Endpoints {
		if e.Name != selftest.Leaking {
			r.accuse(e, fmt.Sprintf("beside a leak of %s", size))
		}
	}
}

// check lists the promises that were not kept.
func (r *selftestResult) check() {
	for _, f := range r.FalseAlarms {
		r.Broken = append(r.Broken, "false alarm: "+f)
	}
	if r.Clean == verdict.Inconclusive {
		r.Broken = append(r.Broken, "the clean app was not shown to be clean: this machine is too noisy, or too slow")
	}
	for _, l := range r.Leaks {
		if l.Promised && l.Outcome != verdict.Leak {
			r.Broken = append(r.Broken, fmt.Sprintf("missed: a leak of %s, well above the detection limit, was called %s", l.Size, l.Outcome))
		}
	}
	r.OK = len(r.Broken) == 0
}

func (r *selftestResult) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return command.PrintJSON(w, r)
	}
	_, err := io.WriteString(w, r.text())
	return err
}

func (r *selftestResult) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Noise of a settled sample  %s\n", r.Noise)
	fmt.Fprintf(&b, "Detection limit            %s, %s at %s\n", r.MinDetectable, r.MinDetectable.AtRate(r.Rate), r.Rate)
	fmt.Fprintf(&b, "Budget                     %s, %s\n", r.budget(), r.Budget)
	fmt.Fprintf(&b, "Clean app                  %s\n", r.Clean)
	fmt.Fprintf(&b, "False alarms               %d\n\n", len(r.FalseAlarms))
	fmt.Fprintf(&b, "%-16s  %-12s  %s\n", "Injected leak", "Outcome", "Measured [interval], B/request")
	for _, l := range r.Leaks {
		fmt.Fprintf(&b, "%-16s  %-12s  %.1f [%.1f, %.1f]%s\n", l.Size, l.Outcome, l.Found, l.Interval[0], l.Interval[1], l.note())
	}
	if r.OK {
		b.WriteString("\nThis machine does what leakcheck promises.\n")
		return b.String()
	}
	b.WriteString("\nThis machine does not do what leakcheck promises:\n")
	for _, broken := range r.Broken {
		b.WriteString("  " + broken + "\n")
	}
	b.WriteString("hint: stop what else runs here, give it two cores or more, and run leakcheck doctor\n")
	return b.String()
}

// note says of a leak near the limit that it need not be found.
func (l injected) note() string {
	if l.Promised || l.Outcome == verdict.Leak {
		return ""
	}
	return "  (nearer to the budget than the detection limit: need not be found)"
}
