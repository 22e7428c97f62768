package report

import (
	"strings"
	"unicode/utf8"

	"github.com/leakcheck/leakcheck/verdict"
)

// Style is how text is shown. The zero value is plain and 80 columns wide.
type Style struct {
	Color bool
	Width int  // columns, 0 for 80
	All   bool // every endpoint has a row, also where many pass
}

// Widths outside of these are not followed: narrower cannot hold the table,
// wider is hard to read.
const (
	defaultWidth = 80
	minWidth     = 60
	maxWidth     = 100
)

func (s Style) width() int {
	if s.Width == 0 {
		return defaultWidth
	}
	return min(max(s.Width, minWidth), maxWidth)
}

// The escape codes in use: bright enough on dark and on light backgrounds.
const (
	bold   = "\x1b[1m"
	dim    = "\x1b[2m"
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	reset  = "\x1b[0m"
)

// paint wraps text in an escape code when colour is asked for.
func (s Style) paint(code, text string) string {
	if !s.Color || code == "" || strings.TrimSpace(text) == "" {
		return text
	}
	return code + text + reset
}

// outcomeCode is the colour of an outcome.
func outcomeCode(o verdict.Outcome) string {
	switch o {
	case verdict.Pass:
		return green
	case verdict.Leak, Failed:
		return red
	case verdict.Inconclusive:
		return yellow
	}
	return dim
}

// wrap breaks text into lines of at most width columns between words. A word
// that is longer stays whole.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// shorten cuts text to width columns, with an ellipsis for what is gone.
func shorten(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:max(0, width-1)]) + "…"
}
