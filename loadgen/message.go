package loadgen

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/leakcheck/leakcheck/loadgen/template"
)

// blueprint is one kind of request before its templates are compiled.
type blueprint struct {
	method  string
	path    source
	headers []header
	body    source
	content Content
	columns []string // of the test data
	close   bool     // ask the target to close the connection
}

// source is a template, or literal text.
type source struct {
	text    string
	literal bool
}

type header struct {
	name  string
	value source
}

// message renders one kind of request to the bytes that go over the wire.
type message struct {
	method  string
	start   string // "GET /prefix"
	path    part
	query   []queryPart
	lines   []line
	body    body
	length  bool         // say Content-Length even when the body is empty
	static  []byte       // the whole, when nothing in it varies
	longest atomic.Int64 // rendered so far: the size to allocate
	refers  bool         // to captured values
}

type line struct {
	name  string // "Content-Type: "
	value part
}

// part is compiled text. A nil template is literal.
type part struct {
	text []byte
	tmpl *template.Template
}

func (p part) append(dst []byte, v *template.Vars) []byte {
	if p.tmpl == nil {
		return append(dst, p.text...)
	}
	return p.tmpl.Append(dst, v)
}

func (p part) refers() bool { return p.tmpl != nil && len(p.tmpl.Captures()) > 0 }

func (p part) static() bool { return p.tmpl == nil || p.tmpl.Static() }

func (l *Loader) part(s source, columns []string) (part, error) {
	if s.literal {
		return part{text: []byte(s.text)}, nil
	}
	t, err := template.Parse(s.text)
	if err != nil {
		return part{}, err
	}
	if err := t.Bind(l.opts.LookupEnv); err != nil {
		return part{}, err
	}
	if err := t.BindData(columns); err != nil {
		return part{}, err
	}
	return part{tmpl: t}, nil
}

func (l *Loader) compile(b blueprint) (*message, error) {
	if !isToken(b.method) {
		return nil, fmt.Errorf("method %q is not a word", b.method)
	}
	if !strings.HasPrefix(b.path.text, "/") {
		return nil, fmt.Errorf("path %q does not begin with /", b.path.text)
	}
	m := &message{method: b.method, start: b.method + " " + l.prefix}
	m.length = b.method == "POST" || b.method == "PUT" || b.method == "PATCH"
	var err error
	if m.path, err = l.part(b.path, b.columns); err != nil {
		return nil, &PartError{Part: Path, Err: err}
	}
	if m.query, err = l.compileQuery(b); err != nil {
		return nil, err
	}
	var says []header
	if m.body, says, err = l.compileBody(b); err != nil {
		return nil, err
	}
	b.headers = addMissing(b.headers, says)
	if err := l.compileHeaders(m, b); err != nil {
		return nil, err
	}
	m.refers = m.refersToCaptures()
	if m.varies() {
		return m, nil
	}
	m.static = m.render(&template.Vars{})
	return m, nil
}

func (l *Loader) compileHeaders(m *message, b blueprint) error {
	defaults := []header{
		{"Host", source{l.host, true}},
		{"User-Agent", source{"leakcheck", true}},
	}
	if b.close {
		defaults = append(defaults, header{"Connection", source{"close", true}})
	}
	for _, h := range addMissing(b.headers, defaults) {
		if err := checkHeader(h.name); err != nil {
			return &PartError{Header, h.name, err}
		}
		value, err := l.part(h.value, b.columns)
		if err != nil {
			return &PartError{Header, h.name, err}
		}
		m.lines = append(m.lines, line{h.name + ": ", value})
	}
	return nil
}

func (m *message) varies() bool {
	for _, l := range m.lines {
		if !l.value.static() {
			return true
		}
	}
	for _, q := range m.query {
		if !q.value.static() {
			return true
		}
	}
	return !m.path.static() || !m.body.static()
}

func (m *message) refersToCaptures() bool {
	for _, l := range m.lines {
		if l.value.refers() {
			return true
		}
	}
	for _, q := range m.query {
		if q.value.refers() {
			return true
		}
	}
	return m.path.refers() || m.body.refers()
}

func (m *message) render(v *template.Vars) []byte {
	b := make([]byte, 0, m.longest.Load())
	b = append(b, m.start...)
	b = appendEscaped(b, m.path, v)
	b = appendQuery(b, len(m.start), m.query, v)
	b = append(b, " HTTP/1.1\r\n"...)
	for _, l := range m.lines {
		b = append(b, l.name...)
		b = appendLine(b, l.value, v)
		b = append(b, "\r\n"...)
	}
	body := m.body.render(v)
	if len(body) > 0 || m.length {
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, int64(len(body)), 10)
		b = append(b, "\r\n"...)
	}
	b = append(append(b, "\r\n"...), body...)
	if int64(len(b)) > m.longest.Load() {
		m.longest.Store(int64(len(b)))
	}
	return b
}

// withCookies adds the cookies of a jar to a rendered request, behind the
// request line or in front of those that it sends anyway: a request has one
// Cookie header (RFC 6265, section 5.4).
func withCookies(wire, cookies []byte) []byte {
	if len(cookies) == 0 {
		return wire
	}
	head, body, _ := bytes.Cut(wire, []byte("\r\n\r\n"))
	lines := bytes.Split(head, []byte("\r\n"))
	own := slices.IndexFunc(lines[1:], isCookie)
	if own < 0 {
		lines = slices.Insert(lines, 1, slices.Concat([]byte("Cookie: "), cookies))
	} else {
		lines[1+own] = slices.Concat([]byte("Cookie: "), cookies, []byte("; "), lines[1+own][len("Cookie: "):])
	}
	return slices.Concat(bytes.Join(lines, []byte("\r\n")), []byte("\r\n\r\n"), body)
}

func isCookie(line []byte) bool {
	name, _, _ := bytes.Cut(line, []byte(":"))
	return bytes.EqualFold(name, []byte("Cookie"))
}

// appendEscaped adds a path, with the bytes that a request line cannot carry
// percent-encoded.
func appendEscaped(dst []byte, p part, v *template.Vars) []byte {
	from := len(dst)
	dst = p.append(dst, v)
	if !bytes.ContainsFunc(dst[from:], illegal) {
		return dst
	}
	rendered := slices.Clone(dst[from:])
	dst = dst[:from]
	for _, c := range rendered {
		if illegal(rune(c)) {
			dst = fmt.Appendf(dst, "%%%02X", c)
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}

func illegal(r rune) bool { return r <= ' ' || r >= 0x7f || r == '#' }

// appendLine adds a header's value; a line break in it becomes a space, so
// that no value can add a header.
func appendLine(dst []byte, p part, v *template.Vars) []byte {
	from := len(dst)
	dst = p.append(dst, v)
	for i, c := range dst[from:] {
		if c == '\r' || c == '\n' {
			dst[from+i] = ' '
		}
	}
	return dst
}

// addMissing puts those of extra before headers that headers does not name.
func addMissing(headers, extra []header) []header {
	var all []header
	for _, x := range extra {
		if !slices.ContainsFunc(headers, func(h header) bool { return strings.EqualFold(h.name, x.name) }) {
			all = append(all, x)
		}
	}
	return append(all, headers...)
}

func sortedHeaders(m map[string]string) []header {
	var hs []header
	for _, name := range slices.Sorted(maps.Keys(m)) {
		hs = append(hs, header{name, source{text: m[name]}})
	}
	return hs
}

func checkHeader(name string) error {
	if !isToken(name) {
		return errNotWord
	}
	switch textproto.CanonicalMIMEHeaderKey(name) {
	case "Content-Length", "Transfer-Encoding":
		return errOwnHeader
	}
	return nil
}

var (
	errNotWord   = errors.New("its name is not a word")
	errOwnHeader = errors.New("it is set from the body")
)

func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}
