package compose

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/scenarios"
)

// image is what a service's container is made of.
func (r *resolver) image(name string, c *types.ServiceConfig) scenarios.ImageSpec {
	spec := scenarios.ImageSpec{
		Image: c.Image, Entrypoint: escapeAll(c.Entrypoint), Command: escapeAll(c.Command),
		User: c.User, ReadOnly: c.ReadOnly, WorkingDir: c.WorkingDir, Init: c.Init != nil && *c.Init,
		Memory: unit.Bytes(c.MemLimit), CPUs: float64(c.CPUS), ShmSize: unit.Bytes(c.ShmSize),
		ExtraHosts: hosts(c.ExtraHosts), Platform: c.Platform, Pull: pull(c.PullPolicy), Aliases: aliases(c),
	}
	if c.Build != nil {
		spec.Image, spec.Build = "", r.build(name, c.Build)
	}
	if c.Deploy != nil {
		if limits := c.Deploy.Resources.Limits; limits != nil {
			spec.Memory, spec.CPUs = max(spec.Memory, unit.Bytes(limits.MemoryBytes)), max(spec.CPUs, float64(limits.NanoCPUs))
		}
	}
	switch {
	case c.GetScale() <= 1:
	case c.Scale != nil:
		r.meet([]string{"services", name, "scale"}, told)
	default:
		r.meet([]string{"services", name, "deploy", "replicas"}, told)
	}
	for _, folder := range c.Tmpfs {
		folder, _, _ = strings.Cut(folder, ":") // size and mode
		spec.Tmpfs = append(spec.Tmpfs, folder)
	}
	for i, v := range c.Volumes {
		r.volume([]string{"services", name, "volumes", strconv.Itoa(i)}, v, &spec)
	}
	r.files(name, c, &spec)
	return spec
}

func pull(policy string) string {
	switch policy {
	case types.PullPolicyAlways, types.PullPolicyNever:
		return policy
	}
	return ""
}

// aliases are the names by which other containers may reach this one, besides
// its service's.
func aliases(c *types.ServiceConfig) []string {
	var names []string
	if c.ContainerName != "" {
		names = append(names, c.ContainerName)
	}
	for _, network := range slices.Sorted(maps.Keys(c.Networks)) {
		if n := c.Networks[network]; n != nil {
			names = append(names, n.Aliases...)
		}
	}
	return names
}

func (r *resolver) build(name string, b *types.BuildConfig) *scenarios.Build {
	path := []string{"services", name, "build"}
	if info, err := os.Stat(b.Context); err != nil || !info.IsDir() {
		r.refuse(append(path, "context"), "it is relative to the Compose file", "build.context: %s is not a folder", strconv.Quote(b.Context))
	}
	dockerfile := b.Dockerfile
	if filepath.IsAbs(dockerfile) {
		if rel, err := filepath.Rel(b.Context, dockerfile); err == nil {
			dockerfile = rel
		}
	}
	if !filepath.IsLocal(dockerfile) {
		r.refuse(append(path, "dockerfile"), "move it there", "build.dockerfile: %s is not in the context", strconv.Quote(b.Dockerfile))
	}
	out := &scenarios.Build{Context: b.Context, Dockerfile: dockerfile, Target: b.Target, Args: environment(b.Args)}
	if len(out.Args) == 0 {
		out.Args = nil
	}
	return out
}

// volume adds one of a service's volumes. Those with a name are the run's own:
// empty at its start, and removed at its end.
func (r *resolver) volume(at []string, v types.ServiceVolumeConfig, spec *scenarios.ImageSpec) {
	switch v.Type {
	case types.VolumeTypeBind:
		if _, err := os.Stat(v.Source); err != nil {
			r.refuse(at, "it is relative to the Compose file", "volumes: %s does not exist", strconv.Quote(v.Source))
		}
		spec.Mounts = append(spec.Mounts, scenarios.Mount{Source: v.Source, Target: v.Target, ReadOnly: v.ReadOnly})
	case types.VolumeTypeTmpfs:
		spec.Tmpfs = append(spec.Tmpfs, v.Target)
	case types.VolumeTypeVolume:
		name := v.Source
		if name == "" { // of this container alone
			name = strings.Join(at[1:], "-")
		}
		if known := r.project.Volumes[v.Source]; known.External || known.Driver != "" && known.Driver != "local" || len(known.DriverOpts) > 0 {
			r.refuse(at, "a run begins with empty volumes of its own; mount a folder instead", "volumes: %s is external, or has a driver", strconv.Quote(v.Source))
		}
		spec.Volumes = append(spec.Volumes, scenarios.Volume{Name: name, Target: v.Target})
	default:
		r.refuse(at, "", "volumes: type %s is not supported", v.Type)
	}
}

// files mounts secrets and configs where Compose does.
func (r *resolver) files(name string, c *types.ServiceConfig, spec *scenarios.ImageSpec) {
	for _, s := range c.Secrets {
		r.mount(name, "secrets", types.FileReferenceConfig(s), types.FileObjectConfig(r.project.Secrets[s.Source]), "/run/secrets", spec)
	}
	for _, s := range c.Configs {
		r.mount(name, "configs", types.FileReferenceConfig(s), types.FileObjectConfig(r.project.Configs[s.Source]), "/", spec)
	}
}

func (r *resolver) mount(name, key string, ref types.FileReferenceConfig, from types.FileObjectConfig, folder string, spec *scenarios.ImageSpec) {
	mount := scenarios.Mount{Source: from.File, ReadOnly: true}
	if from.File == "" {
		mount.Content = []byte(from.Content)
	}
	at := []string{key, ref.Source}
	if _, err := os.Stat(from.File); from.File != "" && err != nil {
		r.refuse(at, "file: must name one that is there", "%s: %s of service %s is no file", key, strconv.Quote(ref.Source), name)
		return
	}
	if from.File == "" && from.Content == "" {
		if from.Environment != "" {
			r.refuse(at, "set it in leakcheck's environment, or in the .env file beside the Compose file", "%s: %s of service %s is read from %s, which is not set", key, strconv.Quote(ref.Source), name, from.Environment)
			return
		}
		r.refuse(at, "give it a file:, an environment: or a content:", "%s: %s of service %s has no content here", key, strconv.Quote(ref.Source), name)
		return
	}
	target := ref.Target
	if target == "" {
		target = ref.Source
	}
	if !path.IsAbs(target) {
		target = path.Join(folder, target)
	}
	mount.Target = target
	spec.Mounts = append(spec.Mounts, mount)
}
