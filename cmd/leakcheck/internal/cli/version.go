package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"
)

func newVersionCommand(io *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit and the Go release it was built with",
		Args:  wantArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := loadSettings(cmd.Flags())
			if err != nil {
				return err
			}
			return printVersion(io, readBuild(), s.json)
		},
	}
	addJSON(cmd.Flags(), "this")
	return cmd
}

func printVersion(io *streams, b build, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(io.out).Encode(b)
	}
	commit := b.Commit
	if commit == "" {
		commit = "unknown"
	}
	if b.Dirty {
		commit += " (with changes)"
	}
	_, err := fmt.Fprintf(io.out, "leakcheck %s\ncommit    %s\ngo        %s\n", b.Version, commit, b.Go)
	return err
}
