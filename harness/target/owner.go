package target

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/leakcheck/leakcheck/harness/target/proctree"
)

// checkServes requires that the process behind the inspector serves the app's
// port, where that is visible: a cluster's primary and a launcher have inspectors
// too, and see nothing of the load.
func (a *Attached) checkServes(ctx context.Context, host string) error {
	if a.pid == 0 || !ofThisMachine(ctx, host) {
		return nil
	}
	owners, err := proctree.PortOwners(a.port)
	if err != nil {
		return nil //nolint:nilerr // not visible (macOS)
	}
	serve, err := servers(owners)
	if err != nil {
		return err
	}
	if !slices.Contains(serve, a.pid) {
		return a.servedBy(serve)
	}
	if len(serve) > 1 {
		a.shared = serve
	}
	return nil
}

// ofThisMachine reports whether host is one of this machine's own addresses.
func ofThisMachine(ctx context.Context, host string) bool {
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return false
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(addrs, func(addr netip.Addr) bool {
		return addr.IsLoopback() || addr.IsUnspecified() || slices.ContainsFunc(own, func(a net.Addr) bool {
			n, ok := a.(*net.IPNet)
			return ok && n.IP.Equal(addr.AsSlice())
		})
	})
}

// servers are the processes that answer on a port which owners listen on.
func servers(owners []int) ([]int, error) {
	var below []int
	for _, owner := range owners {
		pids, err := proctree.Tree{Root: owner}.PIDs()
		if err != nil {
			return nil, fmt.Errorf("find the port's servers: %w", err)
		}
		below = append(below, pids...)
	}
	slices.Sort(below)
	return answering(owners, slices.Compact(below)), nil
}

// servedBy is a port that other processes serve than the one with the inspector.
func (a *Attached) servedBy(serve []int) error {
	e := &Error{
		Kind: PortTaken,
		Err:  fmt.Errorf("process %s has the inspector, and does not serve port %d", describe(a.pid), a.port),
		Hint: "target.attach.url must be the app's own address, not that of a proxy before it",
	}
	if len(serve) > 0 {
		e.Err = fmt.Errorf("process %s has the inspector, and process %s serves port %d", describe(a.pid), describe(serve[0]), a.port)
		e.Hint = fmt.Sprintf("attach to the process that serves, by target.attach.pid: %d, or correct target.attach.url", serve[0])
	}
	return e
}
