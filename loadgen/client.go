package loadgen

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Client is how the requests of an endpoint are sent. The zero value sends
// HTTP/1.1 over connections that are kept, and reads each answer to its end.
type Client struct {
	HTTP2         bool                // over TLS as h2, else as h2c without an upgrade
	NewConnection bool                // for each request, or flow
	Abort         Abort               // "" never
	ReadRate      unit.BytesPerSecond // of each connection; 0: as fast as it goes
	WriteRate     unit.BytesPerSecond
	Pipeline      int // requests sent at once on a connection of HTTP/1.1; 0 and 1: one
}

// Abort is the point at which a client goes away on purpose.
type Abort string

// The points.
const (
	AbortSent      Abort = "sent"       // all is sent; the answer is not waited for
	AbortFirstByte Abort = "first-byte" // of the answer has come
	AbortUpload    Abort = "upload"     // half of the body is sent
)

// check says what of c cannot be had together, in a request r.
func (c *Client) check(r *Request) error {
	switch {
	case c.Pipeline < 0 || c.ReadRate < 0 || c.WriteRate < 0:
		return errors.New("negative rate or pipeline")
	case c.Abort != "" && c.Abort != AbortSent && c.Abort != AbortFirstByte && c.Abort != AbortUpload:
		return fmt.Errorf("abort %q is not known", c.Abort)
	case c.Abort != "" && (r.AbortAfter > 0 || len(r.Steps) > 0):
		return errors.New("abort cannot be combined with abort_after or a flow")
	case c.Pipeline > 1 && (c.HTTP2 || c.NewConnection || c.Abort != "" || r.AbortAfter > 0 || len(r.Steps) > 0):
		return errors.New("pipelined requests need kept connections of HTTP/1.1, and neither aborts nor a flow")
	}
	return nil
}

// checkMessages is check for what only the compiled requests show.
func (c *Client) checkMessages(messages []*message) error {
	for _, m := range messages {
		if c.Abort == AbortUpload && m.body.empty() {
			return errors.New("abort: upload needs a body to be cut off in")
		}
		if c.Pipeline > 1 && m.refers {
			return errors.New("requests with captured values cannot be pipelined")
		}
	}
	return nil
}

// closes reports whether requests ask the target to close the connection after the
// answer, as clients without keep-alive do.
func (c *Client) closes() bool { return c.NewConnection && !c.HTTP2 && c.Abort == "" }

// configure makes t send n requests as c does. Visits send their own.
func (c *Client) configure(t *transport, n int) {
	t.client = *c
	switch {
	case c.HTTP2:
		t.sessions = newSessions(t)
		t.sender = t.sessions.one
	case c.Pipeline > 1:
		t.sender = newBursts(t, c.Pipeline, n).one
	case c.Abort != "":
		t.sender = t.abandon
	}
}

// abandon sends one request over a connection of HTTP/1.1 and goes away.
func (t *transport) abandon(req *http.Request) *http.Response {
	start := time.Now()
	c, err := t.take(start)
	if err != nil {
		return t.failed(err)
	}
	err = c.abandon(wireOf(req), t.client.Abort, start.Add(t.timeout))
	t.drop(c)
	if err != nil {
		return t.failed(err)
	}
	return answer(aborted, "aborted")
}

// wireOf is the whole request, as the targeter has put it into the body.
func wireOf(req *http.Request) []byte {
	wire := make([]byte, req.ContentLength)
	n, _ := io.ReadFull(req.Body, wire) // of a bytes.Reader
	return wire[:n]
}

// half is the rendered request up to the middle of its body.
func half(wire []byte) []byte {
	body := bytes.Index(wire, []byte("\r\n\r\n")) + len("\r\n\r\n")
	return wire[:body+(len(wire)-body)/2]
}
