package printable

import (
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Writer is where a command's text goes. It writes Text, and lets no line be
// taken for a command of the CI system that reads it: "::error", "##[error]" and
// "##vso[" get a blank. Escape codes for colours pass.
type Writer struct {
	w        io.Writer
	commands bool   // pass
	rest     []byte // of a character or a colour that has not come in full

	begin  bool // nothing but blanks in the line so far
	colons int  // at the line's begin, in a row
	hashes int  // in a row
}

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w, begin: true} }

// Commands returns a Writer to the same place that lets commands pass.
func (w *Writer) Commands() *Writer { return &Writer{w: w.w, begin: true, commands: true} }

// color is an escape code that changes only how what follows looks.
var color = regexp.MustCompile(`^\x1b\[(?:[0-4]|3[0-7]|9[0-7])m`)

const longestColor = len("\x1b[97m")

// Write writes all of p, or fails.
func (w *Writer) Write(p []byte) (int, error) {
	text := slices.Concat(w.rest, p)
	w.rest = nil
	var b strings.Builder
	for len(text) > 0 {
		if !utf8.FullRune(text) || text[0] == '\x1b' && startsColor(text) {
			w.rest = append([]byte(nil), text...)
			break
		}
		if code := color.Find(text); code != nil {
			b.Write(code)
			text = text[len(code):]
			continue
		}
		r, n := utf8.DecodeRune(text)
		w.add(&b, r)
		text = text[n:]
	}
	if _, err := io.WriteString(w.w, b.String()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// startsColor reports whether text may become a colour's code when more comes.
func startsColor(text []byte) bool {
	if len(text) >= longestColor || color.Match(text) {
		return false
	}
	for _, tail := range []string{"[0m", "[30m", "[90m"} {
		if whole := "\x1b" + tail; len(text) < len(whole) && sameKind(string(text), whole) {
			return true
		}
	}
	return false
}

// sameKind reports whether text is the begin of whole, with other digits perhaps.
func sameKind(text, whole string) bool {
	for i := range text {
		if text[i] != whole[i] && !(unicode.IsDigit(rune(text[i])) && unicode.IsDigit(rune(whole[i]))) {
			return false
		}
	}
	return true
}

// add writes one character, and a blank before it where it would complete a
// command's mark.
func (w *Writer) add(b *strings.Builder, r rune) {
	if !w.commands && (w.begin && w.colons == 1 && r == ':' || w.hashes >= 2 && r != '#' && !unicode.IsSpace(r)) {
		b.WriteByte(' ')
	}
	b.WriteString(escape(r))
	switch {
	case r == '\n':
		w.begin, w.colons, w.hashes = true, 0, 0
		return
	case r == ':' && w.begin:
		w.colons++
	case !unicode.IsSpace(r):
		w.begin = false
	}
	if w.hashes++; r != '#' {
		w.hashes = 0
	}
}
