// Package heapcmd has the commands that look into heap snapshots.
package heapcmd

import (
	"errors"
	"io"

	"github.com/prometheus/procfs"
	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/sampler/heapsnap"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// maxMemory is the flag that bounds what a snapshot may take.
const maxMemory = "max-memory"

// stdin is the name of the standard input as a file.
const stdin = "-"

// NewHeap is the command heap.
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
	cmd.PersistentFlags().String(maxMemory, "", "largest amount that reading a snapshot may take, such as 4GB; default: what is free")
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
	return settings.With(func(cmd *cobra.Command, s settings.Settings, args []string) error {
		found, err := find(cmd, args, s.JSON)
		if err != nil {
			return err
		}
		if s.JSON {
			return command.PrintJSON(io.Out, found)
		}
		return found.print(io)
	})
}

// opener reads the snapshots of one command.
type opener struct {
	in     io.Reader
	memory heapsnap.Bytes // that one may take, 0 for any amount
}

func newOpener(cmd *cobra.Command) (opener, error) {
	o := opener{in: cmd.InOrStdin(), memory: freeMemory()}
	text := cmd.Flag(maxMemory).Value.String()
	if text == "" {
		return o, nil
	}
	most, err := unit.ParseBytes(text)
	if err != nil || most <= 0 {
		return o, command.BadUsage("such as 4GB", "--%s: %q is no amount of memory", maxMemory, text)
	}
	o.memory = heapsnap.Bytes(most)
	return o, nil
}

// freeMemory is what this machine has left, 0 where it does not say so.
func freeMemory() heapsnap.Bytes {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return 0
	}
	m, err := fs.Meminfo()
	if err != nil || m.MemAvailableBytes == nil {
		return 0
	}
	return heapsnap.Bytes(*m.MemAvailableBytes)
}

// open reads a snapshot from a file, or from the standard input.
func (o opener) open(path string) (*heapsnap.Snapshot, error) {
	var s *heapsnap.Snapshot
	var err error
	if path == stdin {
		s, err = heapsnap.ReadWithin(o.in, o.memory)
	} else {
		s, err = heapsnap.OpenWithin(path, o.memory)
	}
	hint := ""
	if _, broken := errors.AsType[*heapsnap.FormatError](err); broken {
		hint = "a heap snapshot is the .heapsnapshot file that DevTools or v8.writeHeapSnapshot() saves, whole"
	}
	if errors.Is(err, heapsnap.ErrTruncated) {
		hint = "write it again: the process ended, or the disk was full, before it was complete"
	}
	if errors.Is(err, heapsnap.ErrTooLarge) {
		hint = "--" + maxMemory + " allows more"
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

// shorten cuts a name to some characters, for a table.
func shorten(name string, most int) string {
	runes := []rune(name)
	if len(runes) <= most {
		return name
	}
	return string(runes[:most-1]) + "…"
}
