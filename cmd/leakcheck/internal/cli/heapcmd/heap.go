// Package heapcmd has the commands that look into heap snapshots.
package heapcmd

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/sampler/heapsnap"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// stdin is the name of the standard input as a file.
const stdin = "-"

func NewHeap(io *command.Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "heap",
		Short: "Look into heap snapshots: what is there, what grew, what holds it",
		Long: "heap analyses heap snapshots of Node.js and Chrome, from DevTools, from\n" +
			"v8.writeHeapSnapshot() or --heapsnapshot-near-heap-limit, compressed by gzip or\n" +
			"not. A file named - is the standard input.",
		Args: command.NoSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		SuggestionsMinimumDistance: 2,
	}
	cmd.AddCommand(newHeapSummaryCommand(io), newHeapDiffCommand(io), newHeapRetainersCommand(io))
	return cmd
}

// printed is what a heap command finds: a document, and its text.
type printed interface {
	print(io *command.Streams) error
}

// finds is the run function of a heap command. It prints what was found in
// snapshots as text, or as JSON.
func finds(io *command.Streams, find func(cmd *cobra.Command, args []string, asJSON bool) (printed, error)) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		s, err := settings.Load(cmd.Flags())
		if err != nil {
			return err
		}
		found, err := find(cmd, args, s.JSON)
		if err != nil {
			return err
		}
		if s.JSON {
			return command.PrintJSON(io.Out, found)
		}
		return found.print(io)
	}
}

// openSnapshot reads a snapshot from a file, or from the standard input.
func openSnapshot(in io.Reader, path string) (*heapsnap.Snapshot, error) {
	var s *heapsnap.Snapshot
	var err error
	if path == stdin {
		s, err = heapsnap.Read(in)
	} else {
		s, err = heapsnap.Open(path)
	}
	hint := ""
	if _, broken := errors.AsType[*heapsnap.FormatError](err); broken {
		hint = "a heap snapshot is the .heapsnapshot file that DevTools or v8.writeHeapSnapshot() saves, whole"
	}
	if errors.Is(err, heapsnap.ErrTruncated) {
		hint = "write it again: the process ended, or the disk was full, before it was complete"
	}
	if err != nil {
		return nil, command.BadUsage(hint, "%w", err)
	}
	return s, nil
}

// completeSnapshots offers the files that may be one.
func completeSnapshots(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return []cobra.Completion{"heapsnapshot", "gz"}, cobra.ShellCompDirectiveFilterFileExt
}

// size prints an amount of memory.
func size(b heapsnap.Bytes) string { return unit.Bytes(b).String() }

// signedSize prints a change of memory.
func signedSize(b heapsnap.Bytes) string {
	if b > 0 {
		return "+" + size(b)
	}
	return size(b)
}

// evenly picks at most n of all, spread over them.
func evenly[T any](all []T, n int) []T {
	if len(all) <= n {
		return all
	}
	picked := make([]T, n)
	for i := range picked {
		picked[i] = all[i*len(all)/n]
	}
	return picked
}

// shorten cuts a name to some characters, for a table.
func shorten(name string, most int) string {
	runes := []rune(name)
	if len(runes) <= most {
		return name
	}
	return string(runes[:most-1]) + "…"
}
