package loadgen

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// driverFunc is a Driver without a process.
type driverFunc func(context.Context, Job, func(Report)) error

func (f driverFunc) Drive(ctx context.Context, j Job, report func(Report)) error {
	return f(ctx, j, report)
}

func driverLoader(t *testing.T, f driverFunc) (*Loader, *Endpoint) {
	t.Helper()
	l, err := New(Options{BaseURL: "http://127.0.0.1:3000/", Seed: 9})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	e, err := l.Prepare(Request{Name: "driven", Driver: f, Timeout: time.Minute, Workers: 4})
	if err != nil {
		t.Fatal(err)
	}
	return l, e
}

func TestDriverBlock(t *testing.T) {
	l, e := driverLoader(t, func(_ context.Context, _ Job, report func(Report)) error {
		report(Report{Done: 5, Latencies: []time.Duration{time.Millisecond, 3 * time.Millisecond}})
		report(Report{Done: 1, Failed: 2, Reason: "connect ECONNREFUSED 127.0.0.1:3000"})
		report(Report{Failed: 2})
		return nil
	})
	got, err := l.Block(t.Context(), e, 10)
	if err != nil {
		t.Fatal(err)
	}
	want := recording.Load{
		Requests: 10, Landed: 6, Failed: 4, Workers: 4,
		Errors: map[string]int{"connect ECONNREFUSED ADDRESS": 2, "failed, the driver does not say why": 2},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(recording.Load{}, "Rate", "Latency")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got.Rate <= 0 || got.Latency.Mean != 2*time.Millisecond {
		t.Errorf("rate %v and latency %+v", got.Rate, got.Latency)
	}
}

// Each block is told numbers that no other has, and never more workers than
// operations.
func TestDriverJob(t *testing.T) {
	var jobs []Job
	l, e := driverLoader(t, func(_ context.Context, j Job, report func(Report)) error {
		jobs = append(jobs, j)
		report(Report{Done: j.Operations})
		return nil
	})
	l.setup.current.Store(&captured{values: map[string]string{"token": "x"}})
	for _, n := range []int{2, 10, 1} {
		if _, err := l.Block(t.Context(), e, n); err != nil {
			t.Fatal(err)
		}
	}
	job := func(n, workers int, first uint64) Job {
		return Job{
			URL: "http://127.0.0.1:3000", Operations: n, Workers: workers, First: first, Seed: 9,
			Timeout: time.Minute, Captures: map[string]string{"token": "x"},
		}
	}
	if diff := cmp.Diff([]Job{job(2, 2, 1), job(10, 4, 3), job(1, 1, 13)}, jobs); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// An end of the block, or of the loader, ends the driver; what it had reported
// is returned.
func TestDriverEnds(t *testing.T) {
	why := errors.New("enough")
	for name, end := range map[string]func(*Loader, context.CancelCauseFunc) error{
		"context": func(_ *Loader, cancel context.CancelCauseFunc) error { cancel(why); return why },
		"loader":  func(l *Loader, _ context.CancelCauseFunc) error { l.Close(); return errClosed },
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		var l *Loader
		var want error
		l, e := driverLoader(t, func(ctx context.Context, _ Job, report func(Report)) error {
			report(Report{Done: 1})
			want = end(l, cancel)
			<-ctx.Done()
			return context.Cause(ctx)
		})
		got, err := l.Block(ctx, e, 10)
		if !errors.Is(err, want) || got.Requests != 1 {
			t.Errorf("%s: got %v, %+v, want %v and 1 operation", name, err, got, want)
		}
		cancel(nil)
	}
}
