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
// it can go away without harm to others, or be reached by another address.
type awayEngine struct {
	network, address string
	listener         net.Listener
	mu               sync.Mutex
	conns            []net.Conn
	wg               sync.WaitGroup
}

// engineBehind has DOCKER_HOST name such a socket: a file of its own, or a free
// port of the IP address where one is given.
func engineBehind(t *testing.T, ip string) *awayEngine {
	t.Helper()
	testenv.NeedEngine(t)
	if _, err := os.Stat(engineSocket); err != nil || os.Getenv("DOCKER_HOST") != "" {
		t.Skip("needs an engine at " + engineSocket)
	}
	dir, err := os.MkdirTemp("", "engine") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	e := &awayEngine{network: "unix", address: filepath.Join(dir, "socket")}
	if ip != "" {
		e.network, e.address = "tcp", net.JoinHostPort(ip, "0")
	}
	e.comeBack(t)
	e.address = e.listener.Addr().String()
	t.Setenv("DOCKER_HOST", e.network+"://"+e.address)
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
	l, err := net.Listen(e.network, e.address)
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
