package container

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	engineapi "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/leakcheck/leakcheck/harness/target"
)

const (
	servicePoll = 100 * time.Millisecond
	// holdTime is how long a published port must keep a connection to count as
	// listening: the engine's proxy takes it in any case, and drops it at once
	// when nothing listens behind.
	holdTime = 150 * time.Millisecond
)

// startService starts a service and waits until it is ready.
func (c *Container) startService(ctx context.Context, o *Options, s *Service) error {
	o.say("starting service " + s.Name)
	i, err := c.createService(ctx, o, s)
	if err != nil {
		return err
	}
	out, write, err := target.NewOutput("", s.Ready.Log)
	if err != nil {
		return err
	}
	i.out = out
	if err := i.start(ctx, write); err != nil {
		return failure(target.ServiceFailed, "does the image have that program, and may its user run it?", "start service %s: %w", s.Name, err)
	}
	return c.awaitService(ctx, o, s, i)
}

func (c *Container) createService(ctx context.Context, o *Options, s *Service) (*instance, error) {
	img, err := c.engine.provide(ctx, o, s.Name, &s.Spec, c.run)
	if err != nil {
		return nil, err
	}
	spec, env := s.Spec, map[string]string{}
	spec.Entrypoint, spec.Command = o.expandAll(s.Entrypoint, s.Port), o.expandAll(s.Command, s.Port)
	for name, text := range s.Env {
		env[name] = o.expand(text, s.Port)
	}
	r := c.request(s.Name, &spec, img, env)
	if s.probed() && !c.engine.about.Remote() {
		r.ExposedPorts = []string{tcp(s.Port)}
		r.HostConfigModifier = func(h *engineapi.HostConfig) {
			c.apply(&spec, h)
			h.PortBindings = c.bindings(s.Port)
		}
	}
	return c.create(ctx, s.Name, &spec, r)
}

// probed reports whether the service is ready when its port listens.
func (s *Service) probed() bool {
	return s.Ready.Log == nil && len(s.Ready.Command) == 0 && !s.Ready.Completed && s.Port != 0
}

func (c *Container) awaitService(ctx context.Context, o *Options, s *Service, i *instance) error {
	limit, cancel := context.WithTimeout(ctx, s.Ready.Timeout)
	defer cancel()
	tick := time.NewTicker(servicePoll)
	defer tick.Stop()
	for {
		problem := c.tryService(limit, o, s, i)
		if problem == nil {
			i.out.StopSearching()
			return nil
		}
		select {
		case <-i.ended:
			if s.Ready.Completed && i.lost == nil && i.state.ExitCode == 0 {
				i.completed = true
				return nil
			}
			i.out.Drain()
			return i.withOutput(failure(target.ServiceFailed, "its last output says why", "service %s ended with exit code %d before it was ready", s.Name, i.state.ExitCode))
		case <-limit.Done():
			if ctx.Err() != nil {
				return fmt.Errorf("start service %s: %w", s.Name, context.Cause(ctx))
			}
			return i.withOutput(failure(target.ServiceFailed, "check its ready and port, or raise ready.timeout",
				"service %s was not ready within %s: %w", s.Name, s.Ready.Timeout, problem))
		case <-tick.C:
		}
	}
}

// tryService is nil once the service is ready.
func (c *Container) tryService(ctx context.Context, o *Options, s *Service, i *instance) error {
	switch {
	case s.Ready.Completed:
		return errors.New("it has not ended")
	case s.Ready.Log != nil && !i.out.Logged():
		return fmt.Errorf("no line of its output matched %q", s.Ready.Log)
	case len(s.Ready.Command) > 0:
		return i.succeeds(ctx, o.expandAll(s.Ready.Command, s.Port))
	case !s.probed():
		return nil
	case c.engine.about.Remote():
		return errors.New("whether its port listens is not seen on an engine elsewhere: give ready.log or ready.command")
	}
	return i.holds(ctx, s.Port)
}

// holds is nil when the service's published port keeps a connection.
func (i *instance) holds(ctx context.Context, port int) error {
	about, err := i.engine.api.ContainerInspect(ctx, i.id, client.ContainerInspectOptions{})
	if err != nil {
		return err
	}
	addr, found := published(about.Container.NetworkSettings.Ports, port, loopback)
	if !found {
		return fmt.Errorf("port %d is not published yet", port)
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr.String())
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(holdTime)); err != nil {
		return err
	}
	n, err := conn.Read(make([]byte, 1))
	var late net.Error
	if n == 1 || errors.As(err, &late) && late.Timeout() {
		return nil
	}
	return fmt.Errorf("nothing listens on port %d", port)
}

// succeeds runs a command in the container; nil when it exits with 0.
func (i *instance) succeeds(ctx context.Context, command []string) error {
	made, err := i.engine.api.ExecCreate(ctx, i.id, client.ExecCreateOptions{Cmd: command})
	if err != nil {
		return err
	}
	if _, err := i.engine.api.ExecStart(ctx, made.ID, client.ExecStartOptions{Detach: true}); err != nil {
		return err
	}
	for {
		now, err := i.engine.api.ExecInspect(ctx, made.ID, client.ExecInspectOptions{})
		switch {
		case err != nil:
			return err
		case !now.Running && now.ExitCode != 0:
			return fmt.Errorf("%s exits with code %d", command[0], now.ExitCode)
		case !now.Running:
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not end", command[0])
		case <-time.After(readyPoll):
		}
	}
}

func (i *instance) withOutput(e *target.Error) error {
	e.Detail, _ = i.out.Last()
	return e
}
