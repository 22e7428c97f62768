package scenariocmd

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/runner"
	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/scenarios"
)

// NewValidate is the command validate.
func NewValidate(io *command.Streams) *cobra.Command {
	return &cobra.Command{
		Use:               "validate FILE...",
		Short:             "Check scenario files without running them",
		Args:              command.WantArgs(cobra.MinimumNArgs(1)),
		ValidArgsFunction: command.CompleteScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			return validate(io, args)
		},
	}
}

// validate checks every file, and not only up to the first bad one.
func validate(io *command.Streams, patterns []string) error {
	files, err := command.FindScenarios(patterns)
	if err != nil {
		return err
	}
	bad := 0
	for _, file := range files {
		if err := validateFile(io, file); err != nil {
			command.PrintError(io.Err, err)
			bad++
		}
	}
	if bad > 0 {
		return command.Reported(command.ExitUsage)
	}
	return nil
}

// validateFile reads the file and prepares the run without starting it. A
// variable of the environment that is not set is no problem here: the file may
// be meant for another machine.
func validateFile(io *command.Streams, file string) error {
	s, err := runner.LoadScenario(file)
	if err != nil {
		return err
	}
	unset := map[string]bool{}
	plan, err := harness.Compile(s, harness.Options{LookupEnv: func(name string) (string, bool) {
		value, ok := os.LookupEnv(name)
		unset[name] = !ok
		return value, true
	}})
	if err != nil {
		return runner.CannotRun(file, err)
	}
	runner.TellNotes(io, file, plan)
	for _, e := range s.Endpoints {
		if p := scenarios.Placeholder(e.URLPath); p != "" {
			fmt.Fprintf(io.Err, "note: %s: %s sends %s as it stands: if it is a placeholder, write a template such as {{randInt 1 100}}\n", file, e.Name, p)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(unset)) {
		if unset[name] {
			fmt.Fprintf(io.Err, "note: %s: environment variable %s is not set, and run needs it\n", file, name)
		}
	}
	fmt.Fprintf(io.Out, "%s: ok (%s)\n", file, unit.Plural(len(s.Endpoints), "endpoint"))
	return nil
}
