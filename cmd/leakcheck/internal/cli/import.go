package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/store"
)

func newImportCommand(io *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "import RUN-DIR...",
		Short:   "Add runs to the history, from their folders or recordings",
		Example: "  leakcheck import artifacts/*",
		Args:    wantArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadSettings(cmd.Flags())
			if err != nil {
				return err
			}
			return importRuns(cmd.Context(), io, s, args)
		},
	}
	addSettings(cmd.Flags(), "history")
	return cmd
}

// importRuns judges each recording again and adds it. One that cannot be read
// keeps none of the others out.
func importRuns(ctx context.Context, io *streams, s settings, names []string) (err error) {
	h, err := openHistory(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	bad := 0
	for _, name := range names {
		if err := importRun(ctx, io, h, name); err != nil {
			printError(io.err, err)
			bad++
		}
	}
	if bad > 0 {
		return reported(exitUsage)
	}
	return nil
}

func importRun(ctx context.Context, io *streams, h *store.Store, name string) error {
	doc, err := documentOf(name)
	if err != nil {
		return err
	}
	added, err := addDocument(ctx, h, doc)
	if err != nil {
		return err
	}
	done := "was there already"
	if added {
		done = "added"
	}
	_, err = fmt.Fprintf(io.out, "%s: %s %s\n", name, doc.Recording.Header.RunID, done)
	return err
}
