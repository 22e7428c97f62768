package target

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/harness/target/proctree"
)

const readyPoll = 20 * time.Millisecond

// awaitReady returns the URL of the app, or says why there is none.
func (p *Process) awaitReady(ctx context.Context, r Ready) (string, error) {
	pr := &probe{port: p.port, path: r.Path, spoken: r.Reach, logged: p.out.Logged}
	limit, cancel := context.WithTimeout(ctx, r.timeout())
	defer cancel()
	tick := time.NewTicker(readyPoll)
	defer tick.Stop()
	for {
		if pr.try(limit) {
			return pr.url, nil
		}
		if e := pr.permanent(); e != nil {
			e.Detail, _ = p.out.Last()
			return "", e
		}
		select {
		case <-p.ended:
			return "", p.diedAtStart()
		case <-limit.Done():
			if ctx.Err() != nil {
				return "", fmt.Errorf("await the app: %w", context.Cause(ctx))
			}
			return "", p.notReady(ctx, r, pr)
		case <-tick.C:
		}
	}
}

// permissionHint is for Node's permission model.
const permissionHint = "Node's permission model refused something: beside what the app needs, give --allow-inspector, and from Node 25 on --allow-net, or measure without --permission"

func (p *Process) diedAtStart() error {
	p.out.Drain()
	exit := p.outcome()
	e := &Error{Kind: DiedAtStart, Err: fmt.Errorf("the command %s before it was ready", exit), Detail: exit.LastOutput}
	switch {
	case exit.OutOfMemory:
		e.Hint = "its heap was full: give it more with --max-old-space-size"
	case strings.Contains(exit.LastOutput, "is not allowed in NODE_OPTIONS"):
		e.Hint = "the command uses another Node than the one on PATH: put its own first on PATH"
	case exit.Code == 127 && !p.hasNode:
		e.Kind, e.Hint = NodeMissing, installNode
	case strings.Contains(exit.LastOutput, "ERR_ACCESS_DENIED"):
		e.Hint = permissionHint
	case exit.Code == 0:
		e.Hint = "the command must stay in the foreground while the app serves"
	default:
		e.Hint = "its last output says why; the same command must start by itself in target.dir"
	}
	return e
}

// notReady explains a timeout by what was last seen.
func (p *Process) notReady(ctx context.Context, r Ready, pr *probe) error {
	last, _ := p.out.Last()
	e := &Error{Kind: NotReady, Detail: last, Hint: "check target.ready, or raise target.ready.timeout"}
	switch {
	case !pr.connected:
		p.notListening(ctx, e, r.timeout())
	case !pr.logged():
		e.Err = fmt.Errorf("no line of its output matched %q within %s", r.Log, r.timeout())
	case errors.Is(pr.problem, context.DeadlineExceeded):
		e.Err = fmt.Errorf("GET %s was not answered within %s", r.Path, r.timeout())
	default:
		e.Err = fmt.Errorf("not ready within %s: %w", r.timeout(), pr.problem)
	}
	if pr.connected && r.TLS == nil && SpeaksTLS(context.WithoutCancel(ctx), fmt.Sprintf("http://localhost:%d", p.port)) {
		e.Hint = TLSHint
	}
	return e
}

func (p *Process) notListening(ctx context.Context, e *Error, timeout time.Duration) {
	for _, addr := range p.listensOn(ctx) {
		own := int(addr.Port()) == p.port
		if own && (addr.Addr().IsLoopback() || addr.Addr().IsUnspecified()) {
			continue // since a moment ago
		}
		e.Kind = ListensElsewhere
		if own {
			e.Err = fmt.Errorf("the app listens on %s, which is not a loopback address", addr)
			e.Hint = "let it listen on 127.0.0.1, or on all addresses"
			return
		}
		e.Err = fmt.Errorf("the app listens on %d, not on the port %d that it was given", addr.Port(), p.port)
		e.Hint = fmt.Sprintf("set target.port: %d, or let the app use process.env.PORT", addr.Port())
		return
	}
	e.Kind = NeverListened
	e.Err = fmt.Errorf("nothing listened on port %d within %s", p.port, timeout)
	e.Hint = "let the app listen on process.env.PORT, or set target.port, or raise target.ready.timeout"
}

// listensOn is where the command's processes listen, inspectors aside. It is
// empty where that is not visible (macOS).
func (p *Process) listensOn(ctx context.Context) []netip.AddrPort {
	pids, err := p.tree.PIDs()
	if err != nil {
		return nil
	}
	sockets, err := proctree.Listening(pids)
	if err != nil {
		return nil
	}
	var addrs []netip.AddrPort
	for _, l := range sockets {
		if _, err := InspectorAt(ctx, reachable(l)); err != nil {
			addrs = append(addrs, l.Addr)
		}
	}
	return addrs
}
