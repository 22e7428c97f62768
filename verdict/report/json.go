package report

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/printable"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
)

// Schema is the version of the JSON document. It grows when a field changes
// its meaning or goes; new fields do not change it. Version 2 renames
// together, detection_limit_* and stepped_bytes_per_request.
const Schema = 2

// JSON writes d as one indented document, described by JSONSchema. A number
// that is not known (or not finite) is null.
func JSON(w io.Writer, d Document) error {
	printable.Strings(&d)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(newDocumentJSON(&d)); err != nil {
		return fmt.Errorf("write verdict: %w", err)
	}
	return nil
}

// JSONSchema describes what JSON writes.
func JSONSchema() ([]byte, error) {
	s, err := jsonschema.For[documentJSON](nil)
	if err != nil {
		return nil, fmt.Errorf("derive verdict schema: %w", err)
	}
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.Title = "leakcheck verdict"
	open(s)
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode verdict schema: %w", err)
	}
	return append(out, '\n'), nil
}

// open allows properties that s does not name: a later release may add some.
func open(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	s.AdditionalProperties = nil
	open(s.Items)
	for _, p := range s.Properties {
		open(p)
	}
}

func newDocumentJSON(d *Document) documentJSON {
	out := documentJSON{
		Schema: Schema, Outcome: d.Outcome, ExitCode: d.ExitCode,
		Endpoints: []endpointJSON{}, Resources: []resourceJSON{},
		Events: []eventJSON{}, Warnings: []warningJSON{},
	}
	if d.Failure != nil {
		failed := errorJSON(*d.Failure)
		out.Error = &failed
	}
	if d.Recording != nil {
		out.describe(d)
	} else if d.Scenario != "" {
		out.Scenario = &scenarioJSON{Name: d.Scenario, Path: d.Scenario}
	}
	if d.Verdict != nil {
		out.judge(d)
	}
	return out
}

// describe fills in what was run, and where.
func (out *documentJSON) describe(d *Document) {
	h := &d.Recording.Header
	out.Run = newRunJSON(d)
	out.Scenario = &scenarioJSON{Name: h.Scenario.Name, Path: h.Scenario.Path, Hash: h.Scenario.Hash, Of: h.Scenario.Endpoints, Quick: h.Scenario.Quick}
	env := environmentJSON(h.Environment)
	out.Environment = &env
	for _, e := range d.Recording.Events {
		out.Events = append(out.Events, eventJSON{At: seconds(e.At), Kind: string(e.Kind), Message: e.Message})
	}
}

// judge fills in what the verdict says.
func (out *documentJSON) judge(d *Document) {
	v := d.Verdict
	for i, e := range v.All() {
		one := newEndpointJSON(d, i, e)
		if i == recording.Mixed {
			out.Interaction = &one
			continue
		}
		out.Endpoints = append(out.Endpoints, one)
	}
	out.Background = newBackgroundJSON(&v.Background)
	out.Background.Suspects = suspectsJSON(d, "")
	for _, r := range v.Resources {
		out.Resources = append(out.Resources, resourceJSON{
			Endpoint: v.Endpoints[r.Endpoint].Name, Name: r.Name,
			PerRequest: finite(r.PerRequest), Last: r.Last,
		})
	}
	out.Warnings = newWarningsJSON(v.Warnings)
}

func newRunJSON(d *Document) *runJSON {
	h := &d.Recording.Header
	out := &runJSON{
		ID: h.RunID, Seed: h.Seed, StartedAt: h.StartedAt, Tool: h.Tool,
		Confidence: finite(h.Confidence), Requests: d.requests(), Dir: d.Dir,
	}
	if d.Verdict != nil {
		out.Rounds, out.Confidence = d.Verdict.Rounds, finite(d.Verdict.Confidence)
	}
	if e := d.Recording.End; e != nil {
		out.Complete, out.Decided = true, e.Decided
		out.Total, out.Launch, out.WarmUp = ptr(seconds(e.At)), ptr(seconds(e.LaunchTime)), ptr(seconds(e.WarmUpTime))
		out.Measure, out.Sample = ptr(seconds(e.MeasureTime)), ptr(seconds(e.SampleTime))
		out.LoadShare = finite(e.LoadShare)
	}
	return out
}

func newEndpointJSON(d *Document, i int, e *verdict.Endpoint) endpointJSON {
	out := endpointJSON{
		Name: e.Name, Request: e.Request, Outcome: e.Outcome,
		Budget:        finite(e.Budget),
		MinDetectable: positive(e.MinDetectable),
		Rate:          finite(e.Rate),
		Requests:      e.Requests,
		Metrics:       []metricJSON{},
		Reason:        e.Reason,
		Warnings:      newWarningsJSON(e.Warnings),
	}
	if e.Retained != (verdict.Estimate{}) {
		out.BytesPerRequest, out.Interval = finite(e.Retained.Value), interval(e.Retained.Low, e.Retained.High)
		if e.ByResizes > 0 {
			out.ByResizes = finite(e.ByResizes)
		}
		out.MBPerHour, out.HourlyInterval = finite(e.PerHour.Value), interval(e.PerHour.Low, e.PerHour.High)
	}
	if e.Waived != nil {
		out.Waived = &waiverJSON{Reason: e.Waived.Reason, Until: waivedUntil(e.Waived), Expired: e.Waived.Expired}
	}
	if e.UntilLimit >= 0 && d.Verdict.HeapRoom > 0 {
		out.UntilLimit = ptr(seconds(e.UntilLimit))
	}
	if e.UntilKill >= 0 && d.Verdict.LimitRoom > 0 {
		out.UntilKill = ptr(seconds(e.UntilKill))
	}
	if e.Needed > 0 {
		out.Needed = ptr(seconds(e.Needed))
	}
	out.describe(d.Recording, i)
	out.Suspects = suspectsJSON(d, e.Name)
	for k := range e.Metrics {
		out.Metrics = append(out.Metrics, newMetricJSON(&e.Metrics[k]))
	}
	if d.Recording != nil {
		out.Achieved = finite(d.achieved(func(k int) bool { return k == i }))
	}
	return out
}

// describe says what the recording's header does: the endpoint's identity, and which of
// its rate and budget the scenario did not give.
func (out *endpointJSON) describe(rec *recording.Recording, i int) {
	if rec == nil || i < 0 || i >= len(rec.Header.Endpoints) {
		return
	}
	h := &rec.Header.Endpoints[i]
	out.Identity, out.RateAssumed, out.BudgetAssumed = h.Identity, h.RateAssumed, h.BudgetAssumed
}

func newMetricJSON(m *verdict.Metric) metricJSON {
	return metricJSON{
		Name: m.Name, Outcome: m.Outcome,
		BytesPerRequest: finite(m.Estimate.Value),
		Interval:        interval(m.Estimate.Low, m.Estimate.High),
		MinDetectable:   finite(m.MinDetectable),
	}
}

func newBackgroundJSON(b *verdict.Background) *backgroundJSON {
	out := &backgroundJSON{
		Outcome: b.Outcome, MinDetectable: positive(b.MinDetectable),
		Reason: b.Reason, Warnings: newWarningsJSON(b.Warnings),
	}
	if b.Value != 0 || b.Low != 0 || b.High != 0 {
		out.MBPerHour, out.Interval = finite(b.Value), interval(b.Low, b.High)
	}
	if b.Budget != nil {
		out.Budget = finite(*b.Budget)
	}
	if b.Needed > 0 {
		out.Needed = ptr(seconds(b.Needed))
	}
	return out
}

func newWarningsJSON(all []verdict.Warning) []warningJSON {
	out := make([]warningJSON, len(all))
	for i, w := range all {
		out[i] = warningJSON(w)
	}
	return out
}

// quantity is every number that a report prints.
type quantity interface {
	~float64
}

// finite rounds v to six significant digits, which is more than any
// measurement of memory has, so that processors that differ in the last bit
// print the same. It is nil when v is not a number.
func finite[T quantity](v T) *float64 {
	f := float64(v)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	r, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 6, 64), 64)
	if err != nil {
		return nil
	}
	return &r
}

// positive is nil also for 0, which a limit has when it is not known.
func positive[T ~float64](v T) *float64 {
	if v <= 0 {
		return nil
	}
	return finite(v)
}

// interval is nil when either end is unknown.
func interval[T unit.BytesPerRequest | unit.MBPerHour](lo, hi T) *[2]float64 {
	l, h := finite(lo), finite(hi)
	if l == nil || h == nil {
		return nil
	}
	return &[2]float64{*l, *h}
}

// seconds keeps milliseconds.
func seconds(d time.Duration) float64 {
	return d.Round(time.Millisecond).Seconds()
}

func ptr[T any](v T) *T { return &v }

// waivedUntil is the day, "" for a waiver by the baseline.
func waivedUntil(w *verdict.Waiver) string {
	if w.Until.IsZero() {
		return ""
	}
	return w.Until.Format(time.DateOnly)
}
