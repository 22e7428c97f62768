package sampler

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// watchSource makes the object that notes what is put into containers that
// live on, and what is opened and not closed. It changes built-in methods while
// it is at it, and so is used after the last sample only.
//
//go:embed watch.js
var watchSource string

// RawStore is one place in the code that makes a container grow.
type RawStore struct {
	Isolate   string
	Kind      string // of the container: "map", "set", "array", "emitter", "target", "promise"
	Container int    // for ContainerID
	Stack     []RawFrame
	Grown     float64 // entries
	Size      int
	Functions float64 // share of what was put in that is functions
}

// Environment is the Type of an assignment to process.env.
const Environment = "env"

// RawHandle is one place that opened something which is still open, or that
// assigned to process.env.
type RawHandle struct {
	Isolate string
	Type    string
	Stack   []RawFrame
	Count   float64
}

// Watched is what Watcher.End tells.
type Watched struct {
	Stores  []RawStore
	Handles []RawHandle
}

// Watcher watches all isolates of a target.
type Watcher struct {
	sampler *Sampler
	probes  map[*isolate]*probe
}

// Watch begins to watch. A block of load should follow, then Mark, then the
// block that counts: what was touched in both lives longer than a request.
func (s *Sampler) Watch(ctx context.Context) (*Watcher, error) {
	s.findIsolates()
	w := &Watcher{sampler: s, probes: make(map[*isolate]*probe)}
	for _, i := range s.isolates {
		if err := w.install(ctx, i); err != nil {
			return nil, errors.Join(fmt.Errorf("watch containers: %w", err), w.Stop(ctx))
		}
	}
	return w, nil
}

func (w *Watcher) install(ctx context.Context, i *isolate) error {
	if i.silent || i.gone {
		return nil
	}
	p, err := installObject(ctx, i.session, i.limit, watchSource)
	if err == nil {
		w.probes[i] = p
		_, err = invoke[any](ctx, p, "begin")
	}
	if err != nil {
		return i.excuse(ctx, err)
	}
	return nil
}

// Mark begins the block that counts.
func (w *Watcher) Mark(ctx context.Context) error {
	for i, p := range w.probes {
		_, err := invoke[any](ctx, p, "mark")
		if err := i.excuse(ctx, err); err != nil {
			return err
		}
	}
	return nil
}

// End stops watching and tells what grew. The target should be settled.
func (w *Watcher) End(ctx context.Context) (Watched, error) {
	var all Watched
	for _, i := range w.sampler.isolates {
		p := w.probes[i]
		if p == nil {
			continue
		}
		seen, err := invoke[watched](ctx, p, "end")
		if err := i.excuse(ctx, err); err != nil {
			return all, fmt.Errorf("end watch: %w", err)
		}
		seen.addTo(&all, i.label())
	}
	return all, nil
}

// Stop undoes what Watch changed in the target; End has done so already.
func (w *Watcher) Stop(ctx context.Context) error {
	var errs []error
	for i, p := range w.probes {
		_, err := invoke[any](ctx, p, "stop")
		errs = append(errs, i.excuse(ctx, err))
	}
	return errors.Join(errs...)
}

// Forget lets go of the containers, which would else be held by the watcher in
// snapshots.
func (w *Watcher) Forget(ctx context.Context) error {
	for i, p := range w.probes {
		_, err := invoke[any](ctx, p, "forget")
		if err := i.excuse(ctx, err); err != nil {
			return err
		}
	}
	return nil
}

// ContainerID is the id that a store's container has in snapshots, once there
// was one: before, V8 gives none.
func (w *Watcher) ContainerID(ctx context.Context, s RawStore) (uint64, error) {
	for i, p := range w.probes {
		if i.label() != s.Isolate {
			continue
		}
		var e evaluation[any]
		params := map[string]any{
			"objectId": p.object, "silent": true,
			"functionDeclaration": "function (i) { return this.container(i); }",
			"arguments":           []any{map[string]any{"value": s.Container}},
		}
		if err := call(ctx, p.session, p.limit, "Runtime.callFunctionOn", params, &e); err != nil {
			return 0, fmt.Errorf("find container: %w", err)
		}
		var answer struct {
			ID string `json:"heapSnapshotObjectId"`
		}
		params = map[string]any{"objectId": e.Result.ObjectID}
		if err := call(ctx, p.session, p.limit, "HeapProfiler.getHeapObjectId", params, &answer); err != nil {
			return 0, fmt.Errorf("find container: %w", err)
		}
		return strconv.ParseUint(answer.ID, 10, 64)
	}
	return 0, fmt.Errorf("find container: isolate %q is not watched", s.Isolate)
}

// watched is the answer of watch.js.
type watched struct {
	Stores []struct {
		Kind      string   `json:"kind"`
		Container int      `json:"container"`
		At        rawStack `json:"at"`
		Size      int      `json:"size"`
		Grown     float64  `json:"grown"`
		Functions float64  `json:"functions"`
	} `json:"stores"`
	Handles []struct {
		Type string   `json:"type"`
		At   rawStack `json:"at"`
	} `json:"handles"`
	Env []struct {
		At    rawStack `json:"at"`
		Calls float64  `json:"calls"`
	} `json:"env"`
}

func (w watched) addTo(all *Watched, isolate string) {
	for _, s := range w.Stores {
		all.Stores = append(all.Stores, RawStore{isolate, s.Kind, s.Container, s.At, s.Grown, s.Size, s.Functions})
	}
	for _, h := range w.Handles {
		all.Handles = append(all.Handles, RawHandle{isolate, h.Type, h.At, 1})
	}
	for _, e := range w.Env {
		all.Handles = append(all.Handles, RawHandle{isolate, Environment, e.At, e.Calls})
	}
}

// rawStack is a stack as watch.js writes it: a line of four fields for each
// frame.
type rawStack []RawFrame

// ownScript is what the frames of watch.js are named.
const ownScript = "leakcheck:watch"

func (r *rawStack) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	for line := range strings.Lines(text) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != 4 || fields[1] == ownScript {
			continue
		}
		row, _ := strconv.Atoi(fields[2])
		column, _ := strconv.Atoi(fields[3])
		*r = append(*r, RawFrame{Function: fields[0], URL: fields[1], Line: row, Column: column})
	}
	return nil
}
