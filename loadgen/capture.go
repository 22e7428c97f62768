package loadgen

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"

	"github.com/leakcheck/leakcheck/loadgen/jsonpointer"
)

// maxReadBody is how much of a body captures and checks look at.
const maxReadBody = 4 << 20

// Capture takes one value from an answer. One of JSON, Header, Cookie and
// Pattern is set.
type Capture struct {
	Name    string
	JSON    *jsonpointer.Pointer // a value of the JSON body
	Header  string               //
	Cookie  string               // one that the answer sets
	Pattern *regexp.Regexp       // in the body: its first group, or all of it without one
}

// Check is what must hold for the body of an answer. All that is set must; the
// zero value holds for each.
type Check struct {
	Contains string
	Matches  *regexp.Regexp
	JSON     *jsonpointer.Pointer // a value that must be there
	Equals   *string              // what it must be, as text
}

func (c *Check) empty() bool { return c.Contains == "" && c.Matches == nil && c.JSON == nil }

// reply is what is kept of an answer where its status is not enough.
type reply struct {
	header http.Header
	body   []byte // up to maxReadBody
	events int    // to read, before the connection is closed; 0 reads the answer to its end
}

// MissingError is a capture that found nothing. It never quotes the answer,
// which may hold a secret.
type MissingError struct {
	Name string // of the captured value
	Why  string
}

func (e *MissingError) Error() string { return fmt.Sprintf("capture %q: %s", e.Name, e.Why) }

func (c *Capture) from(r *reply) (string, error) {
	value, why := c.find(r)
	if why == "" && value == "" {
		why = "the value is empty"
	}
	if why != "" {
		return "", &MissingError{c.Name, why}
	}
	return value, nil
}

// find gives the value, or why there is none.
func (c *Capture) find(r *reply) (value, why string) {
	switch {
	case c.JSON != nil:
		return c.JSON.Find(r.body)
	case c.Header != "":
		if value = r.header.Get(c.Header); value == "" {
			why = fmt.Sprintf("the answer has no header %s", c.Header)
		}
		return value, why
	case c.Cookie != "":
		for _, k := range (&http.Response{Header: r.header}).Cookies() {
			if k.Name == c.Cookie {
				return k.Value, ""
			}
		}
		return "", fmt.Sprintf("the answer sets no cookie %s", c.Cookie)
	}
	found := c.Pattern.FindSubmatch(r.body)
	if found == nil {
		return "", "the body has no match of the regular expression"
	}
	return string(found[min(1, len(found)-1)]), ""
}

// failure is why the body is not what it must be, or "".
func (c *Check) failure(r *reply) string {
	if c.Contains != "" && !bytes.Contains(r.body, []byte(c.Contains)) {
		return fmt.Sprintf("the body does not contain %q", c.Contains)
	}
	if c.Matches != nil && !c.Matches.Match(r.body) {
		return "the body does not match the regular expression"
	}
	if c.JSON == nil {
		return ""
	}
	value, why := c.JSON.Find(r.body)
	if why == "" && c.Equals != nil && value != *c.Equals {
		why = fmt.Sprintf("%s in the body is not %q", c.JSON, *c.Equals)
	}
	return why
}
