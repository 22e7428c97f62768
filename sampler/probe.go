package sampler

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/leakcheck/leakcheck/sampler/inspector"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// probeSource makes the object that does the little that must run inside the
// target. Only our connection refers to it; it adds no global.
//
//go:embed probe.js
var probeSource string

// delayResolution is that of the event-loop delay in probe.js.
const delayResolution = 20 * time.Millisecond

// probe is an object of ours in one isolate: that of probe.js in the main
// thread, or that of watch.js.
type probe struct {
	session inspector.Session
	object  string
	limit   time.Duration // for a call
}

// statistics is what the probe reads beside the heap.
type statistics struct {
	RSS          unit.Bytes            `json:"rss"`
	External     unit.Bytes            `json:"external"`
	ArrayBuffers unit.Bytes            `json:"arrayBuffers"`
	Limit        unit.Bytes            `json:"limit"`
	Spaces       map[string]unit.Bytes `json:"spaces"`
	Active       map[string]int        `json:"active"`
	Contexts     int                   `json:"contexts"`
	Detached     int                   `json:"detached"`
}

// evaluation is the answer to Runtime.evaluate and Runtime.callFunctionOn.
type evaluation[T any] struct {
	Result struct {
		Value    T      `json:"value"`
		ObjectID string `json:"objectId"`
	} `json:"result"`
	Exception *struct {
		Text      string `json:"text"`
		Exception struct {
			Description string `json:"description"`
		} `json:"exception"`
	} `json:"exceptionDetails"`
}

func (e *evaluation[T]) err() error {
	if e.Exception == nil {
		return nil
	}
	return &ScriptError{Text: e.Exception.Text, Description: e.Exception.Exception.Description}
}

// ScriptError is an exception in what was run inside the target, which goes on.
type ScriptError struct{ Text, Description string }

func (e *ScriptError) Error() string { return e.Text + " " + e.Description }

// evaluate runs expression in the global scope of s and returns its value.
func evaluate[T any](ctx context.Context, s inspector.Session, limit time.Duration, expression string) (T, error) {
	var e evaluation[T]
	params := map[string]any{"expression": expression, "returnByValue": true, "silent": true}
	if err := call(ctx, s, limit, "Runtime.evaluate", params, &e); err != nil {
		return e.Result.Value, err
	}
	return e.Result.Value, e.err()
}

// installProbe makes the probe. The app must have started: its own module
// loading must not be disturbed.
func installProbe(ctx context.Context, s inspector.Session) (*probe, error) {
	p, err := installObject(ctx, s, answerTime, probeSource)
	if err != nil {
		return nil, fmt.Errorf("install probe: %w", err)
	}
	return p, nil
}

// installObject makes the object that source evaluates to, for invoke.
func installObject(ctx context.Context, s inspector.Session, limit time.Duration, source string) (*probe, error) {
	var e evaluation[any]
	params := map[string]any{
		"expression": source, "silent": true,
		"includeCommandLineAPI": true, // gives require where getBuiltinModule is missing
	}
	if err := call(ctx, s, limit, "Runtime.evaluate", params, &e); err != nil {
		return nil, err
	}
	if err := e.err(); err != nil {
		return nil, err
	}
	return &probe{session: s, object: e.Result.ObjectID, limit: limit}, nil
}

// invoke calls one method of the probe with objects of the target, by their ids,
// and waits for its promise, if it gives one.
func invoke[T any](ctx context.Context, p *probe, method string, objects ...string) (T, error) {
	var e evaluation[T]
	arguments := []map[string]string{}
	for _, id := range objects {
		arguments = append(arguments, map[string]string{"objectId": id})
	}
	params := map[string]any{
		"objectId":            p.object,
		"functionDeclaration": "function (...args) { return this." + method + "(...args); }",
		"arguments":           arguments,
		"returnByValue":       true, "awaitPromise": true, "silent": true,
	}
	if err := call(ctx, p.session, p.limit, "Runtime.callFunctionOn", params, &e); err != nil {
		return e.Result.Value, fmt.Errorf("probe %s: %w", method, err)
	}
	if err := e.err(); err != nil {
		return e.Result.Value, fmt.Errorf("probe %s: %w", method, err)
	}
	return e.Result.Value, nil
}

func (p *probe) begin(ctx context.Context) error {
	_, err := invoke[any](ctx, p, "begin")
	return err
}

// end reads how the event loop fared since begin, and stops watching it.
func (p *probe) end(ctx context.Context) (recording.Loop, error) {
	l, err := invoke[struct{ P99, Max, GCTime, GCCount float64 }](ctx, p, "end")
	if err != nil {
		return recording.Loop{}, err
	}
	return recording.Loop{
		DelayP99: max(0, time.Duration(l.P99)-delayResolution),
		DelayMax: max(0, time.Duration(l.Max)-delayResolution),
		GCTime:   time.Duration(l.GCTime),
		GCCount:  int(l.GCCount),
	}, nil
}

// turn waits until the event loop has come round.
func (p *probe) turn(ctx context.Context) error {
	_, err := invoke[any](ctx, p, "turn")
	return err
}

func (p *probe) read(ctx context.Context) (statistics, error) {
	return invoke[statistics](ctx, p, "read")
}
