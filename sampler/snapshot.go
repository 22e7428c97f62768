package sampler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Headroom is how much more memory the target could take: of its container's
// limit, where it has one, and of the machine's free memory.
func (s *Sampler) Headroom(ctx context.Context) (unit.Bytes, error) {
	// Without a limit, constrainedMemory is 0 or beyond all memory.
	const expression = `((free, limit, total) => String(Math.min(free, limit > 0 && limit < total ? limit - process.memoryUsage.rss() : free)))(
		module.freemem(), process.constrainedMemory?.() ?? 0, module.totalmem())`
	text, err := s.readText(ctx, "os", expression, "")
	if err != nil {
		return 0, fmt.Errorf("read headroom: %w", err)
	}
	var bytes float64
	if err := json.Unmarshal([]byte(text), &bytes); err != nil {
		return 0, fmt.Errorf("read headroom: %w", err)
	}
	return unit.Bytes(bytes), nil
}

// HeapUsed is the heap of one isolate, by the name that a RawSite has, when it
// was read last.
func (s *Sampler) HeapUsed(isolate string) unit.Bytes {
	if i := s.isolate(isolate); i != nil {
		return i.last.Used
	}
	return 0
}

func (s *Sampler) isolate(name string) *isolate {
	for _, i := range s.isolates {
		if i.label() == name && !i.gone {
			return i
		}
	}
	return nil
}

const snapshotChunk = "HeapProfiler.addHeapSnapshotChunk"

// Snapshot writes a snapshot of an isolate's heap to w as it arrives. The target
// stands still meanwhile, and takes about 13 times its heap in memory.
func (s *Sampler) Snapshot(ctx context.Context, isolate string, w io.Writer) error {
	i := s.isolate(isolate)
	if i == nil {
		return fmt.Errorf("take snapshot: isolate %q is gone", isolate)
	}
	var failed error
	i.session.Handle(snapshotChunk, func(params json.RawMessage) {
		var p struct {
			Chunk string `json:"chunk"`
		}
		if failed != nil {
			return // what still comes is of no use
		}
		if failed = json.Unmarshal(params, &p); failed == nil {
			_, failed = io.WriteString(w, p.Chunk)
		}
	})
	defer i.session.Handle(snapshotChunk, nil)
	params := map[string]any{"reportProgress": false, "captureNumericValue": false}
	err := i.session.Call(ctx, "HeapProfiler.takeHeapSnapshot", params, nil)
	if err = errors.Join(err, failed); err != nil { // all chunks come before the answer
		return fmt.Errorf("take snapshot: %w", err)
	}
	return nil
}
