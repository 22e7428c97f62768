// Package historycmd has the commands for runs of the past: history, show, import,
// export and baseline.
package historycmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/verdict/history"
)

// historyOptions are what the history command was asked for.
type historyOptions struct {
	io       *command.Streams
	settings settings.Settings
	selection
}

// NewHistory is the command history.
func NewHistory(io *command.Streams) *cobra.Command {
	o := historyOptions{io: io}
	cmd := &cobra.Command{
		Use:   "history",
		Short: "Show leak rates over commits, and where they changed",
		Long: "Show each endpoint's leak rate over the runs that are remembered, oldest commit\n" +
			"first, with the commits at which it changed. Runs of another Node.js version or kind\n" +
			"of machine are not comparable and are shown apart. Runs that measured something else\n" +
			"of an endpoint are left out of its row.",
		Example: "  leakcheck history --endpoint upload --since 90d\n  leakcheck history --history postgres://ci@db/leakcheck",
		Args:    command.WantArgs(cobra.NoArgs),
		RunE: settings.With(func(cmd *cobra.Command, s settings.Settings, _ []string) error {
			o.settings = s
			return showHistory(cmd.Context(), o)
		}),
	}
	settings.AddFlags(cmd.Flags(), "all", "color", "history")
	settings.AddJSON(cmd.Flags(), "the runs and changes")
	o.addFlags(cmd)
	return cmd
}

func showHistory(ctx context.Context, o historyOptions) error {
	groups, err := o.groups(ctx, o.settings)
	if err != nil {
		return err
	}
	if o.settings.JSON {
		return command.PrintJSON(o.io.Out, historyDocument(groups, o.endpoint))
	}
	return history.Text(o.io.Out, groups, history.TextOptions{Endpoint: o.endpoint, Color: o.settings.UseColor(o.io.OutTTY), All: o.settings.All})
}
