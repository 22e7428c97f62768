package scenarios

import (
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// positions knows where each value of a file stands, by its path:
// "endpoints[2].rate".
type positions struct {
	file   string
	lines  []string
	places map[string]place
	keys   map[string]place // of names that the user chose: headers, variables
}

// place is where a value stands. bad says that it was not understood, and that
// nothing more is to be said of it.
type place struct {
	line, col int
	bad       bool
}

func placeOf(n ast.Node) place {
	line, col := start(n)
	return place{line: line, col: col}
}

// Problem is what the user of a scenario finds wrong with its value at path,
// such as "endpoints[2].targets", or with what that names. It has no place when
// the scenario was not read from a file.
func (s *Scenario) Problem(path, message string) Problem {
	if s.positions == nil {
		return Problem{File: s.Path, Message: message}
	}
	return s.positions.problem(s.positions.nearest(path), message)
}

// maxMessage bounds what one problem says, in bytes: it may quote the file.
const maxMessage = 400

func (p *positions) problem(at place, message string) Problem {
	if len(message) > maxMessage {
		cut := maxMessage
		for !utf8.RuneStart(message[cut]) {
			cut--
		}
		message = message[:cut] + "..."
	}
	return Problem{File: p.file, Line: at.line, Col: at.col, Message: message, Source: p.line(at.line)}
}

// has reports whether the file gives a value at path, understood or not.
func (p *positions) has(path string) bool {
	_, ok := p.places[path]
	return ok
}

// good reports whether the file gives a value at path which was understood.
func (p *positions) good(path string) bool {
	at, ok := p.places[path]
	return ok && !at.bad
}

// nearest is the place of path, or of what holds it.
func (p *positions) nearest(path string) place {
	for {
		if at, ok := p.places[path]; ok {
			return at
		}
		if path == "" {
			return place{line: 1, col: 1}
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
}

func (p *positions) line(n int) string {
	if n < 1 || n > len(p.lines) {
		return ""
	}
	return p.lines[n-1]
}

func splitLines(src string) []string {
	lines := strings.Split(src, "\n")
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], "\r")
	}
	return lines
}
