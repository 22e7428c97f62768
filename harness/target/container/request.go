package container

import (
	"bytes"
	"context"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	engineapi "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"

	"github.com/leakcheck/leakcheck/harness/target"
)

// appRequest asks for the app's container, with its port and the inspector's
// published.
func (c *Container) appRequest(o *Options, img *image) (*testcontainers.ContainerRequest, error) {
	spec := o.Spec
	spec.Entrypoint, spec.Command = o.expandAll(o.Entrypoint, c.port), o.expandAll(o.Command, c.port)
	env := map[string]string{"PORT": strconv.Itoa(c.port)}
	for name, text := range o.Env {
		env[name] = o.expand(text, c.port)
	}
	c.instrument(env, img)
	if err := refuseBreak(img.argv(&spec), env["NODE_OPTIONS"]); err != nil {
		return nil, err
	}
	r := c.request("target", &spec, img, env)
	r.ExposedPorts = []string{tcp(c.port), tcp(inspectorPort)}
	if o.Network != "" {
		r.Networks = append(r.Networks, o.Network)
	}
	r.HostConfigModifier = func(h *engineapi.HostConfig) {
		c.apply(&spec, h)
		h.Mounts = append(h.Mounts, preloadVolume(c.run))
		h.PortBindings = c.bindings(c.port, inspectorPort)
	}
	return r, nil
}

// request asks for a container on the run's network.
func (c *Container) request(name string, s *Spec, img *image, env map[string]string) *testcontainers.ContainerRequest {
	return &testcontainers.ContainerRequest{
		Image: img.ref, ImagePlatform: s.Platform,
		Name:       "leakcheck-" + c.run[runLabel] + "-" + name,
		Entrypoint: s.Entrypoint, Cmd: s.Command, Env: env,
		Labels:             maps.Clone(map[string]string(c.run)), // more are added to it
		Networks:           []string{c.network},
		NetworkAliases:     map[string][]string{c.network: append([]string{name}, s.Aliases...)},
		ConfigModifier:     func(cfg *engineapi.Config) { cfg.User, cfg.WorkingDir = s.User, s.WorkingDir },
		HostConfigModifier: func(h *engineapi.HostConfig) { c.apply(s, h) },
		Files:              files(s.Mounts),
	}
}

// files are those that are written into the container before it starts.
func files(mounts []Mount) []testcontainers.ContainerFile {
	var all []testcontainers.ContainerFile
	for _, m := range mounts {
		if m.Source == "" {
			all = append(all, testcontainers.ContainerFile{Reader: bytes.NewReader(m.Content), ContainerFilePath: m.Target, FileMode: 0o444})
		}
	}
	return all
}

// apply sets everything of s that concerns the machine. Swap would hide that
// the limit was reached.
func (c *Container) apply(s *Spec, h *engineapi.HostConfig) {
	h.Memory, h.MemorySwap = int64(s.Memory), int64(s.Memory)
	h.NanoCPUs = int64(s.CPUs * 1e9)
	h.ReadonlyRootfs, h.ExtraHosts, h.ShmSize = s.ReadOnly, s.ExtraHosts, int64(s.ShmSize)
	if s.Init {
		h.Init = &s.Init
	}
	for _, folder := range s.Tmpfs {
		h.Mounts = append(h.Mounts, mount.Mount{Type: mount.TypeTmpfs, Target: folder})
	}
	for _, m := range s.Mounts {
		if m.Source == "" {
			continue // one of files
		}
		h.Mounts = append(h.Mounts, mount.Mount{Type: mount.TypeBind, Source: m.Source, Target: m.Target, ReadOnly: m.ReadOnly})
	}
	for _, v := range s.Volumes {
		h.Mounts = append(h.Mounts, mount.Mount{
			Type: mount.TypeVolume, Source: "leakcheck-" + c.run[runLabel] + "-" + v.Name, Target: v.Target,
			VolumeOptions: &mount.VolumeOptions{Labels: c.run},
		})
	}
}

// bindings publish ports on free ones: of this machine's loopback address, or,
// as nothing else can be reached, on all addresses of an engine elsewhere.
func (c *Container) bindings(ports ...int) network.PortMap {
	bound := network.PortMap{}
	at := loopback
	switch address := c.engine.about.Address; {
	case c.engine.about.Remote() && address.Is4():
		at = netip.IPv4Unspecified()
	case c.engine.about.Remote():
		at = netip.IPv6Unspecified()
	}
	for _, port := range ports {
		bound[network.MustParsePort(tcp(port))] = []network.PortBinding{{HostIP: at}}
	}
	return bound
}

var loopback = netip.MustParseAddr("127.0.0.1")

func tcp(port int) string { return strconv.Itoa(port) + "/tcp" }

// create makes a container, which is not started yet.
func (c *Container) create(ctx context.Context, name string, s *Spec, r *testcontainers.ContainerRequest) (*instance, error) {
	for _, n := range r.Networks[1:] {
		if _, err := c.engine.api.NetworkInspect(ctx, n, client.NetworkInspectOptions{}); err != nil {
			return nil, failure(target.BadCommand, "docker network ls names those that there are", "find network %s: %w", n, err)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	whole, cancel := inWhole(ctx)
	defer cancel()
	made, err := c.engine.provider.CreateContainer(whole, *r)
	if err != nil {
		return nil, failure(target.BadCommand, "the engine's own message says which key of the scenario it refuses", "make container %s: %w", name, err)
	}
	i := &instance{engine: c.engine, name: name, id: made.GetContainerID(), limit: s.Memory}
	c.all = append(c.all, i)
	return i, nil
}

// refuseBreak refuses flags under which the app waits for a debugger.
func refuseBreak(argv []string, nodeOptions string) error {
	words := strings.Fields(strings.Join(append(slices.Clone(argv), nodeOptions), " "))
	for _, word := range words {
		if strings.HasPrefix(word, "--inspect-brk") || strings.HasPrefix(word, "--inspect-wait") {
			return failure(target.BadCommand, "override the image's command or NODE_OPTIONS: leakcheck opens the inspector by itself",
				"with %s the app waits for a debugger and never starts", word)
		}
	}
	return nil
}
