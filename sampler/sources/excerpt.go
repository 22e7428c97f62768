package sources

import (
	"strings"

	"github.com/leakcheck/leakcheck/sampler/evidence"
)

const (
	// neighbours is how many lines before and after a line are shown with it.
	neighbours = 2
	// longestLine bounds a line that is shown: what is minified is none.
	longestLine = 160
)

// Excerpt is the line of a place with its neighbours; nil where the file cannot be
// read, or is not written by people.
func (r *Resolver) Excerpt(at evidence.Frame) *evidence.Excerpt {
	f := r.open(r.absolute(at.File))
	if text := f.line(at.Line); strings.TrimSpace(text) == "" || len(text) > longestLine {
		return nil
	}
	x := &evidence.Excerpt{File: at.File, Line: at.Line, First: max(1, at.Line-neighbours)}
	for n := x.First; n <= min(at.Line+neighbours, len(f.lines)); n++ {
		text := strings.TrimRight(f.line(n), " \t\r")
		if len(text) > longestLine {
			text = text[:longestLine]
		}
		x.Lines = append(x.Lines, strings.ToValidUTF8(text, ""))
	}
	return x
}
