package catalog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/leakcheck/leakcheck/loadgen/template"
	"github.com/leakcheck/leakcheck/scenarios"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// checkSyntax compiles each file as a CommonJS module, as node --check does,
// in one process for all of them.
const checkSyntax = `
const fs = require('fs'), vm = require('vm');
for (const file of process.argv.slice(1)) {
  vm.compileFunction(fs.readFileSync(file, 'utf8'), ['exports', 'require', 'module', '__filename', '__dirname'], { filename: file });
}`

func TestSyntax(t *testing.T) {
	var scripts []string
	for _, pattern := range []string{"*/*.js", "*/*/*.js"} {
		matches, err := fs.Glob(files, pattern)
		if err != nil {
			t.Fatal(err)
		}
		scripts = append(scripts, matches...)
	}
	if len(scripts) < len(Cases()) {
		t.Fatalf("%d scripts for %d cases", len(scripts), len(Cases()))
	}
	cmd := exec.CommandContext(t.Context(), "node", append([]string{"-e", checkSyntax}, scripts...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("node: %v\n%s", err, out)
	}
}

// TestAnswers starts each app that needs nothing but Node.js and asks each of
// its endpoints three times.
func TestAnswers(t *testing.T) {
	for _, c := range Cases() {
		if c.Packages || len(c.Services) > 0 {
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			s := loadScenario(t, c)
			base := startApp(t, s)
			for i := range s.Endpoints {
				for seq := range uint64(3) {
					ask(t, base, &s.Endpoints[i], &template.Vars{Seq: seq + 1, Rand: rand.New(rand.NewPCG(1, seq))})
				}
			}
		})
	}
}

// ask sends one request of e and checks its status, or gives it up as e says.
func ask(t *testing.T, base string, e *scenarios.Endpoint, vars *template.Vars) {
	t.Helper()
	ctx := t.Context()
	if e.AbortAfter > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, e.AbortAfter)
		defer cancel()
	}
	body := bytes.NewReader(render(t, e.Body, vars))
	req, err := http.NewRequestWithContext(ctx, e.Method, base+string(render(t, e.URLPath, vars)), body)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range e.Headers {
		req.Header.Set(name, string(render(t, value, vars)))
	}
	status, err := send(req)
	switch {
	case e.AbortAfter > 0 && errors.Is(err, context.DeadlineExceeded):
	case err != nil:
		t.Errorf("%s: %v", e.Name, err)
	case e.AbortAfter == 0 && !e.Expect.Match(status):
		t.Errorf("%s %s: status %d, want %s", e.Name, req.URL.Path, status, e.Expect)
	}
}

func render(t *testing.T, text string, vars *template.Vars) []byte {
	t.Helper()
	parsed, err := template.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Append(nil, vars)
}

// send returns the status. Each request has a connection of its own.
func send(req *http.Request) (status int, err error) {
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

// startApp starts the scenario's app, waits until it is ready, and returns its
// base URL. It is killed when the test ends.
func startApp(t *testing.T, s *scenarios.Scenario) string {
	t.Helper()
	port := freePort(t)
	cmd := exec.Command(s.Target.Command[0], s.Target.Command[1:]...)
	cmd.Dir = s.Target.Dir
	cmd.Env = append(os.Environ(), "PORT="+strconv.Itoa(port))
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the app's output:\n%s", output.String())
		}
	})
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	waitReady(t, base+s.Target.Ready.Path)
	return base
}

func waitReady(t *testing.T, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		status, err := send(req)
		if err == nil && status == http.StatusOK {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s: not ready: status %d, %v", url, status, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
