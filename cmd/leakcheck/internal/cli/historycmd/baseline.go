package historycmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/archive"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/outfile"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
)

// baselineFile is where baseline update writes.
const baselineFile = "leakcheck-baseline.json"

// NewBaseline is the command baseline.
func NewBaseline(io *command.Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "baseline",
		Short: "Accept today's leaks, so that a run fails only when one gets worse",
		Args:  command.NoSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newBaselineUpdateCommand(io))
	return cmd
}

func newBaselineUpdateCommand(io *command.Streams) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "update [RUN|RUN-DIR|RECORDING]...",
		Short: "Write a baseline file of runs, to be committed",
		Long: "Write runs into a baseline file: the named ones, or the latest run of each scenario\n" +
			"in the history. Other scenarios of the file stay. With leakcheck run --baseline\n" +
			"FILE, an endpoint over its budget passes if it leaks no more than in that file.",
		Example: "  leakcheck baseline update\n  leakcheck run scenario.yaml --baseline leakcheck-baseline.json",
		Args:    command.WantArgs(cobra.ArbitraryArgs),
		RunE: settings.With(func(cmd *cobra.Command, s settings.Settings, args []string) error {
			return updateBaseline(cmd.Context(), io, s, path, args)
		}),
	}
	settings.AddFlags(cmd.Flags(), "history")
	cmd.Flags().StringVarP(&path, "output", "o", baselineFile, "file to write, - for standard output")
	return cmd
}

func updateBaseline(ctx context.Context, io *command.Streams, s settings.Settings, path string, names []string) error {
	b, err := archive.OpenBaseline(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	runs, err := archive.BaselineRuns(ctx, s, names)
	if err != nil {
		return err
	}
	for _, r := range runs {
		if len(r.Endpoints) == 0 {
			return command.BadUsage("name a run that was judged", "run %s of %s measured nothing", r.ID, r.Scenario)
		}
		b = b.With(r)
	}
	if err := outfile.Write(path, io.Out, b.Write); err != nil {
		return command.BadMachine("", "write baseline: %w", err)
	}
	if path == "-" {
		return nil
	}
	for _, r := range b.Runs {
		fmt.Fprintf(io.Out, "%s: %s, commit %s, %s\n", r.Scenario, r.ID, r.ShortCommit(), r.Outcome)
	}
	_, err = fmt.Fprintf(io.Out, "Written: %s\n", path)
	return err
}
