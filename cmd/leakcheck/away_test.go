package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/leakcheck/leakcheck/tools/testenv"
)

// engineSocket is where Debian's engine listens.
const engineSocket = "/var/run/docker.sock"

// awayEngine is this machine's engine behind a socket of the test's own, so that
// it can go away without harm to others.
type awayEngine struct {
	path     string
	listener net.Listener
	mu       sync.Mutex
	conns    []net.Conn
	wg       sync.WaitGroup
}

// engineBehind has DOCKER_HOST name such a socket.
func engineBehind(t *testing.T) *awayEngine {
	t.Helper()
	testenv.NeedEngine(t)
	if _, err := os.Stat(engineSocket); err != nil || os.Getenv("DOCKER_HOST") != "" {
		t.Skip("needs an engine at " + engineSocket)
	}
	dir, err := os.MkdirTemp("", "engine") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	e := &awayEngine{path: filepath.Join(dir, "socket")}
	t.Setenv("DOCKER_HOST", "unix://"+e.path)
	e.comeBack(t)
	t.Cleanup(func() {
		e.leave()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return e
}

func (e *awayEngine) comeBack(t *testing.T) {
	t.Helper()
	l, err := net.Listen("unix", e.path)
	if err != nil {
		t.Fatal(err)
	}
	e.listener = l
	e.wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // it has left
			}
			e.wg.Go(func() { e.serve(conn) })
		}
	})
}

// leave drops all connections, and takes no new ones.
func (e *awayEngine) leave() {
	e.listener.Close()
	e.mu.Lock()
	for _, conn := range e.conns {
		conn.Close()
	}
	e.conns = nil
	e.mu.Unlock()
	e.wg.Wait()
}

func (e *awayEngine) serve(conn net.Conn) {
	engine, err := net.Dial("unix", engineSocket)
	if err != nil {
		conn.Close()
		return
	}
	e.mu.Lock()
	e.conns = append(e.conns, conn, engine)
	e.mu.Unlock()
	var both sync.WaitGroup
	for to, from := range map[net.Conn]net.Conn{conn: engine, engine: conn} {
		both.Go(func() {
			_, _ = io.Copy(to, from) // until either side ends it
			to.Close()
		})
	}
	both.Wait()
}
