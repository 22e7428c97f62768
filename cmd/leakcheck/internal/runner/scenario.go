package runner

import (
	"errors"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/scenarios"
)

// CannotRun is the error of a scenario that compiles to no plan.
func CannotRun(file string, err error) error {
	if _, ok := errors.AsType[scenarios.Problems](err); ok {
		return err
	}
	return command.BadUsage("", "%s: %w", file, err)
}

// LoadScenario reads a scenario; a file that cannot be read is bad usage, like
// one that cannot be understood.
func LoadScenario(file string) (*scenarios.Scenario, error) {
	s, err := scenarios.Load(file)
	if _, ok := errors.AsType[scenarios.Problems](err); ok || err == nil {
		return s, err
	}
	return nil, command.BadUsage("leakcheck list names bundled scenarios to start from", "%w", err)
}
