package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/harness/target/container"
)

func newCleanCommand(io *streams) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "Remove containers, networks, volumes and images that killed runs have left",
		Long: "Remove from the container engine what runs have made and not removed: they were\n" +
			"killed, and their watchdog too. Runs in progress are left alone.",
		Args: wantArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return clean(cmd.Context(), io, all) },
	}
	cmd.Flags().BoolVar(&all, "all", false, "remove what belongs to runs in progress too, and to runs of other machines")
	return cmd
}

func clean(ctx context.Context, io *streams, all bool) error {
	removed, err := container.Sweep(ctx, all)
	if removed.Total() > 0 || err == nil {
		fmt.Fprintf(io.out, "removed %s, %s, %s, %s\n", plural(removed.Containers, "container"),
			plural(removed.Networks, "network"), plural(removed.Volumes, "volume"), plural(removed.Images, "image"))
	}
	if e, ok := errors.AsType[*target.Error](err); ok {
		return badMachine(e.Hint, "%w", e.Err)
	}
	return err
}
