package cli

import (
	"errors"

	"github.com/leakcheck/leakcheck/scenarios"
)

// cannotRun is the error of a scenario that compiles to no plan.
func cannotRun(file string, err error) error {
	if _, ok := errors.AsType[scenarios.Problems](err); ok {
		return err
	}
	return badUsage("", "%s: %w", file, err)
}

// loadScenario reads a scenario; a file that cannot be read is bad usage, like
// one that cannot be understood.
func loadScenario(file string) (*scenarios.Scenario, error) {
	s, err := scenarios.Load(file)
	if _, ok := errors.AsType[scenarios.Problems](err); ok || err == nil {
		return s, err
	}
	return nil, badUsage("leakcheck list names bundled scenarios to start from", "%w", err)
}
