package jsparse

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tdewolff/parse/v2/js"
)

// Text is the value of a string literal or of a template without expressions.
func Text(e js.IExpr) (string, bool) {
	switch e := e.(type) {
	case *js.LiteralExpr:
		if e.TokenType == js.StringToken && len(e.Data) >= 2 {
			return Unescape(string(e.Data[1 : len(e.Data)-1])), true
		}
	case *js.TemplateExpr:
		if e.Tag == nil && len(e.List) == 0 && len(e.Tail) >= 2 {
			return Unescape(string(e.Tail[1 : len(e.Tail)-1])), true
		}
	}
	return "", false
}

// Unescape is what the inside of a string literal means.
func Unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for s != "" {
		before, rest, escaped := strings.Cut(s, `\`)
		b.WriteString(before)
		if !escaped || rest == "" {
			break
		}
		var text string
		text, s = unescapeOne(rest)
		b.WriteString(text)
	}
	return b.String()
}

var escapes = map[byte]string{'n': "\n", 't': "\t", 'r': "\r", 'b': "\b", 'f': "\f", 'v': "\v", '0': "\x00", '\n': ""}

// unescapeOne reads what follows a backslash.
func unescapeOne(s string) (text, rest string) {
	digits, from := "", 0
	switch {
	case strings.HasPrefix(s, "u{"):
		inner, _, _ := strings.Cut(s[2:], "}")
		digits, from = inner, min(len(s), 3+len(inner))
	case s[0] == 'u' && len(s) >= 5:
		digits, from = s[1:5], 5
	case s[0] == 'x' && len(s) >= 3:
		digits, from = s[1:3], 3
	}
	if n, err := strconv.ParseUint(digits, 16, 32); err == nil {
		return surrogates(rune(n), s[from:])
	}
	if e, ok := escapes[s[0]]; ok {
		return e, s[1:]
	}
	_, size := utf8.DecodeRuneInString(s)
	return s[:size], s[size:]
}

// surrogates joins the two halves of a character beyond 16 bits.
func surrogates(r rune, rest string) (string, string) {
	if r >= 0xd800 && r < 0xdc00 && strings.HasPrefix(rest, `\u`) && len(rest) >= 6 {
		if low, err := strconv.ParseUint(rest[2:6], 16, 32); err == nil && low >= 0xdc00 && low < 0xe000 {
			return string(0x10000 + (r-0xd800)<<10 + (rune(low) - 0xdc00)), rest[6:]
		}
	}
	return string(r), rest
}
