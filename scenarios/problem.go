package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/leakcheck/leakcheck/sampler/recording/printable"
)

// Problem is one thing wrong in a file. Line and Col count from 1, Col in
// characters; both are 0 when the problem has no place in the file. Hint,
// which may be empty, names what would be right.
type Problem struct {
	File      string
	Line, Col int
	Message   string
	Hint      string
	Source    string // the line, without its end
}

// String prints the problem with its source line, a caret and the hint.
func (p Problem) String() string {
	var b strings.Builder
	if p.Line == 0 {
		fmt.Fprintf(&b, "%s: %s", p.File, p.Message)
	} else {
		fmt.Fprintf(&b, "%s:%d:%d: %s", p.File, p.Line, p.Col, p.Message)
	}
	if strings.TrimSpace(p.Source) != "" {
		text, caret := excerpt(p.Source, p.Col)
		fmt.Fprintf(&b, "\n%5d | %s\n      | %s^", p.Line, text, strings.Repeat(" ", caret))
	}
	if p.Hint != "" {
		fmt.Fprintf(&b, "\n      = hint: %s", p.Hint)
	}
	return b.String()
}

// maxExcerpt is how much of a source line is shown, in characters.
const maxExcerpt = 100

// excerpt cuts a line to what is shown of it, and says how far in the caret
// stands. Tabs become spaces, so that the caret stands under its character,
// and what controls a terminal does not reach it.
func excerpt(line string, col int) (text string, caret int) {
	runes := []rune(strings.Map(shown, line))
	at := min(max(col-1, 0), len(runes))
	from := 0
	if at > maxExcerpt*3/4 {
		from = at - maxExcerpt/2
	}
	to := min(len(runes), from+maxExcerpt)
	return string(runes[from:to]), at - from
}

func shown(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case r == utf8.RuneError || printable.Text(string(r)) != string(r):
		return '?'
	}
	return r
}

// Problems is every problem of a scenario, in the order of its lines. It is
// never empty when it is an error.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// sort orders problems by place, those of the scenario's own file first.
func (ps Problems) sort(file string) {
	foreign := func(p Problem) int { return strings.Compare(p.File, file) * strings.Compare(p.File, file) }
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(foreign(a), foreign(b)),
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Col, b.Col),
		)
	})
}
