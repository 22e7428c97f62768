package harness

import (
	"fmt"
	"maps"
	"slices"

	"github.com/leakcheck/leakcheck/loadgen/template"
	"github.com/leakcheck/leakcheck/scenarios"
)

// expansion holds the templates of the target's command and environment by
// their source.
type expansion map[string]*template.Template

// compileExpansion reads the variables that the target's texts name, by lookup.
// Each text with one that is missing is a problem.
func compileExpansion(s *scenarios.Scenario, lookup func(string) (string, bool)) (expansion, scenarios.Problems) {
	x := make(expansion)
	var problems scenarios.Problems
	add := func(path, text string) {
		if err := x.add(text, lookup); err != nil {
			problems = append(problems, s.Problem(path, path+": "+err.Error()))
		}
	}
	for i, arg := range s.Target.Command {
		add(fmt.Sprintf("target.command[%d]", i), arg)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Target.Env)) {
		add("target.env."+name, s.Target.Env[name])
	}
	return x, problems
}

func (x expansion) add(text string, lookup func(string) (string, bool)) error {
	t, err := template.ParseTarget(text)
	if err != nil {
		return err
	}
	x[text] = t
	return t.Bind(lookup)
}

// expand renders one of the texts for a target on port.
func (x expansion) expand(text string, port int) string {
	return string(x[text].Append(nil, &template.Vars{Port: port}))
}
