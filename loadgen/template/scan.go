package template

import (
	"fmt"
	"strconv"
	"strings"
)

// arg is one word or quoted text of an action.
type arg struct {
	kind   argKind
	text   string // unquoted
	source string // as written
	offset int
}

type argKind uint8

const (
	word argKind = iota
	quoted
)

const space = " \t\r\n"

// scan cuts the action that opens at start into its arguments, and returns the
// offset after its closing braces. Braces within quotes do not close it.
func scan(s string, start int) (args []arg, end int, err error) {
	for at := start + len(opening); ; {
		rest := strings.TrimLeft(s[at:], space)
		at = len(s) - len(rest)
		if rest == "" {
			return nil, 0, &Error{start, fmt.Sprintf("{{ is never closed; write %s for the braces themselves", `{{"{{"}}`)}
		}
		if strings.HasPrefix(rest, closing) {
			return args, at + len(closing), nil
		}
		a, err := scanArg(rest, at)
		if err != nil {
			return nil, 0, err
		}
		args = append(args, a)
		at += len(a.source)
	}
}

// scanArg reads the argument that rest, which is not empty, begins with.
func scanArg(rest string, offset int) (arg, error) {
	if rest[0] == '"' || rest[0] == '`' {
		source, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return arg{}, &Error{offset, "quoted text is never closed, or has a bad escape"}
		}
		text, err := strconv.Unquote(source)
		if err != nil {
			return arg{}, &Error{offset, "quoted text has a bad escape"}
		}
		return arg{quoted, text, source, offset}, nil
	}
	end := strings.IndexAny(rest, space+"\"`}")
	switch {
	case end < 0:
		end = len(rest)
	case end == 0: // a lone brace
		return arg{}, &Error{offset, "unexpected }"}
	}
	return arg{word, rest[:end], rest[:end], offset}, nil
}
