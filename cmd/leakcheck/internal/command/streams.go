package command

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/leakcheck/leakcheck/sampler/recording/printable"
)

// Streams are where a command writes: results to Out, progress and errors to
// Err. Both write plain text, whatever they are given: what is not for people
// goes to Script (what a shell runs) and Screen (what is redrawn).
type Streams struct {
	Out, Err       io.Writer
	Script, Screen io.Writer
	OutTTY, ErrTTY bool
	// Size gives the terminal's columns and rows; 0 when unknown. It is asked
	// again for each redraw, so that a resized window is followed.
	Size func() (columns, rows int)
}

// SystemStreams are the process's own.
func SystemStreams() *Streams {
	out, err := int(os.Stdout.Fd()), int(os.Stderr.Fd())
	s := &Streams{
		Out: printable.NewWriter(os.Stdout), Err: printable.NewWriter(os.Stderr),
		Script: os.Stdout, Screen: os.Stderr,
		OutTTY: term.IsTerminal(out),
		ErrTTY: term.IsTerminal(err) && os.Getenv("TERM") != "dumb",
	}
	s.Size = func() (int, int) {
		for _, fd := range []int{err, out} {
			if columns, rows, err := term.GetSize(fd); err == nil {
				return columns, rows
			}
		}
		return 0, 0
	}
	return s
}
