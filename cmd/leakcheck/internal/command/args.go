// Package command is what all commands share: streams, exit codes, errors with
// hints, signals, and checks of arguments.
package command

import (
	"strings"

	"github.com/spf13/cobra"
)

// NoSuchCommand is the root's check of its arguments: it takes none, so what
// stands there was meant as a command.
func NoSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "leakcheck --help lists the commands"
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return BadUsage(hint, "unknown command %q", args[0])
}

// FlagError makes a wrong flag an error of usage.
func FlagError(cmd *cobra.Command, err error) error {
	return BadUsage(cmd.CommandPath()+" --help lists the flags", "%w", err)
}

// WantArgs makes a failed check of arguments an error of usage.
func WantArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return BadUsage("usage: "+cmd.UseLine(), "%w", err)
		}
		return nil
	}
}

// CompleteScenarios offers YAML files.
func CompleteScenarios(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return []cobra.Completion{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
}
