package loadgen

import (
	"context"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// Driver performs the operations of an endpoint by itself, in whatever protocol
// it knows.
type Driver interface {
	// Drive performs exactly the job's operations and reports each once, by calls
	// one after the other. When it returns, every connection is closed. An error
	// says that the block does not count; it is ctx's cause when ctx has ended.
	Drive(ctx context.Context, job Job, report func(Report)) error
}

// Job is one block for a Driver.
type Job struct {
	URL        string // of the target, without a slash at its end
	Operations int
	Workers    int    // operations at once
	First      uint64 // number of the first operation, as {{seq}} counts: no other has it
	Seed       uint64 // the run's
	// Timeout is the longest time without a report.
	Timeout time.Duration
	// Captures are the values of the setup, by name. They are secret.
	Captures map[string]string
}

// Report is what became of some operations, none of which was reported before.
type Report struct {
	Done, Failed int
	Reason       string          // why some failed; may be empty
	Latencies    []time.Duration // at most one for each operation, in no order
}

const noReason = "failed, the driver does not say why"

// drive has the endpoint's driver perform n operations, so many at once.
func (l *Loader) drive(ctx context.Context, e *Endpoint, n, workers int) (recording.Load, error) {
	job := Job{
		URL:        strings.TrimRight(l.opts.BaseURL, "/"),
		Operations: n,
		Workers:    min(n, workers),
		First:      l.seq.Add(uint64(n)) - uint64(n) + 1,
		Seed:       l.opts.Seed,
		Timeout:    e.timeout,
		Captures:   l.setup.current.Load().with(nil),
	}
	count := tally{began: time.Now()}
	err := e.driver.Drive(ctx, job, func(r Report) { count.report(r, time.Now()) })
	load := count.total()
	load.Workers = job.Workers
	return load, err
}

func (t *tally) report(r Report, now time.Time) {
	t.load.Requests += r.Done + r.Failed
	t.load.Landed += r.Done
	why := noReason
	if r.Reason != "" {
		why = addresses.ReplaceAllString(r.Reason, "ADDRESS")
	}
	for range r.Failed {
		t.fail(why)
	}
	for _, d := range r.Latencies {
		t.times.add(d)
	}
	t.last = now
}
