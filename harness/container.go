package harness

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/harness/target/container"
	"github.com/leakcheck/leakcheck/scenarios"
)

// compileContainer makes the target a container, with its services.
func compileContainer(s *scenarios.Scenario, o Options, texts expansion, ready target.Ready) (starter, error) {
	options := container.Options{
		Spec:    specOf(&s.Target.Container.ImageSpec),
		Network: s.Target.Container.Network,
		Env:     s.Target.Env,
		Port:    s.Target.Port,
		Ready:   ready,
		Expand:  texts.expand,
		LogPath: filepath.Join(o.Dir, LogFile),
		RunID:   o.RunID,

		KeepInspector: s.Target.Inspect == scenarios.InspectKeep,
	}
	for i := range s.Services {
		svc := &s.Services[i]
		log, err := compilePattern(svc.Ready.Log)
		if err != nil {
			return nil, fmt.Errorf("compile services[%d].ready.log: %w", i, err)
		}
		options.Services = append(options.Services, container.Service{
			Name: svc.Name, Spec: specOf(&svc.ImageSpec), Env: svc.Env, Port: svc.Port,
			Ready: container.ServiceReady{Log: log, Command: svc.Ready.Command, Completed: svc.Ready.Completed, Timeout: svc.Ready.Timeout},
		})
	}
	return func(ctx context.Context, say func(string)) (target.Target, error) {
		options := options
		options.Say = say
		c, err := container.Start(ctx, options)
		if err != nil {
			return nil, err // not a Target that holds a nil
		}
		return c, nil
	}, nil
}

func specOf(i *scenarios.ImageSpec) container.Spec {
	spec := container.Spec{
		Image: i.Image, Entrypoint: i.Entrypoint, Command: i.Command, User: i.User,
		Memory: i.Memory, CPUs: i.CPUs, ReadOnly: i.ReadOnly, Tmpfs: i.Tmpfs,
		ExtraHosts: i.ExtraHosts, Platform: i.Platform, Pull: i.Pull,
		ShmSize: i.ShmSize, WorkingDir: i.WorkingDir, Init: i.Init, Aliases: i.Aliases,
	}
	if i.Build != nil {
		build := container.Build(*i.Build)
		spec.Build = &build
	}
	for _, m := range i.Mounts {
		spec.Mounts = append(spec.Mounts, container.Mount(m))
	}
	for _, v := range i.Volumes {
		spec.Volumes = append(spec.Volumes, container.Volume(v))
	}
	return spec
}
