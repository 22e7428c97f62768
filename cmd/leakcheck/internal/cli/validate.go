package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/scenarios"
)

func newValidateCommand(io *streams) *cobra.Command {
	return &cobra.Command{
		Use:               "validate FILE...",
		Short:             "Check scenario files without running them",
		Args:              wantArgs(cobra.MinimumNArgs(1)),
		ValidArgsFunction: completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			return validate(io, args)
		},
	}
}

// validate checks every file, and not only up to the first bad one.
func validate(io *streams, files []string) error {
	bad := 0
	for _, file := range files {
		s, err := loadScenario(file)
		if err != nil {
			printError(io.err, err)
			bad++
			continue
		}
		fmt.Fprintf(io.out, "%s: ok (%s)\n", file, plural(len(s.Endpoints), "endpoint"))
	}
	if bad > 0 {
		return reported(exitUsage)
	}
	return nil
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

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
