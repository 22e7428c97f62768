package scenarios

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/leakcheck/leakcheck/loadgen/template"
)

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}

// IsMethod reports whether an endpoint may have the method.
func IsMethod(method string) bool { return slices.Contains(methods, method) }

// request cuts "POST /upload" into its parts.
func (c *checker) request(path string, m *Message) {
	method, rest, _ := strings.Cut(m.Request, " ")
	rest = strings.TrimSpace(rest)
	if !IsMethod(method) {
		hint := "known here: " + strings.Join(methods, ", ")
		if upper := strings.ToUpper(method); slices.Contains(methods, upper) {
			hint = "did you mean " + upper + "?"
		} else if strings.HasPrefix(method, "/") {
			hint = "write it as GET " + method
		}
		c.fail(path, hint, "request: unknown method %s", quote(method))
		return
	}
	if !strings.HasPrefix(rest, "/") {
		c.fail(path, "the target's address is known: give the path only, as in GET /", "request: the path %s does not begin with /", quote(rest))
		return
	}
	t := c.requestText(path, m.Request)
	if t == nil {
		return
	}
	if err := checkPath(rest); err != nil {
		c.fail(path, "write it as it is sent, with %20 for a space", "request: %v", err)
		return
	}
	m.Method, m.URLPath = method, rest
}

// checkPath renders a path once, so that what templates put in does not hide
// what is wrong around it. The path is known to be a template.
func checkPath(path string) error {
	t, err := template.Parse(path)
	if err != nil {
		return err
	}
	// Until bound, a variable renders its own braces, which are no path.
	if err := t.Bind(func(string) (string, bool) { return "x", true }); err != nil {
		return err
	}
	got := string(t.Append(nil, &template.Vars{Rand: rand.New(rand.NewPCG(1, 1))}))
	if strings.ContainsFunc(got, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return errors.New("the path contains a space or a control character")
	}
	if _, err := url.ParseRequestURI(got); err != nil {
		var inner *url.Error
		if errors.As(err, &inner) {
			err = inner.Err
		}
		return err
	}
	return nil
}

// placeholder is a parameter as routers print it.
var placeholder = regexp.MustCompile(`^(:[A-Za-z_]\w*|\{[A-Za-z_]\w*\}|<[A-Za-z_]\w*>|\[[A-Za-z_]\w*\])$`)

// Placeholder is a segment of a path that looks like a router's parameter, as
// :id and {id}, which would be sent as it stands; "" for none.
func Placeholder(path string) string {
	path, _, _ = strings.Cut(path, "?")
	for s := range strings.SplitSeq(path, "/") {
		if placeholder.MatchString(s) {
			return s
		}
	}
	return ""
}

// requestText compiles text of a request, which refers only to what is known
// before it is sent.
func (c *checker) requestText(path, text string) *template.Template {
	t := c.template(path, text, template.Parse)
	if t == nil {
		return nil
	}
	at := c.nearest(path)
	for _, wrong := range c.unknown(t) {
		line, col := locate(c.lines, at.line, at.col, text, wrong.Offset)
		c.add(line, col, wrong.hint, "%s", wrong.Msg)
	}
	return t
}

// unknownRef is a reference to what is not there.
type unknownRef struct {
	template.Error
	hint string
}

func (c *checker) unknown(t *template.Template) []unknownRef {
	var wrong []unknownRef
	for _, ref := range t.Captures() {
		if c.captures[ref.Name] {
			continue
		}
		hint := "capture: of a step before it, or of the setup, sets it"
		if len(c.captures) > 0 {
			hint = suggest(ref.Name, slices.Sorted(maps.Keys(c.captures)))
		}
		wrong = append(wrong, unknownRef{template.Error{Offset: ref.Offset, Msg: fmt.Sprintf("{{capture %s}} is used before it is set", quote(ref.Name))}, hint})
	}
	for _, ref := range t.Columns() {
		if c.anyColumn || slices.Contains(c.columns, ref.Name) {
			continue
		}
		message, hint := fmt.Sprintf("{{data %s}}: there is no such column", quote(ref.Name)), suggest(ref.Name, c.columns)
		if len(c.columns) == 0 {
			hint = "an endpoint's data: {file: users.csv} gives its requests the columns of that file"
		}
		wrong = append(wrong, unknownRef{template.Error{Offset: ref.Offset, Msg: message}, hint})
	}
	return wrong
}

// template compiles text, and points to the place within the value at path
// where it is wrong.
func (c *checker) template(path, text string, parse func(string) (*template.Template, error)) *template.Template {
	t, err := parse(text)
	var wrong *template.Error
	if !errors.As(err, &wrong) {
		return t
	}
	at := c.nearest(path)
	line, col := locate(c.lines, at.line, at.col, text, wrong.Offset)
	c.add(line, col, "", "%s", wrong.Msg)
	at.bad = true
	c.places[path] = at
	return nil
}

// locate finds the place in the file of an offset into a value that begins at
// line and col. Quotes, escapes and folding make the two differ, so that it
// counts actions: the same braces are the nth of the value and the nth from
// its start in the file.
func locate(lines []string, line, col int, text string, offset int) (int, int) {
	n, within := strings.Count(text[:offset], braces), 0
	if n == 0 || strings.HasPrefix(text[offset:], braces) {
		n++
	} else {
		within = utf8.RuneCountInString(text[occurrence(text, n):offset])
	}
	skip := col - 1
	for i := line - 1; i < len(lines); i++ {
		runes := []rune(lines[i])
		skip = min(skip, len(runes))
		rest := string(runes[skip:])
		if found := strings.Count(rest, braces); found < n {
			n, skip = n-found, 0
			continue
		}
		return i + 1, skip + utf8.RuneCountInString(rest[:occurrence(rest, n)]) + within + 1
	}
	return line, col
}

const braces = "{{"

// occurrence is the offset of the nth braces in s, which has as many.
func occurrence(s string, n int) int {
	at := strings.Index(s, braces)
	for range n - 1 {
		at += len(braces)
		at += strings.Index(s[at:], braces)
	}
	return at
}
