package sampler

import (
	"context"
	"errors"
	"time"

	"github.com/leakcheck/leakcheck/sampler/inspector"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

const (
	// workerTime is how long a worker may take for one call. One that blocks (in
	// Atomics.wait, say) is no fault.
	workerTime = 2 * time.Second
	// againTime is for one that did not answer the last time, and againPace what it
	// has beside that to collect a MB, five times what it takes.
	againTime = 100 * time.Millisecond
	againPace = 10 * time.Millisecond
)

// usage is one isolate's heap, or the sum of several.
type usage struct {
	Used         unit.Bytes `json:"usedSize"`
	Total        unit.Bytes `json:"totalSize"`
	Embedder     unit.Bytes `json:"embedderHeapUsedSize"` // from Node 22 on
	External     unit.Bytes `json:"-"`                    // workers' only
	ArrayBuffers unit.Bytes `json:"-"`
}

func (u *usage) add(v usage) {
	u.Used += v.Used
	u.Total += v.Total
	u.Embedder += v.Embedder
	u.External += v.External
	u.ArrayBuffers += v.ArrayBuffers
}

// isolate is one JS heap of the target. A worker that blocks keeps the last
// reading that it gave (none: 0), so that the sum shows no step that no memory
// made.
type isolate struct {
	session inspector.Session
	name    string
	limit   time.Duration // for a call
	worker  bool
	last    usage
	silent  bool   // a worker that did not answer when it was asked last
	gone    bool   // a worker that ended
	clock   *clock // once time was let pass
}

func newMain(s inspector.Session) *isolate {
	return &isolate{session: s, name: "main", limit: collectTime}
}

func newWorker(s inspector.Session, name string) *isolate {
	return &isolate{session: s, name: name, limit: workerTime, worker: true}
}

// askAgain asks a worker that did not answer for a collection, and for no longer
// than that takes. One that waits tells the size of its heap all the same.
func (i *isolate) askAgain(ctx context.Context) error {
	if !i.silent || i.gone {
		return nil
	}
	var now usage
	err := call(ctx, i.session, againTime, "Runtime.getHeapUsage", nil, &now)
	if err == nil {
		limit := againTime + time.Duration(float64(now.Used)/1e6*float64(againPace))
		err = call(ctx, i.session, limit, "HeapProfiler.collectGarbage", nil, nil)
	}
	i.silent = err != nil
	return i.excuse(ctx, err)
}

// collect discards what the console keeps, collects garbage and reads the
// heap. Only the main isolate's errors are errors.
func (i *isolate) collect(ctx context.Context) error {
	if i.silent || i.gone {
		return nil
	}
	for _, method := range []string{"Runtime.discardConsoleEntries", "HeapProfiler.collectGarbage"} {
		if err := call(ctx, i.session, i.limit, method, nil, nil); err != nil {
			return i.excuse(ctx, err)
		}
	}
	u := usage{External: i.last.External, ArrayBuffers: i.last.ArrayBuffers}
	if err := call(ctx, i.session, i.limit, "Runtime.getHeapUsage", nil, &u); err != nil {
		return i.excuse(ctx, err)
	}
	i.last = u
	return nil
}

// readExternal reads a worker's memory outside its heap; the main isolate's
// comes with the probe.
func (i *isolate) readExternal(ctx context.Context) error {
	if !i.worker || i.silent || i.gone {
		return nil
	}
	const expression = `(({ external, arrayBuffers }) => ({ external, arrayBuffers }))(process.memoryUsage())`
	m, err := evaluate[struct{ External, ArrayBuffers unit.Bytes }](ctx, i.session, i.limit, expression)
	if err != nil {
		return i.excuse(ctx, err)
	}
	i.last.External, i.last.ArrayBuffers = m.External, m.ArrayBuffers
	return nil
}

// excuse notes why a worker did not answer.
func (i *isolate) excuse(ctx context.Context, err error) error {
	if err == nil || !i.worker || ctx.Err() != nil {
		return err
	}
	var hung *HungError
	if errors.As(err, &hung) {
		i.silent = true
	} else {
		i.gone = true
	}
	return nil
}

func (i *isolate) record() recording.Isolate {
	return recording.Isolate{Name: i.name, Used: i.last.Used, Silent: i.silent}
}

// ask is one call. Only the main isolate's errors are errors.
func (i *isolate) ask(ctx context.Context, method string, params, result any) error {
	if i.silent || i.gone {
		return nil
	}
	if err := call(ctx, i.session, i.limit, method, params, result); err != nil {
		return i.excuse(ctx, err)
	}
	return nil
}

// label names a worker, and is "" for the main isolate.
func (i *isolate) label() string {
	if i.worker {
		return i.name
	}
	return ""
}
