package machinecmd

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
)

// NewVersion is the command version.
func NewVersion(io *command.Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit and the Go release it was built with",
		Args:  command.WantArgs(cobra.NoArgs),
		RunE: settings.With(func(_ *cobra.Command, s settings.Settings, _ []string) error {
			return printVersion(io, command.ReadBuild(), s.JSON)
		}),
	}
	settings.AddJSON(cmd.Flags(), "this")
	return cmd
}

func printVersion(io *command.Streams, b command.Build, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(io.Out).Encode(b)
	}
	commit := b.Commit
	if commit == "" {
		commit = "unknown"
	}
	if b.Dirty {
		commit += " (with changes)"
	}
	_, err := fmt.Fprintf(io.Out, "leakcheck %s\ncommit    %s\ngo        %s\n", b.Version, commit, b.Go)
	return err
}
