package loadgen

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"sync"
	"time"

	"golang.org/x/net/http2"
)

// maxResets is how many streams are reset on one connection: Node.js allows
// 1,000 at once, and 33 a second after that, before it closes the connection.
const maxResets = 500

// sessions are the HTTP/2 connections of one block: one that all workers share,
// or one for each request.
type sessions struct {
	t         *transport
	transport *http2.Transport //nolint:staticcheck // net/http's connections have no Ping

	mu      sync.Mutex
	current *session
}

func newSessions(t *transport) *sessions {
	if t.tls != nil {
		t.tls = t.tls.Clone()
		t.tls.NextProtos = []string{http2.NextProtoTLS}
	}
	//nolint:staticcheck // as above
	return &sessions{t: t, transport: &http2.Transport{
		DisableCompression:         true,
		StrictMaxConcurrentStreams: true, // more requests wait, and open no connection
	}}
}

// one sends one request of vegeta's.
func (s *sessions) one(req *http.Request) *http.Response {
	limit, start := s.t.patience(time.Now())
	status, err := s.exchange(wireOf(req), start.Add(limit), nil)
	return s.t.outcome(status, err, limit)
}

// exchange sends a request that is written as HTTP/1.1, and reads its answer to
// the end. What is kept of it goes to kept, unless it is nil.
func (s *sessions) exchange(wire []byte, deadline time.Time, kept *reply) (status int, err error) {
	c, err := s.enter(deadline)
	if err != nil {
		return noAnswer, err
	}
	ctx, cancel := context.WithDeadline(s.t.ctx, deadline)
	defer cancel()
	req, err := s.request(ctx, wire)
	if err != nil {
		s.leave(c, false)
		return noAnswer, err
	}
	if s.t.client.Abort != "" {
		status, err = s.abandon(c, req)
	} else {
		status, err = c.exchange(req, kept)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = os.ErrDeadlineExceeded
	}
	s.leave(c, err != nil || status == aborted)
	return status, err
}

// request makes of the bytes for HTTP/1.1 what the library sends.
func (s *sessions) request(ctx context.Context, wire []byte) (*http.Request, error) {
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(wire)))
	if err != nil {
		return nil, err
	}
	req.RequestURI, req.URL.Host, req.URL.Scheme = "", req.Host, "http"
	if s.t.tls != nil {
		req.URL.Scheme = "https"
	}
	return req.WithContext(ctx), nil
}

func (c *session) exchange(req *http.Request, kept *reply) (status int, err error) {
	resp, err := c.RoundTrip(req)
	if err != nil {
		return noAnswer, err
	}
	err = errors.Join(kept.read(resp), resp.Body.Close())
	return resp.StatusCode, err
}

// abandon resets the stream at the client's point, and waits until the target
// has read of it, so that no more go away at once than there are workers.
func (s *sessions) abandon(c *session, req *http.Request) (status int, err error) {
	waiting := req.Context()
	ctx, leave := context.WithCancel(waiting)
	defer leave()
	switch s.t.client.Abort {
	case AbortSent:
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { leave() }})
	case AbortUpload:
		req.Body = &partialBody{io.LimitReader(req.Body, req.ContentLength/2), leave}
	}
	resp, err := c.RoundTrip(req.WithContext(ctx))
	if err == nil {
		leave() // at the first byte, or the target was faster
		err = resp.Body.Close()
	}
	if ctx.Err() == nil || waiting.Err() != nil {
		return noAnswer, errors.Join(err, waiting.Err())
	}
	if err := c.Ping(waiting); err != nil {
		return noAnswer, err
	}
	return aborted, nil
}

// partialBody is a body whose sender leaves in the middle.
type partialBody struct {
	io.Reader
	leave func()
}

// Read leaves where the part that is sent ends.
func (c *partialBody) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	if err != nil {
		c.leave()
		return n, context.Canceled
	}
	return n, nil
}

// Close does nothing.
func (c *partialBody) Close() error { return nil }

// enter returns a connection that takes a request.
func (s *sessions) enter(deadline time.Time) (*session, error) {
	if s.t.client.NewConnection {
		c, err := s.open(deadline)
		if c != nil {
			c.users, c.spent = 1, true
		}
		return c, err
	}
	s.mu.Lock() // while one opens, the others wait: it is theirs too
	defer s.mu.Unlock()
	if c := s.current; c == nil || c.spent || !c.CanTakeNewRequest() {
		if c != nil {
			c.spent = true
			s.closeUnused(c)
		}
		var err error
		if s.current, err = s.open(deadline); err != nil {
			return nil, err
		}
	}
	s.current.users++
	return s.current, nil
}

func (s *sessions) leave(c *session, reset bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.users--
	if reset {
		c.resets++
	}
	c.spent = c.spent || c.resets >= maxResets
	s.closeUnused(c)
}

// closeUnused closes a spent connection when the last request on it has ended.
func (s *sessions) closeUnused(c *session) {
	if c.spent && c.users == 0 {
		c.end(s.t)
	}
}

// finish closes the connection that is left, once no request is in flight.
func (s *sessions) finish() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.current; c != nil && !c.spent {
		c.spent = true
		s.closeUnused(c)
	}
	s.current = nil
}
