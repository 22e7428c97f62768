package sources

import (
	"regexp"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/evidence"
)

// KeptAt is the first line of the function that begins at a place which puts
// something into what the code calls name, or assigns it; nil when none does.
// A declaration is no assignment.
func (r *Resolver) KeptAt(at evidence.Frame, name string, kind evidence.Kind) *evidence.Frame {
	if at.Origin != evidence.App && at.Origin != evidence.Dependency {
		return nil
	}
	f := r.open(r.absolute(at.File))
	fn := f.begins(at.Line, at.Column)
	if fn == nil {
		return nil
	}
	lines := f.keeping(name, kind, at.Line, fn.last)
	if len(lines) == 0 {
		return nil
	}
	at.Line, at.Column = lines[0], 0
	return &at
}

// OnlyKeptAt is the one line of a file that does so; nil when there are more.
func (r *Resolver) OnlyKeptAt(at evidence.Frame, name string, kind evidence.Kind) *evidence.Frame {
	if at.Origin != evidence.App && at.Origin != evidence.Dependency {
		return nil
	}
	f := r.open(r.absolute(at.File))
	lines := f.keeping(name, kind, 1, len(f.lines))
	if len(lines) != 1 {
		return nil
	}
	at.Line, at.Column = lines[0], 0
	at.Function = f.functionAt(at.Line)
	return &at
}

const assigns = `\s*(?:[-+*/|&^]|\?\?|\|\||&&|\*\*)?=(?:[^=>]|$)`

var declaration = regexp.MustCompile(`^\s*(?:export\s+)?(?:const|let|var|static|private|public|protected|readonly)\s`)

// keeping are the lines from begin to end that put something under a name.
func (f *file) keeping(name string, kind evidence.Kind, begin, end int) []int {
	var pattern *regexp.Regexp
	switch kind {
	case evidence.Object:
		pattern = regexp.MustCompile(receives(name) + `\s*(?:\??\.\s*(?:push|unshift|splice|set|add|append|concat)\s*\(|\[.*\]` + assigns + `)`)
	case evidence.Inner:
		pattern = regexp.MustCompile(receives(name) + `\s*\??\.\s*[\w$]+\s*\(`)
	default:
		pattern = regexp.MustCompile(receives(name) + assigns)
	}
	var found []int
	for n := max(1, begin); n <= min(end, len(f.lines)); n++ {
		text := withoutComment(f.line(n))
		if pattern.MatchString(text) && (kind == evidence.Inner || !declaration.MatchString(text)) {
			found = append(found, n)
		}
	}
	return found
}

// Call is the first line of the function that begins at a place which calls a
// function of this name, with its idiom; nil when none does.
func (r *Resolver) Call(at evidence.Frame, function string) *evidence.Frame {
	f := r.open(r.absolute(at.File))
	fn := f.begins(at.Line, at.Column)
	if fn == nil {
		return nil
	}
	begin := at.Line
	if fn.last > begin {
		begin++ // the head calls nothing
	}
	if lines := f.calling(function, begin, fn.last); len(lines) > 0 {
		at.Line, at.Column, at.Idiom = lines[0], 0, f.idiomOf(lines[0])
		return &at
	}
	return nil
}

// OnlyCall is the one line of the file of a place that calls a function of this
// name; nil when there are more.
func (r *Resolver) OnlyCall(at evidence.Frame, function string) *evidence.Frame {
	f := r.open(r.absolute(at.File))
	lines := f.calling(function, 1, len(f.lines))
	if len(lines) != 1 {
		return nil
	}
	at.Line, at.Column, at.Idiom = lines[0], 0, f.idiomOf(lines[0])
	at.Function = f.functionAt(at.Line)
	return &at
}

// calling are the lines from begin to end that call a function of this name.
func (f *file) calling(function string, begin, end int) []int {
	name := function[strings.LastIndexAny(function, ". ")+1:]
	if name == "" {
		return nil
	}
	var found []int
	pattern := regexp.MustCompile(receives(name) + `\s*\(`)
	for n := begin; n <= end; n++ {
		if pattern.MatchString(withoutComment(f.line(n))) {
			found = append(found, n)
		}
	}
	return found
}
