package scenarios

import (
	"cmp"
	"fmt"
	"maps"
	"net/textproto"
	"slices"
	"strings"
	"unicode"

	"github.com/leakcheck/leakcheck/sampler/recording/printable"
)

func indexed(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

func (c *checker) endpoints(es []Endpoint) {
	if len(es) == 0 {
		c.fail("endpoints", "", "endpoints: the list is empty")
	}
	named := map[string]int{} // place of the first that is called like it
	for i := range es {
		path := indexed("endpoints", i)
		if !c.good(path) {
			continue
		}
		c.endpoint(path, &es[i])
		if !c.good(path + ".name") {
			continue
		}
		alike := printable.Alike(es[i].Name)
		if first, taken := named[alike]; taken {
			hint := fmt.Sprintf("first on line %d", c.places[indexed("endpoints", first)+".name"].line)
			if es[first].Name == es[i].Name {
				c.fail(path+".name", hint, "two endpoints are named %s", quote(es[i].Name))
			} else {
				c.fail(path+".name", hint, "two endpoints have names that look alike: %s and %s", quote(es[first].Name), quote(es[i].Name))
			}
			continue
		}
		named[alike] = i
	}
}

func (c *checker) endpoint(path string, e *Endpoint) {
	if c.required(path, "name", "add a name for the endpoint") {
		if err := printable.CheckEndpoint(e.Name); err != nil {
			c.fail(path+".name", "", "%v", err)
		}
	}
	c.columns, c.anyColumn = nil, e.Data != nil // until its file is read
	if e.Data != nil && c.good(path+".data") {
		c.data(path+".data", e.Data)
		if c.has(path + ".targets") {
			c.fail(path+".data", "the targets file has the requests", "data and targets cannot be combined")
		}
	}
	c.source(path, e)
	if c.good(path + ".request") {
		c.request(path+".request", &e.Message)
	}
	c.headers(path+".headers", e.Headers)
	c.body(path, &e.Message)
	c.answer(path, e)
	c.client(path, e)
	c.shape(path, e)
	if e.Rate != nil {
		c.positive(path+".rate", float64(*e.Rate))
	}
	if e.Budget != nil {
		c.positive(path+".budget", float64(*e.Budget))
	}
	if e.OpenRate != nil {
		c.positive(path+".open_rate", float64(*e.OpenRate))
	}
	if c.has(path + ".workers") {
		c.workers(path+".workers", e.Workers)
	}
	if e.Waive != nil {
		c.waive(path+".waive", e.Waive)
	}
	for i, tag := range e.Tags {
		c.name(indexed(path+".tags", i), tag)
	}
}

// sources are where the requests of an endpoint come from.
var sources = []string{"request", "flow", "targets", "exec"}

// source checks that the requests come from one place, and what else is said
// of those of a file or a flow.
func (c *checker) source(path string, e *Endpoint) {
	given := slices.DeleteFunc(slices.Clone(sources), func(key string) bool { return !c.has(join(path, key)) })
	if len(given) == 0 {
		at := c.nearest(path)
		c.add(at.line, at.col, "add request: GET /", "none of request, flow, targets and exec is given")
	}
	for _, other := range given[min(1, len(given)):] {
		c.fail(join(path, other), "keep one of them", "%s and %s cannot be combined", given[0], other)
	}
	if c.good(path + ".targets") {
		c.targets(path, e)
	}
	if c.has(path+".targets_format") && !c.has(path+".targets") {
		c.fail(path+".targets_format", "", "targets_format without targets")
	}
	if c.good(path + ".flow") {
		c.flow(path, e)
	}
	if c.good(path + ".exec") {
		c.exec(path, e)
	}
}

// headers checks names by RFC 9110, section 5.6.2, and values for what cannot
// be sent. They are taken in the order of the file.
func (c *checker) headers(path string, headers map[string]string) {
	names := slices.SortedFunc(maps.Keys(headers), func(a, b string) int {
		p, q := c.nearest(join(path, a)), c.nearest(join(path, b))
		return cmp.Or(cmp.Compare(p.line, q.line), cmp.Compare(p.col, q.col))
	})
	seen := map[string]bool{}
	for _, name := range names {
		at := join(path, name)
		if name == "" || strings.ContainsFunc(name, notToken) {
			c.failKey(at, "", "%s cannot be the name of a header", quote(name))
			continue
		}
		if strings.ContainsFunc(headers[name], func(r rune) bool { return unicode.IsControl(r) && r != '\t' }) {
			c.fail(at, "", "header %s contains a control character", name)
		}
		c.requestText(at, headers[name])
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		if seen[canonical] {
			c.failKey(at, "case does not count in the names of headers", "header %s given twice", canonical)
		}
		seen[canonical] = true
	}
}

func notToken(r rune) bool {
	const marks = "!#$%&'*+-.^_`|~"
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	return !letter && !strings.ContainsRune(marks, r)
}

// answer checks what counts as success.
func (c *checker) answer(path string, e *Endpoint) {
	c.timeout(path+".timeout", &e.Timeout, defaultTimeout)
	if !c.has(path + ".abort_after") {
		return
	}
	if c.has(path + ".expect") {
		c.fail(path+".expect", "an aborted request has no answer", "expect and abort_after cannot be combined")
	}
	c.timeout(path+".abort_after", &e.AbortAfter, 0)
	if c.good(path+".abort_after") && e.Timeout > 0 && e.AbortAfter >= e.Timeout {
		c.fail(path+".abort_after", "", "abort_after: %v is not less than the timeout of %v", e.AbortAfter, e.Timeout)
	}
}

func (c *checker) waive(path string, w *Waive) {
	if c.required(path, "reason", `add reason: "..."`) && strings.TrimSpace(w.Reason) == "" {
		c.fail(path+".reason", "", "reason is empty")
	}
	c.required(path, "until", "add until: 2027-01-31 (any day)")
}
