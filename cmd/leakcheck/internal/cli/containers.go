//go:build !slim

package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/harness/target/container"
)

// Cleaners remove what a run has made beside processes, for watchdog.Main. A
// build with the tag slim has none.
func Cleaners() []func(context.Context, string) error {
	return []func(context.Context, string) error{container.RemoveOrphans}
}

// containerCommands are those that a build without containers does not have.
func containerCommands(io *streams) []*cobra.Command { return []*cobra.Command{newCleanCommand(io)} }

// checkEngine notes where there is none: only targets in containers need one.
func checkEngine(ctx context.Context, _ settings) finding {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	about, err := container.Ask(ctx)
	if e, ok := errors.AsType[*target.Error](err); ok {
		return bad(statusNote, e.Hint+" (only targets in containers need it)", "%v", e.Err)
	}
	if err != nil {
		return bad(statusNote, "", "%v", err)
	}
	return ok("%s", about)
}
