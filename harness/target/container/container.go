// Package container runs the Node app under test, and the services that it
// needs, as containers. The app's image is taken as it is: the inspector goes
// in by NODE_OPTIONS and a small file on a volume of its own, which opens it in
// the process that serves. Everything that is made carries the run's label, and
// is removed by Stop, by the watchdog, or by Sweep.
//
// It is the only package that imports testcontainers-go.
package container

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"github.com/google/uuid"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/harness/target/watchdog"
)

// Container is a target that runs in a container.
type Container struct {
	engine    *engine
	run       labels
	dog       *watchdog.Dog
	network   string // name of the run's own
	app       *instance
	all       []*instance // in the order of their start
	port      int         // in the container
	url       string
	inspector string
	exposed   []netip.AddrPort
	// keepInspector lets the app have inspectors of its own.
	keepInspector bool
	pid           int // on this machine, 0 when not visible
	root          int

	done    chan struct{} // exit is set; nil until ready
	exit    target.Exit
	stop    sync.Once
	stopErr error
}

var _ target.Target = (*Container)(nil)

// Start starts the services and the app, and returns when the app is ready. On
// an error, a *target.Error where the scenario or the engine is to blame,
// everything that was made is removed already. ctx bounds the start only.
func Start(ctx context.Context, o Options) (*Container, error) {
	if o.RunID == "" {
		o.RunID = uuid.NewString()
	}
	e, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	if e.about.Remote() {
		o.say(e.about.exposed())
	}
	c := &Container{engine: e, run: newLabels(o.RunID), keepInspector: o.KeepInspector}
	err = c.start(ctx, &o)
	if err == nil {
		return c, nil
	}
	if stopErr := c.Stop(context.WithoutCancel(ctx)); stopErr != nil {
		err = errors.Join(err, stopErr)
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("start container: %w", context.Cause(ctx))
	}
	return nil, err
}

func (c *Container) start(ctx context.Context, o *Options) (err error) {
	// The watchdog comes first, so that there is no moment without it.
	if c.dog, err = watchdog.Start(target.Marker(o.RunID), c.engine.orphanEnvironment()...); err != nil {
		return fmt.Errorf("start watchdog: %w", err)
	}
	if err := c.engine.sweepDead(ctx); err != nil {
		return fmt.Errorf("remove what an earlier run left: %w", err)
	}
	if c.network, err = c.engine.createNetwork(ctx, c.run); err != nil {
		return err
	}
	for i := range o.Services {
		if err := c.startService(ctx, o, &o.Services[i]); err != nil {
			return err
		}
	}
	if err := c.startApp(ctx, o); err != nil {
		return err
	}
	return c.settle(ctx, o.Ready)
}

// startApp makes the app's container and starts it.
func (c *Container) startApp(ctx context.Context, o *Options) error {
	img, err := c.engine.provide(ctx, o, "target", &o.Spec, c.run)
	if err != nil {
		return err
	}
	c.port = img.portFor(o.Port)
	request, err := c.appRequest(o, img)
	if err != nil {
		return err
	}
	if c.app, err = c.create(ctx, "target", &o.Spec, request); err != nil {
		return err
	}
	if err := c.engine.copyPreload(ctx, c.app.id); err != nil {
		return err
	}
	out, write, err := target.NewOutput(o.LogPath, o.Ready.Log)
	if err != nil {
		return err
	}
	c.app.out = out
	if err := c.app.start(ctx, write); err != nil {
		hint := "does the image have that program, and may its user run it?"
		return c.withOutput(failure(target.DiedAtStart, hint, "start the container: %w", err))
	}
	return nil
}

// URL is where the app's port is published.
func (c *Container) URL() string { return c.url }

// Port is where the app listens within the container.
func (c *Container) Port() int { return c.port }

// Inspector is the ws:// URL of the published inspector.
func (c *Container) Inspector() string { return c.inspector }

// PID is the serving process as this machine numbers it, 0 when the engine is
// on another machine or its processes are another user's.
func (c *Container) PID() int { return c.pid }

// Root is the container's first process, on this machine; 0 like PID.
func (c *Container) Root() int { return c.root }

// Exposed lists where inspectors of the app's own can be reached from the
// networks that its container is on.
func (c *Container) Exposed() []netip.AddrPort { return c.exposed }

// Shared is nil: the inspector is opened in one process alone.
func (c *Container) Shared() []int { return nil }

// Done is closed when the app's container, or a service, has ended.
func (c *Container) Done() <-chan struct{} { return c.done }

// Exit is how the target ended, nil while it runs.
func (c *Container) Exit() *target.Exit {
	select {
	case <-c.done:
		exit := c.exit
		return &exit
	default:
		return nil
	}
}

// stopGrace is how long the app has to end after SIGTERM, in seconds.
const stopGrace = 1

// Stop stops and removes everything that was made for the run: containers,
// volumes, networks and built images. A second call returns what the first did.
// When the engine does not answer, the watchdog goes on trying.
func (c *Container) Stop(ctx context.Context) error {
	c.stop.Do(func() { c.stopErr = c.end(ctx) })
	return c.stopErr
}

func (c *Container) end(ctx context.Context) error {
	if c.app != nil {
		c.engine.stop(ctx, c.app.id, stopGrace)
	}
	err := c.engine.remove(ctx, c.run.filter())
	if err != nil {
		c.dog.Abandon()
		err = fmt.Errorf("stop target: %w", err)
	} else {
		c.dog.Release()
	}
	for _, i := range c.all {
		err = errors.Join(err, i.join())
	}
	if c.done != nil {
		<-c.done
	}
	c.engine.close()
	return err
}

// withOutput adds what the app printed to an error about it.
func (c *Container) withOutput(err error) error {
	var e *target.Error
	if errors.As(err, &e) && e.Detail == "" && c.app != nil && c.app.out != nil {
		e.Detail, _ = c.app.out.Last()
	}
	return err
}

// failure is a start that failed, with the hint that mends it.
func failure(kind target.Kind, hint, format string, args ...any) *target.Error {
	return &target.Error{Kind: kind, Err: fmt.Errorf(format, args...), Hint: hint}
}
