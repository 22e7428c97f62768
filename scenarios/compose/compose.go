// Package compose turns the services of a Compose file into those of a
// scenario. What a key asks for is done, or is of no matter to a measurement,
// or is told as left out; all else is refused with its place in the file, so
// that nothing is measured that the file does not describe.
//
// It is the only package that imports compose-go.
package compose

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/leakcheck/leakcheck/scenarios"
)

// Resolve returns a copy of the scenario with the services of its Compose file
// in the order to start them, and its target completed by the service that it
// names; a scenario without one as it is. Variables are taken from the
// environment and the .env file beside the Compose file. Notes are what the
// user should know. The error is scenarios.Problems.
func Resolve(s *scenarios.Scenario) (resolved *scenarios.Scenario, notes []string, err error) {
	if s.Compose == "" {
		return s, nil, nil
	}
	r := &resolver{file: newFile(s)}
	out := *s
	r.resolve(&out)
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b scenarios.Problem) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
		})
		return nil, nil, r.problems
	}
	return &out, r.notes, nil
}

// resolver collects what is wrong with a file, and what is to be told of it.
type resolver struct {
	*file
	project  *types.Project
	problems scenarios.Problems
	notes    []string
}

func (r *resolver) resolve(s *scenarios.Scenario) {
	project, notes, err := r.load()
	if err != nil {
		r.problems = append(r.problems, r.problemOf(err))
		return
	}
	r.project, r.notes = project, notes
	target := ""
	if s.Target.Container != nil {
		target = s.Target.Container.Service
	}
	if target != "" && !r.choose(s, target) {
		return
	}
	for _, name := range r.order() {
		r.keys(name)
		if name == target {
			r.target(s, name)
			continue
		}
		s.Services = append(s.Services, r.service(name))
	}
}

// choose leaves the target and what it depends on, as docker compose up with
// its name does.
func (r *resolver) choose(s *scenarios.Scenario, target string) bool {
	known := slices.Sorted(maps.Keys(r.project.AllServices()))
	if !slices.Contains(known, target) {
		p := s.Problem("target.container.service", "service: "+r.name+" has no service "+strconv.Quote(target))
		p.Hint = "it has " + strings.Join(known, ", ")
		r.problems = append(r.problems, p)
		return false
	}
	project, err := r.project.WithServicesEnabled(target)
	if err == nil {
		project, err = project.WithSelectedServices([]string{target})
	}
	if err != nil {
		r.problems = append(r.problems, r.problemOf(err))
		return false
	}
	r.project = project
	return true
}

// order lists the services after those that they depend on. The loader has
// refused circles.
func (r *resolver) order() []string {
	var sorted []string
	var visit func(name string)
	visit = func(name string) {
		service, enabled := r.project.Services[name]
		if !enabled || slices.Contains(sorted, name) {
			return
		}
		for _, dependency := range slices.Sorted(maps.Keys(service.DependsOn)) {
			visit(dependency)
		}
		sorted = append(sorted, name)
	}
	for _, name := range slices.Sorted(maps.Keys(r.project.Services)) {
		visit(name)
	}
	return sorted
}

// target completes the scenario's target: what the scenario gives itself comes
// before what the file has, and lists and variables are added to its own.
func (r *resolver) target(s *scenarios.Scenario, name string) {
	c := r.project.Services[name]
	container := *s.Target.Container
	container.ImageSpec = over(r.image(name, &c), container.ImageSpec)
	container.Aliases = append(container.Aliases, name)
	s.Target.Container = &container
	env := environment(c.Environment)
	maps.Copy(env, s.Target.Env)
	s.Target.Env = env
	if s.Target.Port == 0 {
		s.Target.Port = portOf(&c)
	}
}

// over is the image of the file, with what the scenario gives in its place.
func over(file, own scenarios.ImageSpec) scenarios.ImageSpec {
	switch {
	case own.Entrypoint != nil:
		file.Entrypoint, file.Command = own.Entrypoint, own.Command
	case own.Command != nil:
		file.Command = own.Command
	}
	replace(&file.User, own.User)
	replace(&file.Memory, own.Memory)
	replace(&file.CPUs, own.CPUs)
	replace(&file.ShmSize, own.ShmSize)
	replace(&file.WorkingDir, own.WorkingDir)
	replace(&file.Platform, own.Platform)
	replace(&file.Pull, own.Pull)
	file.ReadOnly, file.Init = file.ReadOnly || own.ReadOnly, file.Init || own.Init
	file.Tmpfs = append(file.Tmpfs, own.Tmpfs...)
	file.Mounts = append(file.Mounts, own.Mounts...)
	file.Volumes = append(file.Volumes, own.Volumes...)
	file.ExtraHosts = append(file.ExtraHosts, own.ExtraHosts...)
	file.Aliases = append(file.Aliases, own.Aliases...)
	return file
}

func replace[T comparable](v *T, own T) {
	var none T
	if own != none {
		*v = own
	}
}
