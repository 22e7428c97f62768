package report

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
)

// Prometheus writes the text format 0.0.4. Every metric is a gauge in base
// units; what is not known has no sample.
func Prometheus(w io.Writer, s Suite) error {
	_, err := io.WriteString(w, exposition(&s))
	return err
}

// OpenMetrics writes OpenMetrics 1.0.
func OpenMetrics(w io.Writer, s Suite) error {
	_, err := io.WriteString(w, exposition(&s)+"# EOF\n")
	return err
}

// family is one metric with its samples, which must stand together.
type family struct {
	name, help string
	samples    []sample
}

type sample struct {
	labels []string // name, value, name, value, ...
	value  float64
}

func (f *family) add(v float64, labels ...string) {
	if isFinite(v) {
		f.samples = append(f.samples, sample{labels, v})
	}
}

func exposition(s *Suite) string {
	runs, endpoints := runFamilies(), endpointFamilies()
	seen := map[string]bool{}
	for _, d := range byRank(s.Runs) {
		if seen[d.name()] { // one series has one sample: the worst run's
			continue
		}
		seen[d.name()] = true
		for k := range runs {
			runs[k].of(&runs[k].family, d)
		}
		if d.Verdict == nil {
			continue
		}
		for k := range endpoints {
			for e := range d.Verdict.Endpoints {
				endpoints[k].of(&endpoints[k].family, d, e)
			}
		}
	}
	var b strings.Builder
	for k := range runs {
		runs[k].family.write(&b)
	}
	for k := range endpoints {
		endpoints[k].family.write(&b)
	}
	return b.String()
}

func (f *family) write(b *strings.Builder) {
	if len(f.samples) == 0 {
		return
	}
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s gauge\n", f.name, f.help, f.name)
	for _, s := range f.samples {
		pairs := make([]string, 0, len(s.labels)/2)
		for i := 0; i < len(s.labels); i += 2 {
			pairs = append(pairs, s.labels[i]+`="`+labelValue.Replace(strings.ToValidUTF8(s.labels[i+1], "\ufffd"))+`"`)
		}
		fmt.Fprintf(b, "%s{%s} %s\n", f.name, strings.Join(pairs, ","), strconv.FormatFloat(s.value, 'g', -1, 64))
	}
}

var labelValue = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

type runFamily struct {
	family
	of func(*family, *Document)
}

func runFamilies() []runFamily {
	return []runFamily{
		{family{name: "leakcheck_run_outcome", help: "1 for the run's outcome, 0 for the others."}, func(f *family, d *Document) {
			for _, o := range worse {
				f.add(flag(o == d.Outcome), "scenario", d.name(), "outcome", string(o))
			}
		}},
		{family{name: "leakcheck_run_exit_code", help: "Exit code of the run."}, func(f *family, d *Document) {
			f.add(float64(d.ExitCode), "scenario", d.name())
		}},
		{family{name: "leakcheck_run_start_timestamp_seconds", help: "When the run started."}, func(f *family, d *Document) {
			if d.Recording != nil {
				f.add(float64(d.Recording.Header.StartedAt.Unix()), "scenario", d.name())
			}
		}},
		{family{name: "leakcheck_run_duration_seconds", help: "How long the run took."}, func(f *family, d *Document) {
			if d.Recording != nil && d.Recording.End != nil {
				f.add(d.Recording.End.At.Seconds(), "scenario", d.name())
			}
		}},
		{family{name: "leakcheck_run_warnings", help: "Doubts about the run as a whole."}, func(f *family, d *Document) {
			if d.Verdict != nil {
				f.add(float64(len(d.Verdict.Warnings)), "scenario", d.name())
			}
		}},
	}
}

type endpointFamily struct {
	family
	of func(f *family, d *Document, endpoint int)
}

// number is a family with one sample for each endpoint, NaN for none.
func number(name, help string, value func(*verdict.Endpoint) float64) endpointFamily {
	return endpointFamily{family{name: name, help: help}, func(f *family, d *Document, i int) {
		e := &d.Verdict.Endpoints[i]
		f.add(value(e), "scenario", d.name(), "endpoint", e.Name)
	}}
}

func endpointFamilies() []endpointFamily {
	return []endpointFamily{
		{family{name: "leakcheck_endpoint_outcome", help: "1 for the endpoint's outcome, 0 for the others."}, func(f *family, d *Document, i int) {
			e := &d.Verdict.Endpoints[i]
			for _, o := range []verdict.Outcome{verdict.Pass, verdict.Inconclusive, verdict.Leak} {
				f.add(flag(o == e.Outcome), "scenario", d.name(), "endpoint", e.Name, "outcome", string(o))
			}
		}},
		number("leakcheck_endpoint_waived", "1 when a leak is tolerated.", func(e *verdict.Endpoint) float64 { return flag(e.Waived != nil && !e.Waived.Expired) }),
		number("leakcheck_endpoint_retained_bytes_per_request", "What one request leaves behind.", retained(func(e *verdict.Estimate) unit.BytesPerRequest { return e.Value })),
		number("leakcheck_endpoint_retained_bytes_per_request_lower", "Lower end of its interval.", retained(func(e *verdict.Estimate) unit.BytesPerRequest { return e.Low })),
		number("leakcheck_endpoint_retained_bytes_per_request_upper", "Upper end of its interval.", retained(func(e *verdict.Estimate) unit.BytesPerRequest { return e.High })),
		number("leakcheck_endpoint_growth_bytes_per_hour", "Growth at the production rate.", func(e *verdict.Endpoint) float64 {
			if e.Retained == (verdict.Estimate{}) {
				return math.NaN()
			}
			return hourlyBytes(e.PerHour.Value)
		}),
		number("leakcheck_endpoint_budget_bytes_per_hour", "Growth that the budget allows.", func(e *verdict.Endpoint) float64 { return hourlyBytes(e.Budget) }),
		number("leakcheck_endpoint_detection_limit_bytes_per_hour", "Smallest leak that the run would have called.", func(e *verdict.Endpoint) float64 {
			if e.MinDetectable <= 0 {
				return math.NaN()
			}
			return hourlyBytes(e.MinDetectable)
		}),
		{family{name: "leakcheck_endpoint_requests_per_second", help: "Rate of landed requests under load."}, func(f *family, d *Document, i int) {
			if d.Recording != nil {
				f.add(float64(d.achieved(func(k int) bool { return k == i })), "scenario", d.name(), "endpoint", d.Verdict.Endpoints[i].Name)
			}
		}},
	}
}

func retained(end func(*verdict.Estimate) unit.BytesPerRequest) func(*verdict.Endpoint) float64 {
	return func(e *verdict.Endpoint) float64 {
		if e.Retained == (verdict.Estimate{}) {
			return math.NaN()
		}
		return float64(end(&e.Retained))
	}
}

// hourlyBytes is MB/h in the base unit.
func hourlyBytes(v unit.MBPerHour) float64 {
	const bytesPerMB = 1e6
	return float64(v) * bytesPerMB
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
