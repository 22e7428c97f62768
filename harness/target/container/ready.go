package container

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"

	"github.com/leakcheck/leakcheck/harness/target"
)

const (
	readyPoll    = 20 * time.Millisecond
	readyTimeout = 30 * time.Second // where the scenario gives none
)

// settle waits until the app is ready and finds its inspector. The inspector
// opens when the app listens: a published port itself takes connections as soon
// as the container runs.
func (c *Container) settle(ctx context.Context, r target.Ready) error {
	if r.Timeout <= 0 {
		r.Timeout = readyTimeout
	}
	limit, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	ways, err := c.waysIn(limit)
	if err != nil {
		return err
	}
	tick := time.NewTicker(readyPoll)
	defer tick.Stop()
	for {
		problem := c.try(limit, ways, r)
		if problem == nil {
			break
		}
		if errors.As(problem, new(*target.Error)) { // trying again does not help
			return c.withOutput(problem)
		}
		select {
		case <-c.app.ended:
			return c.diedAtStart()
		case <-limit.Done():
			if ctx.Err() != nil {
				return fmt.Errorf("await the app: %w", context.Cause(ctx))
			}
			return c.withOutput(c.notReady(ctx, ways, r, problem))
		case <-tick.C:
		}
	}
	if err := target.CheckVersion(ctx, c.inspector); err != nil {
		return c.withOutput(err)
	}
	c.app.out.StopSearching()
	c.findProcess(ctx)
	if err := c.findExposed(ctx); err != nil {
		return c.withOutput(err)
	}
	c.done = make(chan struct{})
	go c.watch()
	return nil
}

// wayIn is where the container's two ports may be reached.
type wayIn struct{ app, inspector netip.AddrPort }

// waysIn lists the published ports, and the container's own address, which is
// reached where this process runs in a container beside it.
func (c *Container) waysIn(ctx context.Context) ([]wayIn, error) {
	about, err := c.engine.api.ContainerInspect(ctx, c.app.id, client.ContainerInspectOptions{})
	if err != nil {
		return nil, fmt.Errorf("inspect container: %w", err)
	}
	host := c.engine.about.Address
	net := about.Container.NetworkSettings
	var ways []wayIn
	app, okApp := published(net.Ports, c.port, host)
	inspector, okInspector := published(net.Ports, inspectorPort, host)
	if okApp && okInspector {
		ways = append(ways, wayIn{app, inspector})
	}
	if own := net.Networks[c.network]; own != nil && own.IPAddress.IsValid() && !c.engine.about.Remote() {
		ways = append(ways, wayIn{netip.AddrPortFrom(own.IPAddress, uint16(c.port)), netip.AddrPortFrom(own.IPAddress, inspectorPort)})
	}
	return ways, nil
}

// published is where a port of the container was published.
func published(ports network.PortMap, port int, host netip.Addr) (netip.AddrPort, bool) {
	for _, b := range ports[network.MustParsePort(tcp(port))] {
		if number, err := strconv.ParseUint(b.HostPort, 10, 16); err == nil {
			return netip.AddrPortFrom(host, uint16(number)), true
		}
	}
	return netip.AddrPort{}, false
}

var errNoInspector = errors.New("its inspector did not open")

// try is nil once the app is ready.
func (c *Container) try(ctx context.Context, ways []wayIn, r target.Ready) error {
	for k, w := range ways {
		inspector, err := target.InspectorAt(ctx, w.inspector)
		if err != nil {
			continue
		}
		if k > 0 { // it may have opened just after the better way was tried
			if first, err := target.InspectorAt(ctx, ways[0].inspector); err == nil {
				w, inspector = ways[0], first
			}
		}
		c.inspector, c.url = inspector, r.Scheme()+"://"+w.app.String()
		if !c.app.out.Logged() {
			return fmt.Errorf("no line of its output matched %q", r.Log)
		}
		return r.Answers(ctx, c.url, r.Path)
	}
	return errNoInspector
}

// notReady explains a timeout by what the app did.
func (c *Container) notReady(ctx context.Context, ways []wayIn, r target.Ready, problem error) error {
	if !errors.Is(problem, errNoInspector) {
		return failure(target.NotReady, "check target.ready, or raise target.ready.timeout", "not ready within %s: %w", r.Timeout, problem)
	}
	if said, found := c.told(); found {
		return failure(target.ListensElsewhere, "let the app listen on 0.0.0.0 and process.env.PORT, or set target.port", "%s", said)
	}
	for _, w := range ways {
		err := target.Get(ctx, "http://"+w.app.String()+"/")
		if err == nil || strings.Contains(err.Error(), "answered ") {
			return failure(target.NoInspector,
				"it must be Node, and whatever starts it must pass NODE_OPTIONS on",
				"the app serves on port %d, and its inspector did not open", c.port)
		}
	}
	return failure(target.NeverListened, "let the app listen on 0.0.0.0 and process.env.PORT, or set target.port, or raise target.ready.timeout",
		"nothing listened on port %d of the container within %s", c.port, r.Timeout)
}

// told is what the preloaded file wrote about where the app listens.
func (c *Container) told() (said string, found bool) {
	text, _ := c.app.out.Last()
	for line := range strings.Lines(text) {
		if _, said, found := strings.Cut(line, "leakcheck: "); found {
			return strings.TrimSpace(said), true
		}
	}
	return "", false
}

func (c *Container) diedAtStart() error {
	c.app.out.Drain()
	exit := c.outcome(c.app)
	e := failure(target.DiedAtStart, "its last output says why; docker run must start it too", "the container %s before it was ready", &exit)
	switch {
	case exit.OOMKilled:
		e.Hint = "raise target.container.memory"
	case exit.OutOfMemory:
		e.Hint = "its heap was full: give it more with --max-old-space-size"
	case strings.Contains(exit.LastOutput, "is not allowed in NODE_OPTIONS"):
		e.Hint = "its NODE_VERSION is not the version of its Node"
	case exit.Code == 0:
		e.Hint = "the command must stay in the foreground while the app serves"
	}
	e.Detail = exit.LastOutput
	return e
}
