// Package cli is the leakcheck command. The packages below it hold its
// subcommands, by group.
package cli

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/cli/comparecmd"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/cli/heapcmd"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/cli/historycmd"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/cli/machinecmd"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/cli/runcmd"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/cli/scenariocmd"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
)

// Main runs the command that the process was started as, and returns its exit
// code.
func Main() int {
	return execute(context.Background(), command.SystemStreams(), os.Args[1:])
}

// execute runs one command line against the given streams.
func execute(ctx context.Context, io *command.Streams, args []string) int {
	root := newRootCommand(io) //nolint:contextcheck // commands take the context of ExecuteContext
	root.SetArgs(args)
	root.SetOut(io.Script)
	root.SetErr(io.Err)
	err := root.ExecuteContext(ctx)
	command.PrintError(io.Err, err)
	return command.CodeOf(err)
}

// Command is the tree of commands, for what documents them.
func Command() *cobra.Command { return newRootCommand(command.SystemStreams()) }

func newRootCommand(io *command.Streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "leakcheck",
		Short: "Find memory leaks in Node.js servers, per endpoint, under load",
		Long: "leakcheck starts a Node.js server, sends requests to its endpoints in turn, and\n" +
			"measures how much memory a request leaves behind. Each endpoint has a budget in\n" +
			"MB per hour.",
		Example:       "  leakcheck run scenario.yaml\n  leakcheck list\n  leakcheck doctor",
		Args:          command.NoSuchCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2, // one typo, or two letters swapped
	}
	root.SetFlagErrorFunc(command.FlagError)
	root.AddCommand(
		scenariocmd.NewInit(io),
		runcmd.NewRun(io),
		runcmd.NewJudge(io),
		runcmd.NewReport(io),
		runcmd.NewMerge(io),
		scenariocmd.NewCI(io),
		scenariocmd.NewComment(io),
		comparecmd.NewCompare(io),
		comparecmd.NewBisect(io),
		historycmd.NewHistory(io),
		historycmd.NewShow(io),
		historycmd.NewImport(io),
		historycmd.NewBaseline(io),
		historycmd.NewExport(io),
		scenariocmd.NewValidate(io),
		scenariocmd.NewSchema(io),
		heapcmd.NewHeap(io),
		runcmd.NewExplain(io),
		runcmd.NewList(io),
		runcmd.NewDemo(io),
		machinecmd.NewDoctor(io),
		runcmd.NewSelftest(io),
		machinecmd.NewClean(io),
		machinecmd.NewVersion(io),
	)
	return root
}
