package target

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/leakcheck/leakcheck/harness/target/proctree"
	"github.com/leakcheck/leakcheck/sampler/inspector"
	"github.com/leakcheck/leakcheck/sampler/recording"
)

// AttachOptions name a target that runs already.
type AttachOptions struct {
	URL       string // where it serves
	Inspector string // "127.0.0.1:9229" or a ws:// URL; "" with PID
	PID       int    // of this machine; SIGUSR1 opens its inspector
	Reach     Reach
}

// Attached is a target that leakcheck neither started nor stops. How it ends is
// not seen, but for its inspector's connection.
type Attached struct {
	url       string
	port      int
	inspector string
	pid       int
	shared    []int // all that serve, when there are several
	done      chan struct{}
	stop      sync.Once
}

var _ Target = (*Attached)(nil)

// Attach finds the inspector of a target and, when it is a process of this
// machine, the process.
func Attach(ctx context.Context, o AttachOptions) (*Attached, error) {
	u, err := url.Parse(o.URL)
	if err != nil {
		return nil, &Error{Kind: BadCommand, Err: fmt.Errorf("read URL: %w", err)}
	}
	a := &Attached{url: strings.TrimSuffix(o.URL, "/"), port: portOf(u), done: make(chan struct{})}
	if o.PID != 0 {
		a.inspector, err = openInspector(ctx, o.PID)
	} else {
		a.inspector, err = findInspector(ctx, o.Inspector)
	}
	if err != nil {
		return nil, err
	}
	if err := a.findProcess(ctx); err != nil {
		return nil, err
	}
	err = o.Reach.Answers(ctx, a.url, "/")
	var known *Error
	if errors.As(err, &known) {
		return nil, known
	}
	if err != nil && !strings.Contains(err.Error(), "answered ") {
		return nil, &Error{Kind: NotReady, Err: fmt.Errorf("reach the app: %w", err), Hint: "correct target.attach.url; the app must serve already"}
	}
	if err := a.checkServes(ctx, u.Hostname()); err != nil {
		return nil, err
	}
	return a, nil
}

func portOf(u *url.URL) int {
	if port, err := strconv.Atoi(u.Port()); err == nil {
		return port
	}
	if u.Scheme == "https" {
		return 443
	}
	return 80
}

// findInspector takes a ws:// URL as it is, and asks an address for its own.
func findInspector(ctx context.Context, where string) (string, error) {
	if strings.HasPrefix(where, "ws://") || strings.HasPrefix(where, "wss://") {
		return where, nil
	}
	where = strings.TrimPrefix(where, "http://")
	if rest, named := strings.CutPrefix(where, "localhost:"); named {
		where = loopbacks[0] + ":" + rest
	}
	const hint = "write it as 127.0.0.1:9229, or as the ws:// URL that Node prints; node --inspect opens it"
	addr, err := netip.ParseAddrPort(where)
	if err != nil {
		return "", &Error{Kind: NoInspector, Err: fmt.Errorf("read inspector address %q: %w", where, err), Hint: hint}
	}
	found, err := InspectorAt(ctx, addr)
	if err != nil {
		return "", &Error{Kind: NoInspector, Err: err, Hint: hint}
	}
	if err := CheckVersion(ctx, found); err != nil {
		return "", err
	}
	return found, nil
}

const (
	openTimeout = 5 * time.Second
	openPoll    = 50 * time.Millisecond
)

// openInspector sends SIGUSR1, upon which Node opens its inspector on the
// loopback address, and looks for it among the process's ports.
func openInspector(ctx context.Context, pid int) (string, error) {
	if found := ownInspector(ctx, pid); found != "" {
		return found, nil
	}
	if err := signalNode(pid); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	for {
		if found := ownInspector(ctx, pid); found != "" {
			return found, nil
		}
		select {
		case <-ctx.Done():
			return "", &Error{
				Kind: NoInspector, Err: fmt.Errorf("process %s opened no inspector upon SIGUSR1", describe(pid)),
				Hint: "another process may hold port 9229, or the app handles SIGUSR1 itself: give target.attach.inspector",
			}
		case <-time.After(openPoll):
		}
	}
}

// signalNode sends SIGUSR1, of which a process dies that does not handle it.
func signalNode(pid int) error {
	safe, err := proctree.Handles(pid, syscall.SIGUSR1)
	if errors.Is(err, errors.ErrUnsupported) {
		safe, err = proctree.Name(pid) == "node", nil
	}
	if err == nil && !safe {
		return &Error{
			Kind: NoInspector, Err: fmt.Errorf("process %s does not handle SIGUSR1, and would die of it", describe(pid)),
			Hint: "target.attach.pid must be that of Node itself, not of a shell or a launcher; one started with --disable-sigusr1 needs --inspect, and target.attach.inspector",
		}
	}
	if err == nil {
		err = syscall.Kill(pid, syscall.SIGUSR1)
	}
	if err != nil {
		return &Error{Kind: NoInspector, Err: fmt.Errorf("send SIGUSR1 to process %d: %w", pid, err), Hint: "is that the right pid, of a process of your own?"}
	}
	return nil
}

// ownInspector is the inspector among a process's listening ports, "" when
// there is none. Where ports are not visible (macOS), Node's own is asked.
func ownInspector(ctx context.Context, pid int) string {
	sockets, err := proctree.Listening([]int{pid})
	if errors.Is(err, errors.ErrUnsupported) {
		found, err := InspectorAt(ctx, netip.AddrPortFrom(netip.MustParseAddr(loopbacks[0]), 9229))
		if err != nil {
			return ""
		}
		return found
	}
	for _, l := range sockets {
		if found, err := InspectorAt(ctx, reachable(l)); err == nil {
			return found
		}
	}
	return ""
}

// findProcess asks the target for its pid, and takes it for one of this machine
// when that process owns the inspector's port. One behind a forwarded port is
// measured through its inspector alone.
func (a *Attached) findProcess(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	client, err := inspector.Dial(ctx, a.inspector)
	if err != nil {
		return &Error{Kind: NoInspector, Err: fmt.Errorf("connect to inspector: %w", err), Hint: "is another debugger, or a tunnel, in the way?"}
	}
	defer client.Close()
	pid, err := client.PID(ctx)
	if err != nil {
		return &Error{Kind: NoInspector, Err: fmt.Errorf("ask for the process: %w", err)}
	}
	u, err := url.Parse(a.inspector)
	if err != nil {
		return &Error{Kind: NoInspector, Err: fmt.Errorf("read inspector URL: %w", err)}
	}
	if owners, err := proctree.PortOwners(portOf(u)); err == nil && slices.Contains(owners, pid) {
		a.pid = pid
	}
	return nil
}

// URL is the one given.
func (a *Attached) URL() string { return a.url }

// Port is the URL's.
func (a *Attached) Port() int { return a.port }

// Inspector is the ws:// URL.
func (a *Attached) Inspector() string { return a.inspector }

// PID is 0 unless the target is a process of this machine.
func (a *Attached) PID() int { return a.pid }

// Root is PID: what started the target is not ours to measure.
func (a *Attached) Root() int { return a.pid }

// Exposed is nil: whoever started the target chose where its inspector listens.
func (a *Attached) Exposed() []netip.AddrPort { return nil }

// Shared lists all processes that serve, as in a cluster, where they are visible.
func (a *Attached) Shared() []int { return a.shared }

// Containers is empty: it is not known whether there are any.
func (a *Attached) Containers(context.Context) ([]recording.Container, error) { return nil, nil }

// Done is closed by Stop alone.
func (a *Attached) Done() <-chan struct{} { return a.done }

// Exit is that of a process of this machine which is gone, and nil for any other:
// how it ended is not seen.
func (a *Attached) Exit() *Exit {
	if a.pid == 0 || proctree.Alive(a.pid) {
		return nil
	}
	return &Exit{Code: -1}
}

// Stop leaves the target as it is.
func (a *Attached) Stop(context.Context) error {
	a.stop.Do(func() { close(a.done) })
	return nil
}
