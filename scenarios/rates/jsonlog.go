package rates

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Where structured logs have what was requested, the surest first: pino and
// pino-http, Caddy, nginx with a JSON format, Google's and Elastic's fields,
// morgan and winston.
var (
	methodFields = []string{"req.method", "request.method", "method", "request_method", "verb", "http.request.method", "http.method", "httpRequest.requestMethod", "meta.req.method"}
	pathFields   = []string{"req.originalUrl", "req.url", "request.uri", "request.url", "request_uri", "url", "uri", "url.original", "http.url", "url.path", "httpRequest.requestUrl", "path", "meta.req.url"}
	statusFields = []string{"res.statusCode", "response.statusCode", "res.status", "response.status", "status", "statusCode", "status_code", "http.response.status_code", "http.status_code", "httpRequest.status", "meta.res.statusCode", "code"}
	timeFields   = []string{"time", "ts", "timestamp", "@timestamp", "time_iso8601", "time_local", "msec", "datetime", "date"}
	idFields     = []string{"reqId", "req.id", "request_id", "requestId"}
)

// structured reads a line that is a JSON object. The requests that are logged
// when they come in wait until their answers are.
type structured struct {
	waiting map[string]Line
	order   []string
}

// maxWaiting bounds the requests that wait for their answers.
const maxWaiting = 10_000

// read gives the request of a line; more reports whether the line is understood
// though it gives none yet.
func (s *structured) read(text string) (l Line, ok, more bool) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var o map[string]any
	if !strings.HasPrefix(text, "{") || d.Decode(&o) != nil {
		return l, false, false
	}
	l.Count = 1
	l.Method, l.Path = requestOf(o)
	l.Status = statusOf(o)
	var timed bool
	l.Time, timed = timeOf(o)
	id := textOf(o, idFields)
	switch {
	case !timed:
		return l, false, false
	case l.Method == "" && l.Status > 0 && id != "":
		return s.answered(id, l)
	case l.Method == "" || l.Path == "":
		return l, false, false
	case l.Status == 0 && id != "":
		s.wait(id, l)
		return l, false, true
	}
	return l, true, false
}

// answered joins an answer with the request that waits for it.
func (s *structured) answered(id string, answer Line) (Line, bool, bool) {
	l, ok := s.waiting[id]
	if ok {
		delete(s.waiting, id)
		l.Status = answer.Status
	}
	return l, ok, false
}

func (s *structured) wait(id string, l Line) {
	if s.waiting == nil {
		s.waiting = map[string]Line{}
	}
	if len(s.waiting) < maxWaiting {
		s.waiting[id] = l
		s.order = append(s.order, id)
	}
}

// rest are the requests whose answers are not in the log.
func (s *structured) rest() []Line {
	var all []Line
	for _, id := range s.order {
		if l, ok := s.waiting[id]; ok {
			all = append(all, l)
			delete(s.waiting, id)
		}
	}
	return all
}

// requestOf is the method and the path, which may stand in one text.
func requestOf(o map[string]any) (method, path string) {
	method, path = strings.ToUpper(textOf(o, methodFields)), textOf(o, pathFields)
	if words := strings.Fields(textOf(o, []string{"request", "request_line"})); path == "" && len(words) >= 2 {
		method, path = words[0], words[1]
	}
	path, ok := requestPath(path)
	if !ok || method == "" || strings.ContainsAny(method, " \t") {
		return "", ""
	}
	return method, path
}

func statusOf(o map[string]any) int {
	n, err := strconv.Atoi(textOf(o, statusFields))
	if err != nil || n < 100 || n > 599 {
		return 0
	}
	return n
}

// timeOf reads seconds or milliseconds since 1970, and times as text.
func timeOf(o map[string]any) (time.Time, bool) {
	text := textOf(o, timeFields)
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		if n > 1e11 { // milliseconds: as seconds it would be after the year 5000
			n /= 1000
		}
		return time.UnixMilli(int64(n * 1000)).UTC(), n > 1e8
	}
	for _, form := range []string{time.RFC3339Nano, logTime, "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(form, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// textOf is the first of the fields that is there: of the object, or of objects
// in it.
func textOf(o map[string]any, fields []string) string {
	for _, f := range fields {
		switch v := within(o, f).(type) {
		case string:
			if v != "" {
				return v
			}
		case json.Number:
			return v.String()
		}
	}
	return ""
}

func within(o map[string]any, field string) any {
	if v, ok := o[field]; ok {
		return v
	}
	name, rest, deeper := strings.Cut(field, ".")
	if inner, ok := o[name].(map[string]any); ok && deeper {
		return within(inner, rest)
	}
	return nil
}

// parseBalancer reads a line of an AWS application load balancer's log: type,
// time, names, addresses and durations, the status at the tenth place, and the
// quoted request.
func parseBalancer(text string) (l Line, ok bool) {
	front, rest, quoted := strings.Cut(text, ` "`)
	words := strings.Fields(front)
	if !quoted || len(words) < 11 || len(words) > 13 {
		return l, false
	}
	t, err := time.Parse(time.RFC3339Nano, words[1])
	if err != nil {
		return l, false
	}
	request, _, _ := strings.Cut(rest, `"`)
	parts := strings.Fields(request)
	code, err := strconv.Atoi(words[8])
	if len(parts) < 2 || err != nil || code < 100 || code > 599 {
		return l, false
	}
	path, ok := requestPath(parts[1])
	return Line{Hit{parts[0], path, code, 1}, t.Truncate(time.Second)}, ok && parts[0] == strings.ToUpper(parts[0])
}

// IsLog reports whether one of the first lines of text is of an access log, of
// any of the forms that are read.
func IsLog(text []byte) bool {
	var s structured
	n := 0
	for line := range bytes.Lines(text) {
		if n++; n > 50 {
			return false
		}
		one := strings.TrimSpace(string(line))
		_, ok, more := s.read(one)
		if _, text := ParseLine(one); ok || more || text {
			return true
		}
	}
	return false
}

// forms are named where a log is not understood.
const forms = "an access log (common or combined format, JSON lines, or of an AWS load balancer)"

func notLog(bad string) error {
	return fmt.Errorf("neither %s nor a metrics snapshot: %s", forms, bad)
}
