package machinecmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/harness/target/container"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// NewClean is the command clean.
func NewClean(io *command.Streams) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "Remove the containers, networks, volumes and images of killed runs",
		Long: "Remove what killed runs have left in the container engine, if their watchdog was\n" +
			"killed too. Runs in progress are left alone.",
		Args: command.WantArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return clean(cmd.Context(), io, all) },
	}
	cmd.Flags().BoolVar(&all, "all", false, "remove what belongs to runs in progress too, and to runs of other machines")
	return cmd
}

func clean(ctx context.Context, io *command.Streams, all bool) error {
	removed, err := container.Sweep(ctx, all)
	if removed.Total() > 0 || err == nil {
		fmt.Fprintf(io.Out, "removed %s, %s, %s, %s\n", unit.Plural(removed.Containers, "container"),
			unit.Plural(removed.Networks, "network"), unit.Plural(removed.Volumes, "volume"), unit.Plural(removed.Images, "image"))
	}
	if e, ok := errors.AsType[*target.Error](err); ok {
		return command.BadMachine(e.Hint, "%w", e.Err)
	}
	return err
}
