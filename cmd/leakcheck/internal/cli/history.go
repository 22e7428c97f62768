package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/verdict/history"
)

// historyOptions are what the history command was asked for.
type historyOptions struct {
	io       *streams
	settings settings
	selection
}

func newHistoryCommand(io *streams) *cobra.Command {
	o := historyOptions{io: io}
	cmd := &cobra.Command{
		Use:   "history",
		Short: "Show leak rates over commits, and where they changed",
		Long: "Show each endpoint's leak rate over the runs that are remembered, oldest commit\n" +
			"first, with the commits at which it changed. Runs of another scenario content,\n" +
			"Node.js version or kind of machine are not comparable and are shown apart.",
		Example: "  leakcheck history --endpoint upload --since 90d\n  leakcheck history --history postgres://ci@db/leakcheck",
		Args:    wantArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.settings, err = loadSettings(cmd.Flags()); err != nil {
				return err
			}
			return showHistory(cmd.Context(), o)
		},
	}
	addSettings(cmd.Flags(), "color", "history")
	addJSON(cmd.Flags(), "the runs and changes")
	o.addFlags(cmd)
	return cmd
}

func showHistory(ctx context.Context, o historyOptions) error {
	groups, err := o.groups(ctx, o.settings)
	if err != nil {
		return err
	}
	if o.settings.json {
		return printJSON(o.io.out, historyDocument(groups, o.endpoint))
	}
	return history.Text(o.io.out, groups, history.TextOptions{Endpoint: o.endpoint, Color: o.settings.useColor(o.io.outTTY)})
}
