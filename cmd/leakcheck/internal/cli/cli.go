// Package cli is the leakcheck command: one file for each subcommand, and what
// they share. It joins measuring, judging and reporting, and is the only place
// that knows of flags, terminals and exit codes.
package cli

import (
	"context"
	"os"

	"github.com/spf13/cobra"
)

// Main runs the command that the process was started as, and returns its exit
// code.
func Main() int {
	return execute(context.Background(), systemStreams(), os.Args[1:])
}

// execute runs one command line against the given streams.
func execute(ctx context.Context, io *streams, args []string) int {
	root := newRootCommand(io) //nolint:contextcheck // commands take the context of ExecuteContext
	root.SetArgs(args)
	root.SetOut(io.script)
	root.SetErr(io.err)
	err := root.ExecuteContext(ctx)
	printError(io.err, err)
	return codeOf(err)
}

// Command is the tree of commands, for what documents them.
func Command() *cobra.Command { return newRootCommand(systemStreams()) }

func newRootCommand(io *streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "leakcheck",
		Short: "Find memory leaks in Node.js servers, per endpoint, under load",
		Long: "leakcheck starts a Node.js server, loads its endpoints in turn, and judges for\n" +
			"each how much memory a request leaves behind against a budget in MB per hour.",
		Example:       "  leakcheck run scenario.yaml\n  leakcheck list\n  leakcheck doctor",
		Args:          noSuchCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2, // one typo, or two letters swapped
	}
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(
		newInitCommand(io),
		newRunCommand(io),
		newJudgeCommand(io),
		newReportCommand(io),
		newMergeCommand(io),
		newCICommand(io),
		newCompareCommand(io),
		newBisectCommand(io),
		newHistoryCommand(io),
		newShowCommand(io),
		newImportCommand(io),
		newBaselineCommand(io),
		newExportCommand(io),
		newValidateCommand(io),
		newSchemaCommand(io),
		newHeapCommand(io),
		newListCommand(io),
		newDemoCommand(io),
		newDoctorCommand(io),
		newSelftestCommand(io),
		newCleanCommand(io),
		newVersionCommand(io),
	)
	return root
}
