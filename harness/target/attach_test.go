package target_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/harness/target/proctree"
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
	pid, line := run(t, node, append(flags, "-e", server)...)
	port, ws, _ := strings.Cut(line, " ")
	return pid, "http://127.0.0.1:" + port, address(ws)
}

// address is that of a ws:// URL.
func address(ws string) string {
	at, _, _ := strings.Cut(strings.TrimPrefix(ws, "ws://"), "/")
	return at
}

// run starts a command, ends it with the test, and returns the first line that it
// prints.
func run(t *testing.T, name string, args ...string) (pid int, line string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
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
	line, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid, strings.TrimSpace(line)
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

// The primary of a cluster has an inspector and the port, and answers nothing:
// one of its workers is to be measured.
func TestAttachToCluster(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("finds the owners of ports in /proc")
	}
	primary, line := run(t, "node", "--inspect=127.0.0.1:0", "testdata/workers.js")
	fields := strings.Fields(line) // port, inspector, then pid and inspector of each worker
	url := "http://127.0.0.1:" + fields[0]
	for _, o := range []target.AttachOptions{{URL: url, PID: primary}, {URL: url, Inspector: fields[1]}} {
		_, err := target.Attach(t.Context(), o)
		var e *target.Error
		if !errors.As(err, &e) || e.Kind != target.PortTaken || !strings.Contains(e.Hint, "target.attach.pid: "+fields[2]) {
			t.Errorf("Attach(%+v) = %v, want a refusal that names the worker %s", o, err, fields[2])
		}
	}
	worker, err := target.Attach(t.Context(), target.AttachOptions{URL: url, Inspector: fields[5]})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(worker.PID(), worker.Shared()); got != fmt.Sprintf("%s [%s %s]", fields[4], fields[2], fields[4]) {
		t.Errorf("attached to %s, want %s, shared with %s", got, fields[4], fields[2])
	}
}

// Node beside the one that serves: its memory says nothing of the load.
func TestAttachToLauncher(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("finds the owners of ports in /proc")
	}
	server, url, _ := serve(t)
	_, _, inspector := serve(t, "--inspect=127.0.0.1:0")
	_, err := target.Attach(t.Context(), target.AttachOptions{URL: url, Inspector: inspector})
	var e *target.Error
	if !errors.As(err, &e) || e.Kind != target.PortTaken || !strings.Contains(err.Error(), fmt.Sprintf("process %d (node) serves port ", server)) {
		t.Errorf("Attach = %v, want a refusal that names process %d", err, server)
	}
}

// A process of this machine that has ended is known to have.
func TestAttachedEnds(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("finds the owners of ports in /proc")
	}
	pid, url, inspector := serve(t, "--inspect=127.0.0.1:0")
	a, err := target.Attach(t.Context(), target.AttachOptions{URL: url, Inspector: inspector})
	if err != nil {
		t.Fatal(err)
	}
	if x := a.Exit(); x != nil || !target.Listens(t.Context(), url) {
		t.Errorf("Exit = %+v while it runs, want nil and a port that listens", x)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for (a.Exit() == nil || target.Listens(t.Context(), url)) && t.Context().Err() == nil {
		time.Sleep(10 * time.Millisecond) // its threads end one by one
	}
	if x := a.Exit(); x.String() != "ended" {
		t.Errorf("Exit = %v, want that it ended", x)
	}
}

// SIGUSR1 is not sent to what dies of it.
func TestAttachSparesOthers(t *testing.T) {
	_, url, _ := serve(t)
	other, _ := run(t, "sh", "-c", "echo up; exec sleep 60")
	_, err := target.Attach(t.Context(), target.AttachOptions{URL: url, PID: other})
	var e *target.Error
	if !errors.As(err, &e) || e.Kind != target.NoInspector || !strings.Contains(err.Error(), "does not handle SIGUSR1") || e.Hint == "" {
		t.Errorf("Attach = %v, want a refusal with a hint", err)
	}
	if !proctree.Alive(other) {
		t.Error("it has died of it")
	}
}
