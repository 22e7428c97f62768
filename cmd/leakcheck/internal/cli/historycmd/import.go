package historycmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/archive"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/store"
)

// NewImport is the command import.
func NewImport(io *command.Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "import RUN-DIR...",
		Short:   "Add runs to the history, from their folders or recordings",
		Example: "  leakcheck import artifacts/*",
		Args:    command.WantArgs(cobra.MinimumNArgs(1)),
		RunE: settings.With(func(cmd *cobra.Command, s settings.Settings, args []string) error {
			return importRuns(cmd.Context(), io, s, args)
		}),
	}
	settings.AddFlags(cmd.Flags(), "history")
	return cmd
}

// importRuns judges each recording again and adds it. One that cannot be read
// keeps none of the others out.
func importRuns(ctx context.Context, io *command.Streams, s settings.Settings, names []string) (err error) {
	h, err := archive.OpenHistory(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	bad := 0
	for _, name := range names {
		if err := importRun(ctx, io, h, name); err != nil {
			command.PrintError(io.Err, err)
			bad++
		}
	}
	if bad > 0 {
		return command.Reported(command.ExitUsage)
	}
	return nil
}

func importRun(ctx context.Context, io *command.Streams, h *store.Store, name string) error {
	doc, err := archive.DocumentOf(name)
	if err != nil {
		return err
	}
	added, err := archive.AddDocument(ctx, h, doc)
	if err != nil {
		return err
	}
	done := "was there already"
	if added {
		done = "added"
	}
	_, err = fmt.Fprintf(io.Out, "%s: %s %s\n", name, doc.Recording.Header.RunID, done)
	return err
}
