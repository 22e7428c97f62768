package procmem

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// startChild runs a shell with a sleeping child of its own, and returns the
// shell's pid once that child runs.
func startChild(t *testing.T, env ...string) int {
	t.Helper()
	cmd := exec.Command("sh", "-c", "sleep 60 & echo; wait")
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		procs, _ := Tree(cmd.Process.Pid, "")
		for _, p := range procs {
			if proc, err := os.FindProcess(p.PID); err == nil {
				_ = proc.Kill()
			}
		}
		_ = cmd.Wait()
	})
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

func pids(procs []recording.Process) []int {
	var out []int
	for _, p := range procs {
		out = append(out, p.PID)
	}
	return out
}

func TestTree(t *testing.T) {
	root := startChild(t)
	procs, err := Tree(root, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(procs) != 2 || procs[0].PID != root {
		t.Fatalf("tree = %+v, want the shell and its child", procs)
	}
	for _, p := range procs {
		if p.RSS <= 0 || p.PSS <= 0 || p.PSS > p.RSS || p.FDs < 2 || p.Name == "" {
			t.Errorf("process = %+v, want 0 < pss <= rss, descriptors and a name", p)
		}
	}
}

// A process that left the tree is found by the run's id in its environment.
func TestTreeByRunID(t *testing.T) {
	const run = "procmem-test-run"
	root, stray := startChild(t), startChild(t, Marker+"="+run)
	procs, err := Tree(root, run)
	if err != nil {
		t.Fatal(err)
	}
	got := pids(procs)
	if !slices.Contains(got, root) || !slices.Contains(got, stray) || len(got) != 4 || !slices.IsSorted(got) {
		t.Errorf("tree = %v, want %d, %d and their children in order", got, root, stray)
	}
	if slices.Contains(got, os.Getpid()) {
		t.Error("the caller is in its own tree")
	}
}

func TestTreeGone(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if _, err := Tree(cmd.Process.Pid, ""); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error = %v, want os.ErrNotExist", err)
	}
}

func TestEstablished(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "::1"} {
		t.Run(host, func(t *testing.T) {
			l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
			if err != nil {
				t.Skipf("no such loopback: %v", err)
			}
			defer l.Close()
			port := l.Addr().(*net.TCPAddr).Port
			wantConnections(t, port, 0)
			client, server := connect(t, l)
			wantConnections(t, port, 1)
			client.Close() // the server has not closed: CLOSE_WAIT
			if _, err := server.Read(make([]byte, 1)); err == nil {
				t.Fatal("read from a closed connection")
			}
			wantConnections(t, port, 1)
			server.Close()
			wantConnections(t, port, 0)
		})
	}
}

func connect(t *testing.T, l net.Listener) (client, server net.Conn) {
	t.Helper()
	client, err := net.DialTimeout("tcp", l.Addr().String(), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	server, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return client, server
}

func wantConnections(t *testing.T, port, want int) {
	t.Helper()
	if got, err := Established(os.Getpid(), port); err != nil || got != want {
		t.Errorf("%d connections, %v; want %d", got, err, want)
	}
}

func TestSockets(t *testing.T) {
	before, err := Sockets(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	after, err := Sockets(os.Getpid())
	if err != nil || after != before+1 {
		t.Errorf("%d sockets, then %d, %v: want one more", before, after, err)
	}
}
