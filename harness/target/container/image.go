package container

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/containerd/platforms"
	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"

	"github.com/leakcheck/leakcheck/harness/target"
)

// image is one that the engine has, with what it says of itself.
type image struct {
	ref        string
	env        map[string]string
	exposed    []string // "3000/tcp"
	entrypoint []string
	command    []string
}

// defaultPort is the app's where neither the scenario nor the image gives one.
const defaultPort = 3000

// portFor is the app's port in the container.
func (i *image) portFor(want int) int {
	if want != 0 {
		return want
	}
	if port, err := strconv.Atoi(i.env["PORT"]); err == nil && port > 0 {
		return port
	}
	var tcp []int
	for _, e := range i.exposed {
		number, proto, _ := strings.Cut(e, "/")
		if port, err := strconv.Atoi(number); err == nil && proto != "udp" {
			tcp = append(tcp, port)
		}
	}
	if len(tcp) == 1 {
		return tcp[0]
	}
	return defaultPort
}

// provide builds or pulls the image of a container, or finds it on the engine.
func (e *engine) provide(ctx context.Context, o *Options, name string, s *Spec, run labels) (*image, error) {
	if s.Build != nil {
		o.say("building the image of " + name)
		ref, err := e.build(ctx, o, name, s, run)
		if err != nil {
			return nil, err
		}
		return e.inspectImage(ctx, ref)
	}
	have, err := e.inspectImage(ctx, s.Image)
	if s.Pull == "always" || err != nil && s.Pull != "never" {
		o.say("pulling " + s.Image)
		if err := e.pull(ctx, s); err != nil {
			return nil, imageError(s, err)
		}
		have, err = e.inspectImage(ctx, s.Image)
	}
	if err != nil {
		return nil, imageError(s, err)
	}
	return have, nil
}

func (e *engine) inspectImage(ctx context.Context, ref string) (*image, error) {
	found, err := e.api.ImageInspect(ctx, ref)
	if err != nil {
		return nil, err
	}
	i := &image{ref: ref, env: map[string]string{}}
	if found.Config == nil {
		return i, nil
	}
	for _, entry := range found.Config.Env {
		name, value, _ := strings.Cut(entry, "=")
		i.env[name] = value
	}
	for port := range found.Config.ExposedPorts {
		i.exposed = append(i.exposed, port)
	}
	i.entrypoint, i.command = found.Config.Entrypoint, found.Config.Cmd
	return i, nil
}

// pull asks once, with the login that the engine's command line has stored.
func (e *engine) pull(ctx context.Context, s *Spec) error {
	var opts client.ImagePullOptions
	if s.Platform != "" {
		p, err := platforms.Parse(s.Platform)
		if err != nil {
			return fmt.Errorf("read platform: %w", err)
		}
		opts.Platforms = append(opts.Platforms, p)
	}
	// Without a stored login, public images can be pulled all the same.
	if _, login, err := testcontainers.DockerImageAuth(ctx, s.Image); err == nil {
		encoded, err := authconfig.Encode(login)
		if err != nil {
			return fmt.Errorf("encode the registry's login: %w", err)
		}
		opts.RegistryAuth = encoded
	}
	pull, err := e.api.ImagePull(ctx, s.Image, opts)
	if err != nil {
		return err
	}
	defer pull.Close()
	return pull.Wait(ctx)
}

func imageError(s *Spec, err error) error {
	hint := "is the name right, and the registry reachable from the engine? docker pull " + s.Image + " must work"
	switch {
	case errdefs.IsNotFound(err) && s.Pull == "never":
		hint = "pull: never takes only what the engine has: docker image ls"
	case strings.Contains(err.Error(), "denied") || errdefs.IsUnauthorized(err):
		hint = "log in with docker login, if the image is not public"
	}
	return failure(target.NoImage, hint, "get image %s: %w", s.Image, err)
}

// argv is what the container will run, the image's where the scenario says
// nothing.
func (i *image) argv(s *Spec) []string {
	entrypoint, command := s.Entrypoint, s.Command
	if entrypoint == nil {
		entrypoint = i.entrypoint
		if command == nil {
			command = i.command
		}
	}
	return slices.Concat(entrypoint, command)
}
