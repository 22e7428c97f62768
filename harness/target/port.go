package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"

	"github.com/leakcheck/leakcheck/harness/target/proctree"
)

// loopbacks are where an app may be reached, in order of preference.
var loopbacks = []string{"127.0.0.1", "::1"}

// choosePort is a free port, or want when nothing listens there.
func choosePort(ctx context.Context, want int) (int, error) {
	if want == 0 {
		return freePort(ctx)
	}
	for _, host := range loopbacks {
		if taken(ctx, host, want) {
			return 0, portTaken(want)
		}
	}
	return want, nil
}

// freePort is free on both loopback addresses: many apps listen on all.
func freePort(ctx context.Context) (int, error) {
	for {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(loopbacks[0], "0"))
		if err != nil {
			return 0, fmt.Errorf("find a free port: %w", err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		other := taken(ctx, loopbacks[1], port)
		if err := l.Close(); err != nil {
			return 0, fmt.Errorf("find a free port: %w", err)
		}
		if !other {
			return port, nil
		}
	}
}

// portTries is how often an app is started on a port that was found for it.
const portTries = 3

// lostPort reports whether an app did not start because the port, free when it was
// chosen, was taken before the app listened: by another run, or by a connection
// that someone opened.
func lostPort(err error, port int) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && strings.Contains(e.Detail, "EADDRINUSE") && strings.Contains(e.Detail, strconv.Itoa(port))
}

// taken reports whether something listens there. A machine without that address,
// or a port that only root may use, is the app's to complain of.
func taken(ctx context.Context, host string, port int) bool {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err == nil {
		l.Close()
	}
	return errors.Is(err, syscall.EADDRINUSE)
}

func portTaken(port int) *Error {
	by := "another process"
	if owners, err := proctree.PortOwners(port); err == nil && len(owners) > 0 {
		by = "process " + describe(owners[0])
	}
	return &Error{
		Kind: PortTaken,
		Err:  fmt.Errorf("port %d is taken by %s", port, by),
		Hint: "end that process, or leave target.port out: a free port is then chosen and passed in PORT",
	}
}

func describe(pid int) string {
	if name := proctree.Name(pid); name != "" {
		return fmt.Sprintf("%d (%s)", pid, name)
	}
	return strconv.Itoa(pid)
}
