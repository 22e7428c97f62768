package target

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/leakcheck/leakcheck/harness/target/proctree"
)

// findExposed refuses a command that opens an inspector to other machines, by an
// argument, NODE_OPTIONS, a .env file or in its code: whoever reaches it runs code
// in the app. Where sockets are not visible (macOS), none is found.
func (p *Process) findExposed(ctx context.Context) error {
	pids, err := p.tree.PIDs()
	if err != nil {
		return err
	}
	sockets, err := proctree.Listening(pids)
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	p.exposed = OpenInspectors(ctx, sockets, reachable, p.port)
	if len(p.exposed) == 0 || p.options.KeepInspector {
		return nil
	}
	return ErrOpenInspector(p.exposed)
}

// OpenInspectors are the sockets, other than those on the given ports, on which an
// inspector answers, and not only on this machine. At says where to ask one.
func OpenInspectors(ctx context.Context, sockets []proctree.Listener, at func(proctree.Listener) netip.AddrPort, ports ...int) []netip.AddrPort {
	var open []netip.AddrPort
	own := map[int]bool{}
	for _, port := range ports {
		own[port] = true
	}
	for _, l := range sockets {
		if l.Addr.Addr().IsLoopback() || own[int(l.Addr.Port())] {
			continue
		}
		var about struct{ Browser string } // "node.js/v20.20.2"
		if err := getJSON(ctx, at(l), "/json/version", &about); err == nil && strings.HasPrefix(about.Browser, "node.js/") {
			open = append(open, l.Addr)
		}
	}
	return open
}

// ErrOpenInspector says where the target's own inspectors are.
func ErrOpenInspector(open []netip.AddrPort) error {
	return &Error{
		Kind: OpenInspector,
		Err:  fmt.Errorf("the app opens an inspector of its own on %s: whoever reaches it can run code in the app", addresses(open)),
		Hint: "remove --inspect from the command, NODE_OPTIONS, .env, package.json or the image: leakcheck opens one on 127.0.0.1; target.inspect: keep allows it",
	}
}

func addresses(all []netip.AddrPort) string {
	texts := make([]string, len(all))
	for i, a := range all {
		texts[i] = a.String()
	}
	return strings.Join(texts, " and ")
}
