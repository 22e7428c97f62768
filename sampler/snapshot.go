package sampler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

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
	c := chunks{to: w}
	i.session.Handle(snapshotChunk, c.write)
	defer i.session.Handle(snapshotChunk, nil)
	params := map[string]any{"reportProgress": false, "captureNumericValue": false}
	err := i.session.Call(ctx, "HeapProfiler.takeHeapSnapshot", params, nil)
	if err = errors.Join(err, c.end()); err != nil { // all chunks come before the answer
		return fmt.Errorf("take snapshot: %w", err)
	}
	return nil
}

// chunks writes a snapshot's parts until the first error, or the end: more may
// come when the call was given up.
type chunks struct {
	mu  sync.Mutex
	to  io.Writer // nil at the end
	err error
}

func (c *chunks) write(params json.RawMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.to == nil || c.err != nil {
		return
	}
	var p struct {
		Chunk string `json:"chunk"`
	}
	if c.err = json.Unmarshal(params, &p); c.err == nil {
		_, c.err = io.WriteString(c.to, p.Chunk)
	}
}

func (c *chunks) end() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.to = nil
	return c.err
}
