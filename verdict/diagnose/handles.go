package diagnose

import (
	"fmt"

	"github.com/leakcheck/leakcheck/sampler/evidence"
)

const (
	// leastHandles is how many must be left open, and leastRate how many per
	// request, before a place is suspected.
	leastHandles = 5
	leastRate    = 0.02
)

// handleKinds tells what Node's types of handles are, by their pattern.
var handleKinds = map[string]struct {
	pattern Pattern
	thing   string
	open    []string // the verdict's names of it
}{
	"file":              {Streams, "open file", []string{"fd"}},
	"FILEHANDLE":        {Streams, "open file", []string{"fd"}},
	"FSEVENTWRAP":       {Streams, "file watcher", []string{"fd"}},
	"STATWATCHER":       {Streams, "file watcher", nil},
	"PIPEWRAP":          {Streams, "pipe", []string{"fd", "socket", "PipeWrap"}},
	"ZLIB":              {Native, "zlib stream", nil},
	"Timeout":           {Timers, "timer", []string{"Timeout"}},
	"TCPWRAP":           {Connections, "connection", []string{"fd", "socket", "TCPSocketWrap"}},
	"TLSWRAP":           {Connections, "TLS connection", []string{"fd", "socket"}},
	"UDPWRAP":           {Connections, "UDP socket", []string{"fd", "socket"}},
	"HTTP2SESSION":      {Connections, "HTTP/2 session", []string{"fd", "socket"}},
	"HTTPCLIENTREQUEST": {Connections, "HTTP request", nil},
	"DNSCHANNEL":        {Native, "DNS resolver", nil},
	"PROCESSWRAP":       {Worker, "child process", []string{"process"}},
	"WORKER":            {Worker, "worker thread", []string{"worker"}},
	"MESSAGEPORT":       {Worker, "message port", nil},
}

// fromHandles suspects each place that opens what stays open.
func (c *clues) fromHandles() []Suspect {
	var all []Suspect
	for i := range c.Watch.Handles {
		h := &c.Watch.Handles[i]
		at := evidence.Innermost(h.Stack)
		perUnit := h.Count / c.Watch.Units()
		if at < 0 || h.Count < leastHandles || perUnit < leastRate {
			continue
		}
		kind := handleKinds[h.Type]
		s := Suspect{
			Pattern: kind.pattern, Thing: kind.thing, At: h.Stack[at], Within: withinOf(h.Stack, at), Isolate: h.Isolate,
			Unit: c.unit, PerUnit: perUnit, Confidence: High,
		}
		share := c.support(&s, h.Stack)
		s.score = leftOpen + counted*min(1, perUnit) + share
		s.Reasons = append(s.Reasons, fmt.Sprintf("seen in %s: %s per %s opened here and still open", c.watched(), amount(perUnit, s.Thing), c.unit))
		for _, name := range kind.open {
			if n := c.open[name]; n > 0 {
				s.score, s.counted = s.score+countedByRun, true
				s.Reasons = append(s.Reasons, fmt.Sprintf("the run counted %.2f %s more per request", n, name))
				break
			}
		}
		c.explainShare(&s, share)
		all = append(all, s)
	}
	return all
}

// fromEnvironment suspects assignments to process.env when native memory leaks:
// the C library may keep the old value of each.
func (c *clues) fromEnvironment() []Suspect {
	var all []Suspect
	for i := range c.Watch.Environment {
		h := &c.Watch.Environment[i]
		at := evidence.Innermost(h.Stack)
		perUnit := h.Count / c.Watch.Units()
		if at < 0 || perUnit < leastRate {
			continue
		}
		s := Suspect{
			Pattern: Native, Thing: "assignment to process.env", At: h.Stack[at], Isolate: h.Isolate,
			Unit: c.unit, PerUnit: perUnit, Confidence: Low, score: environmentAlone,
		}
		s.Reasons = append(s.Reasons, fmt.Sprintf("seen in %s: %s per %s; the C library does not free the value that was there before", c.watched(), amount(perUnit, s.Thing), c.unit))
		if c.behind() {
			s.Confidence, s.score, s.Bytes = Medium, environmentNative+counted*min(1, perUnit), c.native
			s.Reasons = append(s.Reasons, "memory outside the heap grows, and nothing in the heap does")
		}
		all = append(all, s)
	}
	return all
}
