package container

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/moby/moby/client"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/harness/target/proctree"
	"github.com/leakcheck/leakcheck/sampler/inspector"
	"github.com/leakcheck/leakcheck/sampler/procmem"
)

// askTimeout bounds the question for the serving process's number.
const askTimeout = 2 * time.Second

// findProcess finds the serving process among this machine's. Where the engine
// is elsewhere, or hides its processes, the target is measured through its
// inspector and the engine alone.
func (c *Container) findProcess(ctx context.Context) {
	if c.app.root == 0 {
		return
	}
	inside, err := pidInside(ctx, c.inspector)
	if err != nil {
		return
	}
	pid, found := procmem.HostPID(c.app.root, inside)
	if !found {
		return
	}
	c.pid, c.root = pid, c.app.root
}

// findExposed refuses an app that opens an inspector of its own to what shares a
// network with its container. Only on this machine are its sockets visible.
func (c *Container) findExposed(ctx context.Context) error {
	if c.root == 0 {
		return nil
	}
	pids, err := proctree.Tree{Root: c.root}.PIDs()
	if err != nil {
		return fmt.Errorf("find the container's inspectors: %w", err)
	}
	sockets, err := proctree.ListeningBeside(c.root, pids)
	if err != nil {
		return fmt.Errorf("find the container's inspectors: %w", err)
	}
	about, err := c.engine.api.ContainerInspect(ctx, c.app.id, client.ContainerInspectOptions{})
	if err != nil {
		return fmt.Errorf("inspect container: %w", err)
	}
	var own netip.Addr
	if n := about.Container.NetworkSettings.Networks[c.network]; n != nil {
		own = n.IPAddress
	}
	c.exposed = target.OpenInspectors(ctx, sockets, func(l proctree.Listener) netip.AddrPort {
		return netip.AddrPortFrom(own, l.Addr.Port())
	}, c.port, inspectorPort)
	if len(c.exposed) == 0 || c.keepInspector {
		return nil
	}
	return target.ErrOpenInspector(c.exposed)
}

// pidInside is the serving process as its container numbers it.
func pidInside(ctx context.Context, url string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	i, err := inspector.Dial(ctx, url)
	if err != nil {
		return 0, err
	}
	defer i.Close()
	return i.PID(ctx)
}
