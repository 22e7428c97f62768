package target_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/tools/testenv"
)

func TestFindsTheProcessThatServes(t *testing.T) {
	tests := []struct {
		name    string
		command []string
		dir     string
		wrapped bool // the server is not the command itself
	}{
		{name: "node", command: []string{"node", "plain.js"}},
		{name: "node with an inspector", command: []string{"node", "--inspect=127.0.0.1:0", "plain.js"}},
		{name: "fork", command: []string{"node", "fork.js"}, wrapped: true},
		{name: "spawn", command: []string{"node", "spawn.js"}, wrapped: true},
		{name: "shell", command: []string{"sh", "-c", "node plain.js; exit $?"}, wrapped: true},
		{name: "npm", command: []string{"npm", "start"}, dir: "testdata/npm", wrapped: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := options(t, tt.command...)
			if tt.dir != "" {
				o.Dir = tt.dir
			}
			p := start(t, o)
			pid := strconv.Itoa(p.PID())
			if got := testenv.Get(t, p.URL()); got != pid {
				t.Errorf("answered by process %s, PID is %s", got, pid)
			}
			if got := evaluate(t, p.Inspector(), "String(process.pid)"); got != pid {
				t.Errorf("inspector of process %s, PID is %s", got, pid)
			}
			if got := p.PID() != p.Root(); got != tt.wrapped {
				t.Errorf("root %d, PID %s: got wrapped %v, want %v", p.Root(), pid, got, tt.wrapped)
			}
			if got := testenv.Get(t, p.URL()+"/gc"); got != "function" {
				t.Errorf("globalThis.gc is %q, want a function", got)
			}
			if shared := p.Shared(); shared != nil {
				t.Errorf("Shared: got %v, want none", shared)
			}
		})
	}
}

// evaluate runs JavaScript through an inspector.
func evaluate(t *testing.T, inspector, expression string) string {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), inspector, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	params := map[string]any{"expression": expression}
	if err := wsjson.Write(t.Context(), conn, map[string]any{"id": 1, "method": "Runtime.evaluate", "params": params}); err != nil {
		t.Fatal(err)
	}
	var reply struct {
		Result struct{ Result struct{ Value string } }
	}
	if err := wsjson.Read(t.Context(), conn, &reply); err != nil {
		t.Fatal(err)
	}
	return reply.Result.Result.Value
}

func TestClusterMeasuresOneWorker(t *testing.T) {
	o := options(t, "node", "cluster.js")
	p := start(t, o)
	if p.PID() == p.Root() {
		t.Error("PID is the primary, which answers no request")
	}
	if got := evaluate(t, p.Inspector(), "String(process.pid)"); got != strconv.Itoa(p.PID()) {
		t.Errorf("inspector of process %s, PID is %d", got, p.PID())
	}
	if !slices.Contains(p.Shared(), p.PID()) {
		t.Errorf("Shared %v is without PID %d", p.Shared(), p.PID())
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("NODE_OPTIONS", "--max-http-header-size=20000")
	o := options(t, "node", "plain.js", "--at=<port>")
	o.Expand = func(text string, port int) string {
		return strings.ReplaceAll(text, "<port>", strconv.Itoa(port))
	}
	o.Env = map[string]string{"SELF": "http://localhost:<port>/"}
	p := start(t, o)
	port := p.URL()[strings.LastIndex(p.URL(), ":")+1:]
	for name, want := range map[string]string{
		"PORT":         port,
		"SELF":         "http://localhost:" + port + "/",
		"NODE_OPTIONS": "--max-http-header-size=20000 --inspect=127.0.0.1:0 --expose-gc",
	} {
		if got := testenv.Get(t, p.URL()+"/env?name="+name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got, want := evaluate(t, p.Inspector(), "process.argv[2]"), "--at="+port; got != want {
		t.Errorf("argument: got %q, want %q", got, want)
	}
}

func TestReady(t *testing.T) {
	tests := []struct {
		name  string
		ready target.Ready
		host  string
		url   string
	}{
		{name: "path", ready: target.Ready{Path: "/"}, url: "http://127.0.0.1:"},
		{name: "redirect", ready: target.Ready{Path: "/moved"}, url: "http://127.0.0.1:"},
		{name: "log", ready: target.Ready{Log: regexp.MustCompile(`^ready to \w+$`)}, url: "http://127.0.0.1:"},
		{name: "IPv6 only", host: "::1", url: "http://[::1]:"},
		{name: "all IPv4", host: "0.0.0.0", url: "http://127.0.0.1:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := options(t, "node", "plain.js")
			o.Ready = tt.ready
			o.Env = map[string]string{"HOST": tt.host}
			p := start(t, o)
			if !strings.HasPrefix(p.URL(), tt.url) {
				t.Errorf("URL: got %s, want %s...", p.URL(), tt.url)
			}
			if got, want := testenv.Get(t, p.URL()), strconv.Itoa(p.PID()); got != want {
				t.Errorf("answered by %s, want %s", got, want)
			}
		})
	}
}

func TestLog(t *testing.T) {
	o := options(t, "node", "plain.js")
	p := start(t, o)
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(o.LogPath)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(log), "ready to serve\n") {
		t.Errorf("log: got %q, want the app's output", log)
	}
}

// A second process serves where the first one did, and both are in the log.
func TestAgain(t *testing.T) {
	o := options(t, "node", "plain.js")
	p := start(t, o)
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	q, err := p.Again(t.Context())
	if err != nil {
		t.Fatalf("Again: %v%s", err, explain(err))
	}
	if got, want := testenv.Get(t, p.URL()), strconv.Itoa(q.PID()); got != want || q.PID() == p.PID() {
		t.Errorf("answered by %s, want %s, another one than %d", got, want, p.PID())
	}
	if err := q.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(o.LogPath)
	if n := strings.Count(string(log), "ready to serve\n"); n != 2 {
		t.Errorf("log: got %q (%v), want the output of both", log, err)
	}
}

// A port that was found and is taken before the app listens is no failure, unless
// it is the one that was asked for.
func TestPortLost(t *testing.T) {
	o := options(t, "node", "collide.js")
	o.Ready.Path = "/"
	o.Env = map[string]string{"MARK": filepath.Join(t.TempDir(), "mark")}
	p := start(t, o)
	log, err := os.ReadFile(o.LogPath)
	if err != nil || strings.Count(string(log), "Error: listen EADDRINUSE") != 1 || testenv.Get(t, p.URL()) != "ok" {
		t.Errorf("log: got %q (%v), want one start that failed, and an app that answers", log, err)
	}
	o.RunID, o.LogPath = uuid.NewString(), ""
	o.Env = map[string]string{"MARK": filepath.Join(t.TempDir(), "mark")}
	o.Port = p.Port()
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	refuse(t, o)
}

func TestCrash(t *testing.T) {
	tests := []struct {
		name    string
		command []string
		want    target.Exit
	}{
		{"the command", []string{"node", "plain.js"}, target.Exit{Code: 3}},
		{"behind a wrapper", []string{"node", "spawn.js"}, target.Exit{Code: 3}},
		{"behind a wrapper that stays", []string{"node", "indifferent.js"}, target.Exit{Code: -1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, options(t, tt.command...))
			if got := p.Exit(); got != nil {
				t.Fatalf("Exit while it runs: got %v", got)
			}
			request(p.URL() + "/crash")
			got := awaitExit(t, p)
			if !strings.Contains(got.LastOutput, "ready to serve") {
				t.Errorf("last output: got %q", got.LastOutput)
			}
			got.LastOutput = ""
			if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Errorf("exit (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOutOfMemory(t *testing.T) {
	o := options(t, "node", "--max-old-space-size=16", "oom.js")
	p := start(t, o)
	request(p.URL())
	got := awaitExit(t, p)
	if !got.OutOfMemory || got.Signal != "SIGABRT" {
		t.Errorf("exit: got %+v, want out of memory by SIGABRT", got)
	}
}

// request sends one that the app may die of.
func request(url string) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if resp, err := client.Get(url); err == nil {
		resp.Body.Close()
	}
}

func awaitExit(t *testing.T, p *target.Process) *target.Exit {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("Done was not closed")
	}
	return p.Exit()
}

func TestStopEndsADaemon(t *testing.T) {
	o := options(t, "node", "daemon.js")
	o.Ready.Log = regexp.MustCompile(`^ready to serve$`)
	p := start(t, o)
	daemon := 0
	for _, pid := range members(t, o.RunID) {
		if pid != p.PID() {
			daemon = pid
		}
	}
	if daemon == 0 {
		t.Fatal("the daemon is not found while it runs")
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantGone(t, o.RunID)
}

func TestStopEndsAStubbornApp(t *testing.T) {
	t.Parallel()
	o := options(t, "node", "stubborn.js")
	p := start(t, o)
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- p.Stop(ctx) }()
	awaitLog(t, o.LogPath, "not now")
	cancel()
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	got := p.Exit()
	if got == nil || got.Signal != "SIGKILL" || !strings.Contains(got.LastOutput, "not now") {
		t.Errorf("exit: got %+v, want SIGKILL after a SIGTERM that was ignored", got)
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Errorf("second Stop: %v", err)
	}
}

func awaitLog(t *testing.T, path, want string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if log, err := os.ReadFile(path); err == nil && strings.Contains(string(log), want) {
			return
		}
	}
	t.Errorf("log: no %q in it", want)
}

// What is asked for is left open, and told.
func TestKeepsInspector(t *testing.T) {
	o := options(t, "node", "--inspect=0.0.0.0:0", "plain.js")
	o.KeepInspector = true
	p := start(t, o)
	if open := p.Exposed(); len(open) != 1 || open[0].Addr().String() != "0.0.0.0" {
		t.Errorf("got %v exposed, want one on 0.0.0.0", open)
	}
	own := start(t, options(t, "node", "plain.js"))
	if open := own.Exposed(); len(open) != 0 {
		t.Errorf("got %v exposed, want none", open)
	}
}

// A supervisor that starts the server again does not hide that it ended.
func TestRestarted(t *testing.T) {
	p := start(t, options(t, "sh", "-c", "while :; do node plain.js; done"))
	first := p.PID()
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	if exit := p.Exit(); !exit.Replaced || !strings.Contains(exit.String(), fmt.Sprintf("process %d has ended", first)) {
		t.Errorf("got %+v, want that another process serves", exit)
	}
}
