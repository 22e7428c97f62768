//go:build slim

package cli

import (
	"context"

	"github.com/spf13/cobra"
)

// Cleaners is empty: this build starts nothing but processes.
func Cleaners() []func(context.Context, string) error { return nil }

func containerCommands(*streams) []*cobra.Command { return nil }

func checkEngine(context.Context, settings) finding {
	return bad(statusNote, "install it without -tags slim", "this leakcheck was built without containers")
}
