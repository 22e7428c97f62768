package sampler

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leakcheck/leakcheck/sampler/inspector"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

const kB = unit.Bytes(1000)

func needProc(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("counts connections and descriptors in /proc")
	}
}

func mustSample(t *testing.T, s *Sampler) recording.Sample {
	t.Helper()
	sample, err := s.Sample(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	if !sample.Settled {
		t.Errorf("sample not settled after %d collections", sample.GCs)
	}
	return sample
}

// grown is how the settled heap moves over n requests, after warm of them.
func grown(t *testing.T, a *app, s *Sampler, path string, warm, n int) unit.Bytes {
	t.Helper()
	a.get(path, warm)
	before := mustSample(t, s)
	a.get(path, n)
	return mustSample(t, s).Heap.Used - before.Heap.Used
}

func TestSampleIdle(t *testing.T) {
	a := startApp(t)
	s := a.open()
	mustSample(t, s)
	first := mustSample(t, s)
	second := mustSample(t, s)
	// Node 20 compiles something of its own once in a while, of 10,160 bytes.
	if diff := second.Heap.Used - first.Heap.Used; max(diff, -diff) > 20*kB {
		t.Errorf("idle heap moved by %d bytes, want at most 20 kB", diff)
	}
	if second.At <= first.At {
		t.Errorf("second sample at %v, the first at %v", second.At, first.At)
	}
	if got := second.Heap; got.Total < got.Used || got.Limit < got.Total || got.Spaces["old_space"] == 0 {
		t.Errorf("heap = %+v, want used <= total <= limit and an old space", got)
	}
	if got := second.Memory; got.External < got.ArrayBuffers || got.RSS < second.Heap.Used {
		t.Errorf("memory = %+v, want array buffers <= external and heap <= rss", got)
	}
	if got := second.Resources; got["native_context"] < 1 || got["TCPServerWrap"] != 1 {
		t.Errorf("resources = %v, want a context and the server", got)
	}
}

func TestSampleSeesLeak(t *testing.T) {
	a := startApp(t)
	// 125,000 doubles of 8 bytes a request.
	if got := grown(t, a, a.open(), "/leak", 1, 3); got < 2990*kB || got > 3100*kB {
		t.Errorf("3 requests that keep 1 MB each grew the heap by %d bytes", got)
	}
}

// The console keeps the arguments of the last 1,000 messages for an inspector.
// 400 of them would hold 8 MB here.
func TestSampleDiscardsConsole(t *testing.T) {
	a := startApp(t)
	if got := grown(t, a, a.open(), "/log", 50, 400); got > 200*kB {
		t.Errorf("400 logged objects grew the heap by %d bytes, want at most 200 kB", got)
	}
}

func TestSampleSeesWorker(t *testing.T) {
	a := startApp(t)
	s := a.open()
	before := mustSample(t, s)
	a.get("/worker", 1)
	got := sampleWithWorker(t, s)
	main, worker := got.Isolates[0], got.Isolates[1]
	if main.Name != "main" || worker.Name != "worker: worker.js" {
		t.Errorf("isolates = %v", got.Isolates)
	}
	if worker.Used < 1000*kB || got.Heap.Used != main.Used+worker.Used {
		t.Errorf("heap %d, isolates %v: want their sum, and 1 MB in the worker", got.Heap.Used, got.Isolates)
	}
	if got.Resources["worker"] != 1 || before.Resources["worker"] != 0 || before.Isolates != nil {
		t.Errorf("workers: %d then %d, want 0 then 1", before.Resources["worker"], got.Resources["worker"])
	}
}

// sampleWithWorker samples until the worker has started and kept its array.
func sampleWithWorker(t *testing.T, s *Sampler) recording.Sample {
	t.Helper()
	return sampleUntil(t, s, func(got recording.Sample) bool { return len(got.Isolates) == 2 && got.Isolates[1].Used > 1000*kB })
}

func TestSampleWithWorkerThatEnds(t *testing.T) {
	a := startApp(t)
	s := a.open()
	a.get("/worker", 1)
	sampleWithWorker(t, s)
	if _, err := evaluate[int](testContext(t), s.client.Workers()[0], answerTime, `process.exit()`); err == nil {
		t.Error("the worker outlived its exit")
	}
	if got := mustSample(t, s); got.Isolates != nil || got.Resources["worker"] != 0 {
		t.Errorf("isolates = %v, want none beside main", got.Isolates)
	}
}

// A worker that waits in Atomics.wait answers nothing: it is said so, and the rest
// is measured. When it goes on, so is it.
func TestSampleWithBlockedWorker(t *testing.T) {
	a := startApp(t)
	s := a.open()
	a.get("/blocked-worker", 1)
	silent := func(i recording.Isolate) bool { return i.Silent }
	sampleUntil(t, s, func(got recording.Sample) bool { return slices.ContainsFunc(got.Isolates, silent) })
	begin := time.Now()
	got := mustSample(t, s)
	if took := time.Since(begin); took > workerTime {
		t.Errorf("the next sample took %v, want the worker asked only briefly", took)
	}
	if main, worker := got.Isolates[0], got.Isolates[1]; main.Silent || !worker.Silent || got.Heap.Used != main.Used+worker.Used {
		t.Errorf("isolates %v of a heap of %d, want the worker silent and their sum", got.Isolates, got.Heap.Used)
	}
	a.get("/wake-worker", 1)
	sampleUntil(t, s, func(got recording.Sample) bool { return !got.Isolates[1].Silent && got.Isolates[1].Used > 1000*kB })
}

// sampleUntil samples until one is as wanted.
func sampleUntil(t *testing.T, s *Sampler, wanted func(recording.Sample) bool) recording.Sample {
	t.Helper()
	for range 20 {
		got, err := s.Sample(testContext(t)) // unsettled while a worker starts
		if err != nil {
			t.Fatal(err)
		}
		if wanted(got) {
			return got
		}
	}
	t.Fatal("20 samples, and none was as wanted")
	return recording.Sample{}
}

// Workers of one script can be told apart, also from those before them.
func TestSampleNamesWorkers(t *testing.T) {
	a := startApp(t)
	s := a.open()
	a.get("/worker", 2)
	got := sampleUntil(t, s, func(got recording.Sample) bool { return len(got.Isolates) == 3 })
	names := []string{got.Isolates[1].Name, got.Isolates[2].Name}
	if !slices.Equal(names, []string{"worker: worker.js", "worker: worker.js #2"}) {
		t.Errorf("names: %q", names)
	}
	if s.isolate(names[1]) != s.isolates[2] {
		t.Error("the second name is not of the second isolate")
	}
	_, _ = evaluate[int](testContext(t), s.client.Workers()[0], answerTime, `process.exit()`) // it cannot answer
	a.get("/worker", 1)
	got = sampleUntil(t, s, func(got recording.Sample) bool { return len(got.Isolates) == 3 })
	if name := got.Isolates[2].Name; name != "worker: worker.js #3" {
		t.Errorf("after one has ended, the next is %q, want #3", name)
	}
}

// session answers through the main thread, one call after the other.
type session struct {
	inspector.Session
	thread chan struct{} // of the main isolate
	busy   time.Duration // for each call
}

func (s session) Call(ctx context.Context, _ string, _, _ any) error {
	select {
	case s.thread <- struct{}{}:
		defer func() { <-s.thread }()
		return sleep(ctx, s.busy)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A main thread that collects a large heap does not make its workers silent.
func TestCollectWithBusyMain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		thread := make(chan struct{}, 1)
		worker := newWorker(session{thread: thread}, "worker")
		s := &Sampler{isolates: []*isolate{newMain(session{thread: thread, busy: 2 * workerTime}), worker}}
		if _, err := s.collect(t.Context()); err != nil || worker.silent {
			t.Errorf("collect: %v, worker silent: %v", err, worker.silent)
		}
	})
}

func TestSampleCountsDescriptors(t *testing.T) {
	needProc(t)
	a := startApp(t)
	s := a.open()
	a.get("/healthy", 5)
	before := mustSample(t, s)
	a.get("/open", 1)
	after := mustSample(t, s)
	if got := after.Resources["fd"] - before.Resources["fd"]; got != 20 {
		t.Errorf("20 files opened, %d more descriptors", got)
	}
	if got := after.Resources["socket"] - before.Resources["socket"]; got != 0 {
		t.Errorf("no socket opened, %d more sockets", got)
	}
	if !after.Disconnected || after.Procs[0].PID != a.pid || after.Memory.PSS == 0 {
		t.Errorf("disconnected %v, processes %v, pss %d", after.Disconnected, after.Procs, after.Memory.PSS)
	}
}

func TestSampleStillConnected(t *testing.T) {
	needProc(t)
	a := startApp(t)
	s := a.open()
	resp, err := a.client.Get(a.url("/hold"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := mustSample(t, s); got.Disconnected {
		t.Error("disconnected with a connection open")
	}
}

func TestBeforeCountsLoop(t *testing.T) {
	a := startApp(t)
	s := a.open()
	ctx := testContext(t)
	if err := s.Before(ctx); err != nil {
		t.Fatal(err)
	}
	a.get("/leak", 50) // 50 MB of arrays need collections
	with := mustSample(t, s)
	if with.Loop.GCCount == 0 || with.Loop.GCTime == 0 {
		t.Errorf("loop = %+v, want collections counted", with.Loop)
	}
	if without := mustSample(t, s); without.Loop != (recording.Loop{}) {
		t.Errorf("loop = %+v without a block, want zero", without.Loop)
	}
}

func TestSampleHung(t *testing.T) {
	for _, path := range []string{"/hang", "/block"} {
		t.Run(strings.TrimPrefix(path, "/"), func(t *testing.T) {
			t.Parallel()
			a := startApp(t)
			s := a.open()
			a.get(path, 1)
			s.probe.limit = time.Second
			_, err := s.Sample(testContext(t))
			var hung *HungError
			if !errors.As(err, &hung) || hung.After != s.probe.limit {
				t.Errorf("error = %v, want *HungError after %v", err, s.probe.limit)
			}
		})
	}
}

func TestSampleAfterClose(t *testing.T) {
	a := startApp(t)
	s := a.open()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.Done():
	case <-time.After(5 * time.Second):
		t.Error("closed, and Done is open")
	}
	_, err := s.Sample(testContext(t))
	var closed *inspector.ClosedError
	if !errors.As(err, &closed) {
		t.Errorf("error = %v, want *inspector.ClosedError", err)
	}
}

func TestSampleCancelled(t *testing.T) {
	a := startApp(t)
	s := a.open()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Sample(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want context.Canceled", err)
	}
}

// A target on another machine has neither connections to count nor a tree.
func TestSampleRemote(t *testing.T) {
	a := startApp(t)
	s, err := Open(testContext(t), a.inspector, Options{Start: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got := mustSample(t, s)
	if got.Disconnected || got.Memory.RSS == 0 || len(got.Procs) != 1 || got.Procs[0].RSS != got.Memory.RSS {
		t.Errorf("disconnected %v, memory %+v, processes %v: want rss by the target's own word", got.Disconnected, got.Memory, got.Procs)
	}
}

func TestRuntime(t *testing.T) {
	got := startApp(t).open().Runtime()
	if !strings.HasPrefix(got.Node, "v") || got.V8 == "" || got.Arch == "" {
		t.Errorf("runtime = %+v", got)
	}
}

func TestAgree(t *testing.T) {
	tests := []struct {
		a, b unit.Bytes
		want bool
	}{
		{4_000_000, 4_002_048, true},  // 2 KiB
		{4_000_000, 4_002_049, false}, // 0.05 % would be 2,001
		{20_009_000, 20_000_000, true},
		{20_010_001, 20_000_000, false}, // 0.05 % is 10,000
	}
	for _, tt := range tests {
		if got := agree(tt.a, tt.b); got != tt.want {
			t.Errorf("agree(%d, %d) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}
