package harness

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/loadgen/template"
	"github.com/leakcheck/leakcheck/scenarios"
)

// expansion holds the templates of the target's texts, and of its services', by
// their source.
type expansion struct {
	templates map[string]*template.Template
	services  map[string]string // host:port by name
}

// compileExpansion reads the variables that the target's texts name, by lookup.
// Each text with one that is missing is a problem.
func compileExpansion(s *scenarios.Scenario, lookup func(string) (string, bool)) (expansion, scenarios.Problems) {
	x := expansion{templates: map[string]*template.Template{}, services: map[string]string{}}
	for i := range s.Services {
		x.services[s.Services[i].Name] = fmt.Sprintf("%s:%d", s.Services[i].Name, s.Services[i].Port)
	}
	var problems scenarios.Problems
	add := func(path, text string) {
		if err := x.add(text, lookup); err != nil {
			problems = append(problems, s.Problem(path, path+": "+err.Error()))
		}
	}
	all := func(path string, texts []string) {
		for i, text := range texts {
			add(fmt.Sprintf("%s[%d]", path, i), text)
		}
	}
	named := func(path string, texts map[string]string) {
		for _, name := range slices.Sorted(maps.Keys(texts)) {
			add(path+"."+name, texts[name])
		}
	}
	image := func(path string, i *scenarios.ImageSpec) {
		all(path+".entrypoint", i.Entrypoint)
		all(path+".command", i.Command)
		if i.Build != nil {
			named(path+".build.args", i.Build.Args)
		}
	}
	all("target.command", s.Target.Command)
	named("target.env", s.Target.Env)
	if s.Target.Container != nil {
		image("target.container", &s.Target.Container.ImageSpec)
	}
	for i := range s.Services {
		svc, path := &s.Services[i], fmt.Sprintf("services[%d]", i)
		image(path, &svc.ImageSpec)
		named(path+".env", svc.Env)
		all(path+".ready.command", svc.Ready.Command)
	}
	return x, problems
}

func (x expansion) add(text string, lookup func(string) (string, bool)) error {
	t, err := template.ParseTarget(text)
	if err != nil {
		return err
	}
	for _, name := range t.Services() { // of a Compose file, which was not read before
		if address, known := x.services[name]; !known {
			return fmt.Errorf("no service is named %q", name)
		} else if strings.HasSuffix(address, ":0") {
			return fmt.Errorf("service %q has no port: add ports or expose to it", name)
		}
	}
	x.templates[text] = t
	return t.Bind(lookup)
}

// expand renders one of the texts for a target on port.
func (x expansion) expand(text string, port int) string {
	return string(x.templates[text].Append(nil, &template.Vars{Port: port, Services: x.services}))
}
