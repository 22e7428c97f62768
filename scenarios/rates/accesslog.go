package rates

import (
	"bufio"
	"errors"
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
// host before it. ok is false for all else, and for what is no request.
func ParseLine(text string) (l Line, ok bool) {
	_, rest, found := strings.Cut(text, " [")
	stamp, rest, closed := strings.Cut(rest, `] "`)
	request, rest, quoted := strings.Cut(rest, `" `)
	if !found || !closed || !quoted {
		return l, false
	}
	t, err := time.Parse(logTime, stamp)
	if err != nil {
		return l, false
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

func readLog(r *bufio.Reader, o Options, each func(Hit)) (Coverage, error) {
	var c Coverage
	var first, last time.Time
	bad := "" // the first line that was not understood
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 1
	for ; lines.Scan(); n++ {
		text := lines.Text()
		if strings.TrimSpace(text) == "" {
			continue
		}
		l, ok := ParseLine(text)
		if !ok {
			if c.Skipped++; bad == "" {
				bad = fmt.Sprintf("line %d: %s", n, excerpt(text))
			}
			continue
		}
		c.Requests++
		if first.IsZero() || l.Time.Before(first) {
			first = l.Time
		}
		if l.Time.After(last) {
			last = l.Time
		}
		each(l.Hit)
	}
	if err := lines.Err(); err != nil {
		return c, fmt.Errorf("line %d: %w", n, err)
	}
	if c.Requests == 0 && bad != "" {
		return c, errors.New("neither an access log in common or combined format nor a metrics snapshot: " + bad)
	}
	if c.Over = o.Over; c.Over == 0 && last.After(first) {
		c.Over = last.Sub(first) + time.Second // the last second counts too
	}
	return c, nil
}

// excerpt is the beginning of a line, fit for a message.
func excerpt(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "..."
	}
	return strconv.Quote(text)
}
