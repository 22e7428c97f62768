package historycmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict/history"
)

// exportOptions are what the export command was asked for.
type exportOptions struct {
	io       *command.Streams
	settings settings.Settings
	format   string
	selection
}

// NewExport is the command export.
func NewExport(io *command.Streams) *cobra.Command {
	o := exportOptions{io: io}
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print the history for other tools",
		Long: "Print the runs that are remembered, oldest commit first, in a form that other\n" +
			"tools read:\n\n" + listExports(),
		Example: "  leakcheck export --scenario shop --format otava > shop.csv\n" +
			"  leakcheck export --scenario shop --format benchmark > benchmark.json",
		Args: command.WantArgs(cobra.NoArgs),
		RunE: settings.With(func(cmd *cobra.Command, s settings.Settings, _ []string) error {
			o.settings = s
			return export(cmd.Context(), o)
		}),
	}
	settings.AddFlags(cmd.Flags(), "history")
	cmd.Flags().StringVar(&o.format, "format", history.Exports()[0].Name, strings.Join(exportNames(), ", "))
	o.addFlags(cmd)
	return cmd
}

// export prints runs in one form.
func export(ctx context.Context, o exportOptions) error {
	forms := history.Exports()
	i := slices.Index(exportNames(), o.format)
	if i < 0 {
		return command.BadUsage("", "--format: %q is not one of %s", o.format, strings.Join(exportNames(), ", "))
	}
	groups, err := o.groups(ctx, o.settings)
	if err != nil {
		return err
	}
	o.sayLeftOut(groups)
	err = forms[i].Write(o.io.Out, groups, o.endpoint)
	if errors.Is(err, history.ErrNothing) {
		return command.BadUsage("--endpoint names one that was measured", "export: %w", err)
	}
	return err
}

// sayLeftOut tells of what a form of one group does not hold.
func (o *exportOptions) sayLeftOut(groups []history.Group) {
	last := len(groups) - 1
	if o.format == "otava" && last > 0 {
		fmt.Fprintf(o.io.Err, "note: only the runs of %s, %s: those of %s are not comparable\n",
			groups[last].Kind.Scenario, groups[last].Kind, unit.Plural(last, "other kind"))
	}
}

func exportNames() []string {
	var names []string
	for _, e := range history.Exports() {
		names = append(names, e.Name)
	}
	return names
}

func listExports() string {
	var b strings.Builder
	for _, e := range history.Exports() {
		fmt.Fprintf(&b, "  %-10s %s\n", e.Name, e.About)
	}
	return strings.TrimRight(b.String(), "\n")
}
