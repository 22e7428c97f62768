package rates

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Endpoint is a request of a scenario: its method, and its path with templates.
// One without a method matches nothing.
type Endpoint struct{ Method, Path string }

// Table is what production asks of each endpoint.
type Table struct {
	Coverage
	Rates     []unit.PerSecond // by endpoint; 0 for one that was never requested
	Matched   float64          // requests
	Unmatched []*Route         // the most frequent first
}

// Assign reads a file and gives each endpoint the rate of what matches it best:
// literal segments before templates, the first of equals.
func Assign(path string, o Options, endpoints []Endpoint) (*Table, error) {
	m := newMatcher(endpoints)
	var loose []Hit // route patterns that match no endpoint's templates
	var rest Grouper
	coverage, err := Read(path, o, func(h Hit) {
		switch i := m.best(h, false); {
		case i >= 0:
			m.counts[i] += h.Count
		case hasParams(h.Path):
			loose = append(loose, h)
		default:
			rest.Add(h)
		}
	})
	if err != nil {
		return nil, err
	}
	strict := append([]float64(nil), m.counts...)
	for _, h := range loose {
		if i := m.best(h, true); i >= 0 && strict[i] == 0 {
			m.counts[i] += h.Count
			continue
		}
		rest.Add(h)
	}
	t := &Table{Coverage: coverage, Rates: make([]unit.PerSecond, len(endpoints)), Unmatched: rest.Routes()}
	for i, n := range m.counts {
		t.Rates[i] = coverage.Rate(n)
		t.Matched += n
	}
	return t, nil
}

// matcher finds the endpoint of a request.
type matcher struct {
	patterns []pattern
	counts   []float64
}

type pattern struct {
	method   string
	segments []matchSegment
}

type matchSegment struct {
	form    *regexp.Regexp // nil for a literal
	text    string         // of a literal
	id      bool           // wants what looks like an id
	partial bool           // has literal text as well
}

func newMatcher(endpoints []Endpoint) *matcher {
	m := &matcher{counts: make([]float64, len(endpoints))}
	for _, e := range endpoints {
		p := pattern{method: e.Method}
		for _, s := range split(withoutQuery(e.Path)) {
			p.segments = append(p.segments, compile(s))
		}
		m.patterns = append(m.patterns, p)
	}
	return m
}

// action is one of a template: quoted text in it may hold braces and slashes.
var action = regexp.MustCompile("\\{\\{(?:[^\"`}]|\"(?:\\\\.|[^\"\\\\])*\"|`[^`]*`)*\\}\\}")

// mark stands for an action while a path is cut at slashes and question marks.
const mark = "\x00"

// withoutQuery is the path of a request, with marks for its actions. An id is
// marked twice.
func withoutQuery(path string) string {
	path = action.ReplaceAllStringFunc(path, func(a string) string {
		name, _, _ := strings.Cut(strings.Trim(a, "{} \t\r\n"), " ")
		if name == "seq" || name == "uuid" || name == "randInt" {
			return mark + mark
		}
		return mark
	})
	path, _, _ = strings.Cut(path, "?")
	return path
}

func compile(s string) matchSegment {
	if !strings.Contains(s, mark) {
		return matchSegment{text: unescaped(s)}
	}
	m := matchSegment{id: s == mark+mark, partial: strings.Trim(s, mark) != ""}
	var form strings.Builder
	for i, literal := range strings.Split(strings.ReplaceAll(s, mark+mark, mark), mark) {
		if i > 0 {
			form.WriteString(".+")
		}
		form.WriteString(regexp.QuoteMeta(unescaped(literal)))
	}
	m.form = regexp.MustCompile("^" + form.String() + "$")
	return m
}

func unescaped(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// best is the endpoint that matches h most closely, -1 for none. Where loose,
// a parameter of a route pattern matches a literal as well.
func (m *matcher) best(h Hit, loose bool) int {
	path, _, _ := strings.Cut(h.Path, "?")
	segments := split(path)
	best, found := -1, -1
	for i, p := range m.patterns {
		if p.method != h.Method || len(p.segments) != len(segments) {
			continue
		}
		if score := p.score(segments, loose); score > best {
			best, found = score, i
		}
	}
	return found
}

// score is how much of the path is matched literally, -1 for no match.
func (p *pattern) score(segments []string, loose bool) int {
	total := 0
	for i, s := range segments {
		n := p.segments[i].score(s, loose)
		if n < 0 {
			return -1
		}
		total += n
	}
	return total
}

func (m *matchSegment) score(s string, loose bool) int {
	switch {
	case IsParam(s) && m.form != nil:
		return 2
	case IsParam(s) && loose:
		return 0
	case m.form == nil:
		if unescaped(s) == m.text {
			return 2
		}
		return -1
	case m.id && KindOf(s) == Text, !m.form.MatchString(unescaped(s)):
		return -1
	case m.partial:
		return 1
	}
	return 0
}

// param is a parameter of a route as frameworks print it: :id, {id}, [id],
// <id>, * or #val.
var param = regexp.MustCompile(`^(:.+|\{.*\}|\[.*\]|<.*>|\*|#val)$`)

// IsParam says whether s, a segment of a route pattern, stands for any.
func IsParam(s string) bool { return param.MatchString(s) }

func hasParams(path string) bool {
	for _, s := range split(path) {
		if IsParam(s) {
			return true
		}
	}
	return false
}
