package cli

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/leakcheck/leakcheck/sampler/recording/printable"
)

// streams are where a command writes: results to out, progress and errors to
// err. Both write plain text, whatever they are given: what is not for people
// goes to script (what a shell runs) and screen (what is redrawn).
type streams struct {
	out, err       io.Writer
	script, screen io.Writer
	outTTY, errTTY bool
	// size gives the terminal's columns and rows; 0 when unknown. It is asked
	// again for each redraw, so that a resized window is followed.
	size func() (columns, rows int)
}

func systemStreams() *streams {
	out, err := int(os.Stdout.Fd()), int(os.Stderr.Fd())
	s := &streams{
		out: printable.NewWriter(os.Stdout), err: printable.NewWriter(os.Stderr),
		script: os.Stdout, screen: os.Stderr,
		outTTY: term.IsTerminal(out),
		errTTY: term.IsTerminal(err) && os.Getenv("TERM") != "dumb",
	}
	s.size = func() (int, int) {
		for _, fd := range []int{err, out} {
			if columns, rows, err := term.GetSize(fd); err == nil {
				return columns, rows
			}
		}
		return 0, 0
	}
	return s
}
