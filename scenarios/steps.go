package scenarios

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/loadgen/jsonpointer"
)

// setup checks the requests of the setup; what they capture is known from then
// on.
func (c *checker) setup(steps []Step) {
	c.captures = map[string]bool{}
	if c.good("setup") && len(steps) == 0 {
		c.fail("setup", "leave it away", "setup: the list is empty")
	}
	for i := range steps {
		c.step(indexed("setup", i), &steps[i])
	}
}

// flow checks the steps of an endpoint's flow. What they capture is known in
// the steps after them.
func (c *checker) flow(path string, e *Endpoint) {
	for _, key := range append(slices.Clone(contentKeys), "expect", "abort_after") {
		if at := join(path, key); c.has(at) {
			c.fail(at, "each step has its own", "%s and flow cannot be combined", key)
		}
	}
	if len(e.Flow) == 0 {
		c.fail(path+".flow", "add - request: GET /", "flow: the list is empty")
	}
	before := maps.Clone(c.captures)
	for i := range e.Flow {
		c.step(indexed(path+".flow", i), &e.Flow[i])
	}
	c.captures = before
}

func (c *checker) step(path string, s *Step) {
	if !c.good(path) {
		return
	}
	if kind := c.socketKind(path, s); kind != "" {
		c.socket(path, kind, s)
	} else if c.required(path, "request", "add request: GET /") {
		c.request(path+".request", &s.Message)
	}
	if at := path + ".expect_events"; c.has(at) && strings.HasPrefix(path, "setup") {
		c.fail(at, "only a flow can leave a stream", "expect_events in setup")
	} else if c.has(at) && c.good(at) && (s.ExpectEvents < 1 || s.ExpectEvents > 10_000) {
		c.fail(at, "", "expect_events: want 1 to 10000, got %d", s.ExpectEvents)
	}
	if c.good(path + ".name") {
		c.name(path+".name", s.Name)
	}
	if s.Name == "" {
		s.Name = s.Request
	}
	c.headers(path+".headers", s.Headers)
	c.body(path, &s.Message)
	c.timeout(path+".think", &s.Think, 0)
	if s.Check != nil && c.good(path+".check") {
		c.check(path+".check", s.Check)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Capture)) {
		at := join(path+".capture", name)
		if c.good(at) {
			one := s.Capture[name]
			c.capture(at, &one)
		}
		c.captures[name] = true
	}
}

// socketKeys are steps of a WebSocket.
var socketKeys = []string{"connect", "send", "receive", "close"}

// socketKind is which of them a step is; "" for a request.
func (c *checker) socketKind(path string, s *Step) string {
	i := slices.IndexFunc(socketKeys, func(key string) bool { return c.has(join(path, key)) })
	if i < 0 {
		return ""
	}
	s.Name = orText(s.Name, socketKeys[i]+" "+s.Connect)
	return socketKeys[i]
}

func orText(text, fallback string) string {
	if text != "" {
		return text
	}
	return strings.TrimSpace(fallback)
}

// socket checks a step of a WebSocket.
func (c *checker) socket(path, kind string, s *Step) {
	others := append([]string{"request", "body", "body_file", "query", "body_size", "multipart", "gzip", "expect", "expect_events", "check"}, socketKeys...)
	for _, key := range others {
		if at := join(path, key); key != kind && c.has(at) {
			c.fail(at, "make it a step of its own", "%s and %s cannot be combined in one step", kind, key)
		}
	}
	at := join(path, kind)
	switch {
	case strings.HasPrefix(path, "setup"):
		c.fail(at, "only a flow can use a WebSocket", "%s in setup", kind)
	case !c.good(at):
	case kind == "connect":
		m := Message{Request: "GET " + s.Connect}
		c.request(at, &m)
		s.Method, s.URLPath = m.Method, m.URLPath
	case kind == "send":
		c.requestText(at, s.Send)
	case kind == "receive" && s.Receive != nil:
		c.check(at, s.Receive)
	case kind == "close" && !s.Close:
		c.fail(at, "leave it away", "close: want true")
	}
}

func (c *checker) capture(path string, one *Capture) {
	var given []string
	for _, key := range []string{"json", "header", "cookie", "regex"} {
		if c.has(join(path, key)) {
			given = append(given, key)
		}
	}
	if len(given) != 1 {
		c.fail(path, "write {json: /id}, {header: Location}, {cookie: sid} or {regex: 'id=([0-9]+)'}", "capture: want one of json, header, cookie and regex, got %d of them", len(given))
		return
	}
	if at := join(path, given[0]); c.good(at) {
		switch given[0] {
		case "json":
			c.pointer(at, one.JSON)
		case "regex":
			c.pattern(at, one.Regex)
		case "header":
			c.word(at, one.Header)
		case "cookie":
			c.word(at, one.Cookie)
		}
	}
}

func (c *checker) check(path string, check *Check) {
	if c.good(path + ".matches") {
		c.pattern(path+".matches", check.Matches)
	}
	if c.good(path + ".json") {
		c.pointer(path+".json", check.JSON)
	}
	for _, key := range []string{"contains", "json"} {
		if at := join(path, key); c.good(at) && (key == "json" && check.JSON == "" || key == "contains" && check.Contains == "") {
			c.fail(at, "", "%sis empty", label(at))
		}
	}
	switch {
	case check.Equals != nil && !c.has(path+".json"):
		c.fail(path+".equals", "add json: /path/to/the/value", "equals without json")
	case !c.has(path+".contains") && !c.has(path+".matches") && !c.has(path+".json"):
		c.fail(path, "write {contains: text}", "check: nothing to check is given")
	}
}

func (c *checker) pointer(path, text string) {
	if _, err := jsonpointer.Parse(text); err != nil {
		c.fail(path, "", "%s%v", label(path), err)
	}
}

func (c *checker) pattern(path, text string) {
	if _, err := regexp.Compile(text); err != nil || text == "" {
		if err == nil {
			c.fail(path, "", "%sthe regular expression is empty", label(path))
			return
		}
		c.fail(path, "", "%s%v", label(path), err)
	}
}

func (c *checker) word(path, text string) {
	if text == "" || strings.ContainsFunc(text, notToken) {
		c.fail(path, "", "%s%s cannot be a name", label(path), quote(text))
	}
}
