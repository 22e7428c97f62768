package target_test

import (
	"bufio"
	"errors"
	"net"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/harness/target"
)

// serve starts a Node server that is none of leakcheck's, and returns its pid,
// its URL and its inspector's address (with --inspect among the flags).
func serve(t *testing.T, flags ...string) (pid int, url, inspector string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node on PATH")
	}
	const server = `const s = require('http').createServer((q, r) => r.end()).listen(0, '127.0.0.1', () =>
		console.log(s.address().port, require('inspector').url()))`
	cmd := exec.CommandContext(t.Context(), node, append(flags, "-e", server)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // with the context already
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	port, ws, _ := strings.Cut(strings.TrimSpace(line), " ")
	address, _, _ := strings.Cut(strings.TrimPrefix(ws, "ws://"), "/")
	return cmd.Process.Pid, "http://127.0.0.1:" + port, address
}

func TestAttach(t *testing.T) {
	pid, url, inspector := serve(t, "--inspect=127.0.0.1:0")
	for _, o := range []target.AttachOptions{
		{URL: url + "/", Inspector: inspector},
		{URL: url, Inspector: strings.Replace(inspector, "127.0.0.1", "localhost", 1)},
		{URL: url, PID: pid},
	} {
		a, err := target.Attach(t.Context(), o)
		if err != nil {
			t.Errorf("Attach(%+v) = %v", o, err)
			continue
		}
		if a.URL() != url || !strings.HasPrefix(a.Inspector(), "ws://"+inspector) {
			t.Errorf("Attach(%+v): URL %s, inspector %s, want %s and %s", o, a.URL(), a.Inspector(), url, inspector)
		}
		if runtime.GOOS == "linux" && a.PID() != pid {
			t.Errorf("Attach(%+v): process %d, want %d", o, a.PID(), pid)
		}
		for range 2 {
			if err := a.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		}
		<-a.Done()
	}
	if err := target.Get(t.Context(), url); err != nil {
		t.Errorf("after Stop: %v, want it to run on", err)
	}
}

// SIGUSR1 opens the inspector where the process was told to have it.
func TestAttachOpensInspector(t *testing.T) {
	pid, url, _ := serve(t, "--inspect-port=127.0.0.1:0")
	a, err := target.Attach(t.Context(), target.AttachOptions{URL: url, PID: pid})
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" && a.PID() != pid {
		t.Errorf("process %d, want %d", a.PID(), pid)
	}
}

func TestAttachRefused(t *testing.T) {
	_, url, inspector := serve(t, "--inspect=127.0.0.1:0")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		o    target.AttachOptions
		kind target.Kind
	}{
		"no inspector":    {target.AttachOptions{URL: url, Inspector: closed}, target.NoInspector},
		"no address":      {target.AttachOptions{URL: url, Inspector: "somewhere"}, target.NoInspector},
		"the app's port":  {target.AttachOptions{URL: url, Inspector: strings.TrimPrefix(url, "http://")}, target.NoInspector},
		"no such process": {target.AttachOptions{URL: url, PID: 1 << 30}, target.NoInspector},
		"no app":          {target.AttachOptions{URL: "http://" + closed, Inspector: inspector}, target.NotReady},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := target.Attach(t.Context(), test.o)
			var e *target.Error
			if !errors.As(err, &e) || e.Kind != test.kind || e.Hint == "" {
				t.Errorf("Attach(%+v) = %v, want kind %d with a hint", test.o, err, test.kind)
			}
		})
	}
}
