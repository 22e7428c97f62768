package inspector

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// startNode runs script and returns the process' inspector.
func startNode(t *testing.T, script string) (url string, cmd *exec.Cmd) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node on PATH")
	}
	cmd = exec.Command(node, "--inspect=127.0.0.1:0", "--eval", script)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	address := regexp.MustCompile(`ws://\S+`)
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if url := address.FindString(lines.Text()); url != "" {
			return url, cmd
		}
	}
	t.Fatal("node ended without printing its inspector")
	return "", nil
}

func dial(t *testing.T, url string) (context.Context, *Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	c, err := Dial(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return ctx, c
}

const runsOn = `setInterval(() => {}, 1000);`

func evaluate(ctx context.Context, s Session, expression string) (string, error) {
	var r struct {
		Result struct{ Value string }
	}
	params := map[string]any{"expression": expression, "awaitPromise": true}
	err := s.Call(ctx, "Runtime.evaluate", params, &r)
	return r.Result.Value, err
}

func TestCall(t *testing.T) {
	url, _ := startNode(t, runsOn)
	ctx, c := dial(t, url)
	got, err := evaluate(ctx, c, `"a" + 1`)
	if err != nil || got != "a1" {
		t.Errorf("evaluate = %q, %v, want a1", got, err)
	}
	err = c.Call(ctx, "Runtime.noSuchMethod", nil, nil)
	var refused *ProtocolError
	if !errors.As(err, &refused) || refused.Code != -32601 {
		t.Errorf("unknown method: %v, want *ProtocolError -32601", err)
	}
}

func TestCallCancelled(t *testing.T) {
	url, _ := startNode(t, runsOn)
	ctx, c := dial(t, url)
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := evaluate(short, c, `new Promise(() => {})`); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error = %v, want context.DeadlineExceeded", err)
	}
	if got, err := evaluate(ctx, c, `"alive"`); err != nil || got != "alive" {
		t.Errorf("after a call given up: %q, %v", got, err)
	}
}

func TestEvents(t *testing.T) {
	url, _ := startNode(t, runsOn)
	ctx, c := dial(t, url)
	size := 0
	c.Handle("HeapProfiler.addHeapSnapshotChunk", func(params json.RawMessage) { size += len(params) })
	if err := c.Call(ctx, "HeapProfiler.takeHeapSnapshot", nil, nil); err != nil {
		t.Fatal(err)
	}
	// All chunks come before the reply. An empty Node heap makes 4 MB or more.
	if size < 1_000_000 {
		t.Errorf("snapshot of %d bytes, want more than 1 MB", size)
	}
}

func TestConnectionLost(t *testing.T) {
	url, cmd := startNode(t, runsOn)
	ctx, c := dial(t, url)
	failed := make(chan error, 1)
	go func() {
		_, err := evaluate(ctx, c, `new Promise(() => {})`)
		failed <- err
	}()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-c.Done()
	var closed *ClosedError
	if err := <-failed; !errors.As(err, &closed) {
		t.Errorf("call that waited: %v, want *ClosedError", err)
	}
	if err := c.Call(ctx, "Runtime.getHeapUsage", nil, nil); !errors.As(err, &closed) {
		t.Errorf("call after the end: %v, want *ClosedError", err)
	}
}

// A target that exits is let go at once: Node would wait for its debugger.
func TestTargetExits(t *testing.T) {
	tests := []struct {
		name, way string
		code      int
	}{
		{"by itself", `clearInterval(t)`, 0},
		{"process.exit", `process.exit(3)`, 3},
		{"uncaught", `throw new Error('on purpose')`, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			url, cmd := startNode(t, `const t = setInterval(() => { if (globalThis.leave) { `+tt.way+` } }, 10)`)
			ctx, c := dial(t, url)
			if _, err := evaluate(ctx, c, `globalThis.leave = "now"`); err != nil {
				t.Fatal(err)
			}
			select {
			case <-c.Done():
			case <-ctx.Done():
				t.Fatal("the connection stayed open")
			}
			_ = cmd.Wait() // its error is the code, again
			if got := cmd.ProcessState.ExitCode(); got != tt.code {
				t.Errorf("exit code: got %d, want %d", got, tt.code)
			}
		})
	}
}

func TestDialNothing(t *testing.T) {
	_, err := Dial(t.Context(), "ws://127.0.0.1:1/none")
	if err == nil || !strings.HasPrefix(err.Error(), "dial inspector: ") {
		t.Errorf("error = %v, want dial inspector: ...", err)
	}
}

const oneWorker = `
const { Worker } = require('worker_threads');
new Worker("globalThis.where = 'worker'; setInterval(() => {}, 1000)", { eval: true });
` + runsOn

func TestWorkers(t *testing.T) {
	url, _ := startNode(t, oneWorker)
	ctx, c := dial(t, url)
	if err := c.AttachWorkers(ctx); err != nil {
		t.Fatal(err)
	}
	var w *Worker
	waitUntil(ctx, t, c, "a worker is attached and runs its script", func() bool {
		all := c.Workers()
		if len(all) != 1 {
			return false
		}
		w = all[0]
		where, err := evaluate(ctx, w, `globalThis.where`)
		return err == nil && where == "worker"
	})
	if _, err := evaluate(ctx, w, `process.exit()`); err == nil {
		t.Error("the worker outlived its exit")
	}
	waitUntil(ctx, t, c, "no worker is attached", func() bool { return len(c.Workers()) == 0 })
	var closed *ClosedError
	if err := w.Call(ctx, "Runtime.getHeapUsage", nil, nil); !errors.As(err, &closed) {
		t.Errorf("call to a worker that ended: %v, want *ClosedError", err)
	}
}

// waitUntil asks again after each turn of the main thread's event loop.
func waitUntil(ctx context.Context, t *testing.T, c *Client, what string, done func() bool) {
	t.Helper()
	for !done() {
		if _, err := evaluate(ctx, c, `new Promise((resolve) => setTimeout(resolve, 10))`); err != nil {
			t.Fatalf("waiting until %s: %v", what, err)
		}
	}
}
