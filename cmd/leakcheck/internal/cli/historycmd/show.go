package historycmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/archive"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/verdict/history"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// NewShow is the command show.
func NewShow(io *command.Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "show RUN",
		Short:   "Show a run of the history, by its id or the begin of it",
		Example: "  leakcheck show 20261121-150405-ab12cd",
		Args:    command.WantArgs(cobra.ExactArgs(1)),
		RunE: settings.With(func(cmd *cobra.Command, s settings.Settings, args []string) error {
			return show(cmd.Context(), io, s, args[0])
		}),
	}
	settings.AddFlags(cmd.Flags(), "color", "history")
	settings.AddJSON(cmd.Flags(), "the verdict as it was stored")
	return cmd
}

// show prints what is stored of a run, and where its recording is.
func show(ctx context.Context, io *command.Streams, s settings.Settings, id string) (err error) {
	h, err := archive.OpenHistory(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	r, err := archive.FindRun(ctx, h, id)
	if err != nil {
		return err
	}
	document, err := h.Document(ctx, r.ID)
	if s.JSON {
		if err != nil {
			return err
		}
		_, err = io.Out.Write(document)
		return err
	}
	if err := history.RunText(io.Out, &r, history.TextOptions{Color: s.UseColor(io.OutTTY)}); err != nil {
		return err
	}
	if err == nil && len(document) > 0 { // a run of an older release has none
		if err := report.StoredSuspects(io.Out, document); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(r.Dir, harness.RecordingFile)); err == nil {
		fmt.Fprintf(io.Out, "\n  Judge again: leakcheck judge %s\n", r.Dir)
	}
	return nil
}
