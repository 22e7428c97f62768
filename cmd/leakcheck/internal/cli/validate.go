package cli

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/harness"
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
		if err := validateFile(io, file); err != nil {
			printError(io.err, err)
			bad++
		}
	}
	if bad > 0 {
		return reported(exitUsage)
	}
	return nil
}

// validateFile reads the file and prepares the run without starting it. A
// variable of the environment that is not set is no problem here: the file may
// be meant for another machine.
func validateFile(io *streams, file string) error {
	s, err := loadScenario(file)
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
		return cannotRun(file, err)
	}
	tellNotes(io, file, plan)
	for _, name := range slices.Sorted(maps.Keys(unset)) {
		if unset[name] {
			fmt.Fprintf(io.err, "note: %s: environment variable %s is not set, and run needs it\n", file, name)
		}
	}
	fmt.Fprintf(io.out, "%s: ok (%s)\n", file, plural(len(s.Endpoints), "endpoint"))
	return nil
}
