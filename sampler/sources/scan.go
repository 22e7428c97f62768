package sources

import (
	"regexp"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/evidence"
)

// line is the text of a line, from 1; "" beyond the file.
func (f *file) line(n int) string {
	if n < 1 || n > len(f.lines) {
		return ""
	}
	return f.lines[n-1]
}

var receiver = regexp.MustCompile(`((?:[\w$#]+|\)|\])(?:\??\.[\w$#]+|\[[^\]]*\])*)\??\.\s*(set|add|push|unshift|splice|on|once|addListener|prependListener|addEventListener|then)\s*\(`)

// Receiver is what the code at a store's place calls the container, and the
// method that it calls: "this.contexts" and "set". Both are "" when the text
// does not tell.
func (r *Resolver) Receiver(at evidence.Frame) (name, method string) {
	text := r.open(r.absolute(at.File)).line(at.Line)
	for _, m := range receiver.FindAllStringSubmatchIndex(text, -1) {
		name, method = text[m[2]:m[3]], text[m[4]:m[5]]
		if m[4]+1 >= at.Column { // V8 names the column of the method
			break
		}
	}
	return name, method
}

// Declared is where the file at a place names a variable, field or property
// first; nil when it does not.
func (r *Resolver) Declared(at evidence.Frame, name string) *evidence.Frame {
	if i := strings.LastIndexAny(name, ".?"); i >= 0 {
		name = name[i+1:]
	}
	if !plainName.MatchString(name) {
		return nil
	}
	quoted := regexp.QuoteMeta(name)
	for _, pattern := range []string{
		`\b(?:const|let|var)\s+(?:[\w$]+\s*(?:=[^,;]*)?,\s*)*` + quoted + `\b`,
		`^\s*(?:(?:static|private|public|protected|readonly)\s+)*#?` + quoted + `\s*[:=]`,
		`\bthis\.` + quoted + `\s*=`,
		`[{,]\s*` + quoted + `\s*:`,
	} {
		if n := r.open(r.absolute(at.File)).find(regexp.MustCompile(pattern)); n > 0 {
			return &evidence.Frame{File: at.File, Line: n, Origin: at.Origin, Package: at.Package}
		}
	}
	return nil
}

var plainName = regexp.MustCompile(`^#?[\w$]+$`)

func (f *file) find(pattern *regexp.Regexp) int {
	for i, text := range f.lines {
		if pattern.MatchString(text) {
			return i + 1
		}
	}
	return 0
}

// functionAt is the name of the innermost function with a name that a line belongs
// to, "" without one.
func (f *file) functionAt(n int) string {
	if fn := f.named(n); fn != nil {
		return fn.name
	}
	return ""
}

func (f *file) named(n int) *function {
	fn := f.around(n)
	for fn != nil && fn.name == "" {
		fn = fn.parent
	}
	return fn
}

// NameAround is the name of the function that a place belongs to, "" when the
// text does not tell.
func (r *Resolver) NameAround(at evidence.Frame) string {
	return r.open(r.absolute(at.File)).functionAt(at.Line)
}

// LooksUp says that the function around a place looks a key up in the container
// that it calls name.
func (r *Resolver) LooksUp(at evidence.Frame, name string) bool {
	f := r.open(r.absolute(at.File))
	fn := f.named(at.Line) // a handler without a name is of all routes
	if fn == nil {
		return false
	}
	lookup := regexp.MustCompile(receives(name) + `(?:\??\.\s*(?:get|has|hasOwnProperty)\s*\(|\s*\[[^\]]*\]\s*(?:$|[^\s=]|==|\|\|=|\?\?=))` +
		`|\bin\s+(?:[\w$]+\.)*` + regexp.QuoteMeta(name[strings.LastIndex(name, ".")+1:]) + `\b|\bhasOwn\s*\(\s*(?:[\w$]+\.)*` + regexp.QuoteMeta(name[strings.LastIndex(name, ".")+1:]) + `\b`)
	for n := fn.head.Line; n <= fn.last; n++ {
		if lookup.MatchString(f.line(n)) {
			return true
		}
	}
	return false
}

// Removed is where the file at a place takes something out of the container
// that it calls name; nil when it never does.
func (r *Resolver) Removed(at evidence.Frame, name string) *evidence.Frame {
	pattern := regexp.MustCompile(receives(name) + `\??\.\s*(?:delete|clear|shift|pop|splice|off|removeListener|removeEventListener)\s*\(`)
	n := r.open(r.absolute(at.File)).find(pattern)
	if n == 0 {
		return nil
	}
	return &evidence.Frame{File: at.File, Line: n, Origin: at.Origin, Package: at.Package}
}

// receives matches a container's name before a dot, by the last part of it.
func receives(name string) string {
	if i := strings.LastIndex(name, "."); i >= 0 {
		name = name[i+1:]
	}
	return `(?:^|[^\w$])` + regexp.QuoteMeta(name)
}
