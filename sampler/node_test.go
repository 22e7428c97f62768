package sampler

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// app is testdata/app.js in a Node process of its own.
type app struct {
	t         *testing.T
	pid, port int
	inspector string
	client    *http.Client
}

func startApp(t *testing.T) *app {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node on PATH")
	}
	cmd := exec.Command(node, "--inspect=127.0.0.1:0", "testdata/app.js")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	a := &app{t: t, pid: cmd.Process.Pid, client: &http.Client{Transport: new(http.Transport)}}
	read := make(chan struct{})
	t.Cleanup(func() {
		a.client.CloseIdleConnections()
		_ = cmd.Process.Kill()
		<-read
		_ = cmd.Wait() // killed: always an error
	})
	lines := bufio.NewScanner(stderr)
	a.inspector = scanFor(t, lines, `(ws://\S+)`)
	a.port, _ = strconv.Atoi(scanFor(t, lines, `^port (\d+)$`))
	go func() { defer close(read); _, _ = io.Copy(io.Discard, stderr) }()
	return a
}

func scanFor(t *testing.T, lines *bufio.Scanner, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for lines.Scan() {
		if m := re.FindStringSubmatch(lines.Text()); m != nil {
			return m[1]
		}
	}
	t.Fatalf("node ended without printing %s", pattern)
	return ""
}

// get sends n requests over one connection, and closes it.
func (a *app) get(path string, n int) {
	a.t.Helper()
	for range n {
		a.read(path)
	}
	a.client.CloseIdleConnections()
}

// read sends one request.
func (a *app) read(path string) []byte {
	a.t.Helper()
	resp, err := a.client.Get(a.url(path))
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return body
}

func (a *app) url(path string) string {
	return fmt.Sprintf("http://127.0.0.1:%d%s", a.port, path)
}

func (a *app) open() *Sampler {
	a.t.Helper()
	s, err := Open(testContext(a.t), a.inspector, Options{PID: a.pid, Root: a.pid, Port: a.port, Start: time.Now()})
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { _ = s.Close() }) // fails where the test has hung the app
	return s
}

func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}
