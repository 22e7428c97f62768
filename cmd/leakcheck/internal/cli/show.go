package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/verdict/history"
)

func newShowCommand(io *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "show RUN",
		Short:   "Show a run of the history, by its id or the begin of it",
		Example: "  leakcheck show 20261121-150405-ab12cd",
		Args:    wantArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadSettings(cmd.Flags())
			if err != nil {
				return err
			}
			return show(cmd.Context(), io, s, args[0])
		},
	}
	addSettings(cmd.Flags(), "color", "history")
	addJSON(cmd.Flags(), "the verdict as it was stored")
	return cmd
}

// show prints what is stored of a run, and where its recording is.
func show(ctx context.Context, io *streams, s settings, id string) (err error) {
	h, err := openHistory(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	r, err := findRun(ctx, h, id)
	if err != nil {
		return err
	}
	if s.json {
		document, err := h.Document(ctx, r.ID)
		if err != nil {
			return err
		}
		_, err = io.out.Write(document)
		return err
	}
	if err := history.RunText(io.out, &r, history.TextOptions{Color: s.useColor(io.outTTY)}); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(r.Dir, harness.RecordingFile)); err == nil {
		fmt.Fprintf(io.out, "\n  Judge again: leakcheck judge %s\n", r.Dir)
	}
	return nil
}
