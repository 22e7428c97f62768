package rates

import (
	"bufio"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Line is one request of an access log.
type Line struct {
	Hit
	Time time.Time // to the second
}

const logTime = "02/Jan/2006:15:04:05 -0700"

// ParseLine reads a line in common or combined format, also with the virtual
// host before it or a time in ISO 8601, and one of an AWS load balancer. ok is
// false for all else, and for what is no request.
func ParseLine(text string) (l Line, ok bool) {
	if l, ok = parseBalancer(text); ok {
		return l, true
	}
	_, rest, found := strings.Cut(text, " [")
	stamp, rest, closed := strings.Cut(rest, `] "`)
	request, rest, quoted := strings.Cut(rest, `" `)
	if !found || !closed || !quoted {
		return l, false
	}
	t, err := time.Parse(logTime, stamp)
	if err != nil {
		if t, err = time.Parse(time.RFC3339, stamp); err != nil {
			return l, false
		}
	}
	status, _, _ := strings.Cut(rest, " ")
	code, err := strconv.Atoi(status)
	if err != nil || code < 100 || code > 599 {
		return l, false
	}
	words := strings.Fields(request)
	if len(words) < 2 || len(words) > 3 {
		return l, false
	}
	path, ok := requestPath(words[1])
	return Line{Hit{words[0], path, code, 1}, t}, ok && words[0] == strings.ToUpper(words[0])
}

// requestPath is the path with its query, also of a proxy's absolute URL.
func requestPath(target string) (string, bool) {
	if strings.HasPrefix(target, "/") {
		return target, true
	}
	u, err := url.Parse(target)
	if err != nil || u.Host == "" {
		return "", false
	}
	return u.RequestURI(), true
}

// maxLine bounds a line of a log, in bytes.
const maxLine = 1 << 20

// logReader adds up what the lines of a log record.
type logReader struct {
	Coverage
	each        func(Hit)
	first, last time.Time
	structured  structured
}

func readLog(r *bufio.Reader, o Options, each func(Hit)) (Coverage, error) {
	l := logReader{each: each}
	bad := "" // the first line that was not understood
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 1
	for ; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text != "" && !l.line(text) {
			if l.Skipped++; bad == "" {
				bad = fmt.Sprintf("line %d: %s", n, excerpt(text))
			}
		}
	}
	for _, one := range l.structured.rest() {
		l.add(one)
	}
	if err := lines.Err(); err != nil {
		return l.Coverage, fmt.Errorf("line %d: %w", n, err)
	}
	if l.Requests == 0 && bad != "" {
		return l.Coverage, notLog(bad)
	}
	if l.Over = o.Over; l.Over == 0 && l.last.After(l.first) {
		l.Over = l.last.Sub(l.first).Truncate(time.Second) + time.Second // the last second counts too
	}
	return l.Coverage, nil
}

// line reads one line; false when it is not understood.
func (l *logReader) line(text string) bool {
	one, ok, more := l.structured.read(text)
	if !ok && !more {
		one, ok = ParseLine(text)
	}
	if ok {
		l.add(one)
	}
	return ok || more
}

func (l *logReader) add(one Line) {
	l.Requests++
	if l.first.IsZero() || one.Time.Before(l.first) {
		l.first = one.Time
	}
	if one.Time.After(l.last) {
		l.last = one.Time
	}
	l.each(one.Hit)
}

// excerpt is the beginning of a line, fit for a message.
func excerpt(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "..."
	}
	return strconv.Quote(text)
}
