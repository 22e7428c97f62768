// Package catalogtest checks the apps of scenarios by driving them: for the
// catalog's own tests, and those of other sets of cases.
package catalogtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/leakcheck/leakcheck/loadgen/template"
	"github.com/leakcheck/leakcheck/scenarios"
)

// Twins fails unless the two scenarios are equal in all but what is started: a
// pass of the fixed twin must not come from other load or budgets.
func Twins(t *testing.T, leaky, fixed *scenarios.Scenario) {
	t.Helper()
	want, got := *leaky, *fixed
	for _, s := range []*scenarios.Scenario{&got, &want} {
		s.Name, s.Path, s.Hash, s.Target.Command, s.Target.Dir = "", "", "", nil, ""
		s.Endpoints = slices.Clone(s.Endpoints)
		for i := range s.Endpoints {
			s.Endpoints[i].Identity = "" // the target is part of it
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(scenarios.Scenario{})); diff != "" {
		t.Errorf("%s differs from its twin (-leaky +fixed):\n%s", fixed.Name, diff)
	}
}

// Answers starts the scenario's app, asks each of its endpoints three times,
// and fails when an answer is not the expected one. Flows, and the endpoints of
// a scenario with a setup, need the answers before them: a run of them shows. A
// driver performs ten operations.
func Answers(t *testing.T, s *scenarios.Scenario) {
	t.Helper()
	base := startApp(t, s)
	for i := range s.Endpoints {
		if len(s.Endpoints[i].Flow) > 0 || len(s.Setup) > 0 {
			continue
		}
		if len(s.Endpoints[i].Exec) > 0 {
			drive(t, base, s, &s.Endpoints[i])
			continue
		}
		for seq := range uint64(3) {
			ask(t, base, &s.Endpoints[i], &template.Vars{Seq: seq + 1, Rand: rand.New(rand.NewPCG(1, seq))})
		}
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
	body := render(t, e.Body, vars)
	if e.BodySize > 0 {
		body = bytes.Repeat([]byte("x"), int(e.BodySize))
	}
	req, err := http.NewRequestWithContext(ctx, e.Method, base+string(render(t, e.URLPath, vars)), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range e.Headers {
		req.Header.Set(name, string(render(t, value, vars)))
	}
	status, err := send(req, e.Client.HTTP)
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

// send returns the status. Each request has a connection of its own, with a
// version of HTTP.
func send(req *http.Request, version int) (status int, err error) {
	transport := &http.Transport{DisableKeepAlives: true, Protocols: new(http.Protocols)}
	transport.Protocols.SetHTTP1(version != 2)
	transport.Protocols.SetUnencryptedHTTP2(version == 2)
	res, err := (&http.Client{Transport: transport}).Do(req)
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
	cmd := exec.CommandContext(t.Context(), s.Target.Command[0], s.Target.Command[1:]...)
	cmd.Dir = s.Target.Dir
	cmd.Env = append(os.Environ(), "PORT="+strconv.Itoa(port), "TMPDIR="+t.TempDir())
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
	if s.Target.Ready.Path == "" {
		waitListening(t, port)
		return base
	}
	waitReady(t, base+s.Target.Ready.Path, s.Endpoints[0].Client.HTTP)
	return base
}

func waitReady(t *testing.T, url string, version int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		status, err := send(req, version)
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

func waitListening(t *testing.T, port int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("port %d: %v", port, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
