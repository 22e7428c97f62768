package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// noSuchCommand is the root's check of its arguments: it takes none, so what
// stands there was meant as a command.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "leakcheck --help lists the commands"
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return badUsage(hint, "unknown command %q", args[0])
}

func flagError(cmd *cobra.Command, err error) error {
	return badUsage(cmd.CommandPath()+" --help lists the flags", "%w", err)
}

// wantArgs makes a failed check of arguments an error of usage.
func wantArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return badUsage("usage: "+cmd.UseLine(), "%w", err)
		}
		return nil
	}
}
