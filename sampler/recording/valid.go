package recording

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording/printable"
)

// CheckValid says what makes the recording impossible, and so unfit to judge:
// a missing header, budgets or rates that cannot be, counts below zero or that
// do not add up, time that goes backwards. It does not judge quality.
func (r *Recording) CheckValid() error {
	if err := r.Header.checkValid(); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	var now time.Duration
	for i := range r.Observations {
		o := &r.Observations[i]
		if err := o.checkValid(len(r.Header.Endpoints), now); err != nil {
			return fmt.Errorf("observation %d: %w", i, err)
		}
		now = o.Sample.At
	}
	if err := checkEvents(r.Events); err != nil {
		return err
	}
	if r.End == nil {
		return nil
	}
	if err := r.End.checkValid(now); err != nil {
		return fmt.Errorf("end: %w", err)
	}
	return nil
}

func (h *Header) checkValid() error {
	switch {
	case h.Schema == 0:
		return errors.New("missing")
	case h.Schema < 0:
		return fmt.Errorf("schema %d", h.Schema)
	case h.Schema > Schema:
		return &SchemaError{Got: h.Schema}
	case !(h.Confidence > 0.5 && h.Confidence < 1):
		return fmt.Errorf("confidence %v is not between 0.5 and 1", h.Confidence)
	case h.Background.Budget != nil && !positive(float64(*h.Background.Budget)):
		return fmt.Errorf("background: budget %v is not above 0", float64(*h.Background.Budget))
	case h.Scenario.Endpoints != 0 && h.Scenario.Endpoints <= len(h.Endpoints):
		return fmt.Errorf("%d endpoints were selected of %d", len(h.Endpoints), h.Scenario.Endpoints)
	}
	if err := h.checkNames(); err != nil {
		return err
	}
	names := make(map[string]bool)
	for i := range h.Endpoints {
		e := &h.Endpoints[i]
		if err := e.checkValid(names); err != nil {
			return fmt.Errorf("endpoint %q: %w", e.Name, err)
		}
		names[printable.Alike(e.Name)] = true
	}
	return nil
}

// checkNames holds what folders and reports are named after to the rules of
// scenario files. simulated runs have no names.
func (h *Header) checkNames() error {
	if h.RunID != "" {
		if err := printable.CheckRunID(h.RunID); err != nil {
			return err
		}
	}
	if h.Scenario.Name != "" {
		if err := printable.CheckName(h.Scenario.Name); err != nil {
			return fmt.Errorf("scenario %q: %w", h.Scenario.Name, err)
		}
	}
	return nil
}

func (e *Endpoint) checkValid(taken map[string]bool) error {
	switch {
	case e.Name == "":
		return errors.New("no name")
	case taken[printable.Alike(e.Name)]:
		return errors.New("name is taken")
	case !positive(float64(e.Budget)):
		return fmt.Errorf("no budget: %v is not above 0", float64(e.Budget))
	case !positive(float64(e.Rate)):
		return fmt.Errorf("rate %v is not above 0", float64(e.Rate))
	}
	return printable.CheckEndpoint(e.Name)
}

// positive is false for NaN and infinity too.
func positive(x float64) bool { return x > 0 && !math.IsInf(x, 1) }

func notNegative(x float64) bool { return x >= 0 && !math.IsInf(x, 1) }

func (o *Observation) checkValid(endpoints int, now time.Duration) error {
	b, s := &o.Block, &o.Sample
	switch {
	case !slices.Contains([]Phase{WarmUp, Measure, Locate, ClockProbe}, b.Phase):
		return fmt.Errorf("unknown phase %q", b.Phase)
	case b.Endpoint < Mixed || b.Endpoint >= endpoints:
		return fmt.Errorf("endpoint %d is none of %d", b.Endpoint, endpoints)
	case b.Endpoint == Idle && b.Load.Requests != 0:
		return fmt.Errorf("%d requests in an idle block", b.Load.Requests)
	case b.Start < now || s.At < b.Start:
		return fmt.Errorf("time goes backwards: block at %v, sample at %v, after a sample at %v", b.Start, s.At, now)
	}
	return cmp.Or(
		checkCounts("round", b.Round),
		checkCounts("elapsed", b.Elapsed),
		b.Load.checkValid(),
		b.checkParts(endpoints),
		s.checkValid(),
	)
}

// checkParts holds the loads of a mixed block's endpoints to add up to its own.
func (b *Block) checkParts(endpoints int) error {
	switch {
	case b.Endpoint != Mixed && len(b.Parts) > 0:
		return fmt.Errorf("%d parts in a block that is not mixed", len(b.Parts))
	case b.Endpoint != Mixed:
		return nil
	case len(b.Parts) != endpoints:
		return fmt.Errorf("%d parts in a mixed block of %d endpoints", len(b.Parts), endpoints)
	}
	var sum Load
	for i := range b.Parts {
		if err := b.Parts[i].checkValid(); err != nil {
			return fmt.Errorf("part %d: %w", i, err)
		}
		sum.Requests += b.Parts[i].Requests
		sum.Failed += b.Parts[i].Failed
	}
	if sum.Requests != b.Load.Requests || sum.Failed != b.Load.Failed {
		return fmt.Errorf("%d requests and %d failed in the parts of a mixed block, but %d and %d in all",
			sum.Requests, sum.Failed, b.Load.Requests, b.Load.Failed)
	}
	return nil
}

func (l *Load) checkValid() error {
	if l.Requests != l.Landed+l.Failed {
		return fmt.Errorf("%d requests, but %d landed and %d failed", l.Requests, l.Landed, l.Failed)
	}
	if l.Aborted > l.Landed {
		return fmt.Errorf("%d aborted of %d landed", l.Aborted, l.Landed)
	}
	if !notNegative(float64(l.Rate)) || !notNegative(float64(l.OpenRate)) {
		return fmt.Errorf("rate %v or open rate %v is below 0", float64(l.Rate), float64(l.OpenRate))
	}
	return errors.Join(
		checkCounts("load", l.Requests, l.Landed, l.Failed, l.Aborted, l.Sent, l.Expired, l.Setups, l.Workers),
		checkCounts("load", l.BytesIn, l.BytesOut),
		checkMap("statuses", l.Statuses),
		checkMap("errors", l.Errors),
		l.Latency.checkValid(),
	)
}

func (l *Latency) checkValid() error {
	var last time.Duration = -1
	for _, b := range l.Buckets {
		if b.UpTo <= last || b.Count < 0 {
			return fmt.Errorf("latency: bucket of %d up to %v follows %v", b.Count, b.UpTo, last)
		}
		last = b.UpTo
	}
	return checkCounts("latency", l.Mean, l.P50, l.P95, l.P99, l.Max)
}

func (s *Sample) checkValid() error {
	m := &s.Memory
	errs := []error{
		checkCounts("sample", s.GCs),
		checkCounts("sample", s.Took, s.Loop.DelayP99, s.Loop.DelayMax, s.Loop.GCTime),
		checkCounts("loop", s.Loop.GCCount),
		checkCounts("heap", s.Heap.Used, s.Heap.Total, s.Heap.Limit),
		checkMap("heap spaces", s.Heap.Spaces),
		checkCounts("memory", m.External, m.ArrayBuffers, m.Embedder, m.RSS, m.PSS),
		checkMap("resources", s.Resources),
	}
	for _, p := range s.Procs {
		errs = append(errs, checkCounts("process", p.RSS, p.PSS), checkCounts("process", p.PID, p.FDs))
	}
	for _, i := range s.Isolates {
		errs = append(errs, checkCounts("isolate "+i.Name, i.Used))
	}
	return errors.Join(errs...)
}

func checkEvents(events []Event) error {
	var now time.Duration
	for i, e := range events {
		switch {
		case e.Kind == "":
			return fmt.Errorf("event %d: no kind", i)
		case e.At < now:
			return fmt.Errorf("event %d: time goes backwards: %v after %v", i, e.At, now)
		}
		now = e.At
	}
	return nil
}

func (e *End) checkValid(now time.Duration) error {
	if e.At < now {
		return fmt.Errorf("time goes backwards: %v after a sample at %v", e.At, now)
	}
	if !(e.LoadShare >= 0 && e.LoadShare <= 1) {
		return fmt.Errorf("load share %v is not between 0 and 1", e.LoadShare)
	}
	return checkCounts("end", e.SampleTime, e.LaunchTime, e.WarmUpTime, e.MeasureTime)
}

// checkCounts finds the first value below zero.
func checkCounts[T ~int | ~int64](what string, values ...T) error {
	for _, v := range values {
		if v < 0 {
			return fmt.Errorf("%s: %d is below 0", what, v)
		}
	}
	return nil
}

// checkMap names the first key, in order, whose value is below zero.
func checkMap[T cmp.Ordered](what string, values map[string]T) error {
	var zero T
	for _, k := range slices.Sorted(maps.Keys(values)) {
		if values[k] < zero {
			return fmt.Errorf("%s: %q: %v is below 0", what, k, values[k])
		}
	}
	return nil
}
