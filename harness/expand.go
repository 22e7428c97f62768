package harness

import (
	"errors"
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
// All that are missing are named in one error.
func compileExpansion(t *scenarios.Target, lookup func(string) (string, bool)) (expansion, error) {
	x := make(expansion)
	var errs []error
	for i, arg := range t.Command {
		errs = append(errs, x.add(fmt.Sprintf("target.command[%d]", i), arg, lookup))
	}
	for _, name := range slices.Sorted(maps.Keys(t.Env)) {
		errs = append(errs, x.add("target.env."+name, t.Env[name], lookup))
	}
	return x, errors.Join(errs...)
}

func (x expansion) add(where, text string, lookup func(string) (string, bool)) error {
	t, err := template.ParseTarget(text)
	if err == nil {
		err = t.Bind(lookup)
	}
	if err != nil {
		return fmt.Errorf("compile %s: %w", where, err)
	}
	x[text] = t
	return nil
}

// expand renders one of the texts for a target on port.
func (x expansion) expand(text string, port int) string {
	return string(x[text].Append(nil, &template.Vars{Port: port}))
}
