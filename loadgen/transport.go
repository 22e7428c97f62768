package loadgen

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// What a response's status says when it is not the target's answer. vegeta
// hands it on in Result.Code, with the reason in Result.Error.
const (
	noAnswer = 0
	aborted  = 1 // given up on purpose, after it was sent
	unsent   = 2 // the block was stopped before its turn
	broken   = 3 // a visit that ended at a step, by its answer
)

// transport carries the requests of one block. Each is sent exactly once: a
// kept connection that has closed is replaced before it is used, and nothing is
// retried after.
type transport struct {
	ctx        context.Context
	addr       string
	tls        *tls.Config // nil: plain
	timeout    time.Duration
	abortAfter time.Duration
	expect     func(int) bool
	visits     *visits // what is sent, when it is not what vegeta hands over
	client     Client
	sender     func(*http.Request) *http.Response // instead of a plain exchange
	sessions   *sessions                          // of HTTP/2

	ended func() // is called after each request

	inFlight, peak atomic.Int64

	mu      sync.Mutex
	idle    []*conn // the last used at the end
	live    map[*conn]struct{}
	shut    bool
	in, out int64 // bytes on closed connections
}

func (l *Loader) newTransport(ctx context.Context, timeout time.Duration) *transport {
	return &transport{ctx: ctx, addr: l.addr, tls: l.tls, live: map[*conn]struct{}{}, timeout: timeout, ended: func() {}}
}

// RoundTrip sends the wire bytes in the request's body, reads the answer to its
// end, and never returns an error: what went wrong is in the status.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	defer t.ended()
	if t.ctx.Err() != nil {
		return answer(unsent, "not sent"), nil
	}
	t.enter()
	defer t.inFlight.Add(-1)
	if t.visits != nil {
		return t.visits.one(t), nil
	}
	if t.sender != nil {
		return t.sender(req), nil
	}
	start := time.Now()
	c, err := t.take(start)
	if err != nil {
		return t.failed(err), nil
	}
	limit, start := t.patience(start)
	status, keep, err := c.exchange(req, start.Add(limit), nil)
	if keep {
		t.put(c)
	} else {
		t.drop(c)
	}
	return t.outcome(status, err, limit), nil
}

// patience is how long the client waits, and from when.
func (t *transport) patience(start time.Time) (time.Duration, time.Time) {
	if t.abortAfter > 0 {
		return min(t.timeout, t.abortAfter), time.Now() // the client's patience begins when it sends
	}
	return t.timeout, start
}

// outcome says what came of a request.
func (t *transport) outcome(status int, err error, limit time.Duration) *http.Response {
	switch {
	case err == nil:
		return answer(status, http.StatusText(status))
	case !t.gaveUp(err, limit):
		return t.failed(err)
	case status != noAnswer && !t.expect(status):
		return answer(status, http.StatusText(status))
	}
	return answer(aborted, "aborted")
}

// gaveUp tells an abort on purpose from a timeout.
func (t *transport) gaveUp(err error, limit time.Duration) bool {
	return t.abortAfter > 0 && limit == t.abortAfter && errors.Is(err, os.ErrDeadlineExceeded) && t.ctx.Err() == nil
}

func (t *transport) failed(err error) *http.Response {
	if t.ctx.Err() != nil {
		return answer(noAnswer, "cut off when the load was stopped")
	}
	return answer(noAnswer, reason(err, t.timeout))
}

func answer(status int, text string) *http.Response {
	return &http.Response{StatusCode: status, Status: text, Body: http.NoBody}
}

func (t *transport) enter() {
	now := t.inFlight.Add(1)
	for {
		peak := t.peak.Load()
		if now <= peak || t.peak.CompareAndSwap(peak, now) {
			return
		}
	}
}

// take returns a kept connection that still stands, or a new one.
func (t *transport) take(now time.Time) (*conn, error) {
	for {
		c := t.pop()
		if c == nil {
			return t.dial(now.Add(t.timeout))
		}
		if c.stands(now) {
			return c, nil
		}
		t.drop(c)
	}
}

func (t *transport) pop() *conn {
	t.mu.Lock()
	defer t.mu.Unlock()
	last := len(t.idle) - 1
	if last < 0 {
		return nil
	}
	c := t.idle[last]
	t.idle = t.idle[:last]
	return c
}

func (t *transport) dial(deadline time.Time) (*conn, error) {
	d := net.Dialer{Deadline: deadline}
	raw, err := d.DialContext(t.ctx, "tcp", t.addr)
	if err != nil {
		return nil, err
	}
	c, err := newConn(raw, t.tls)
	if err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	t.client.throttle(c)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.shut {
		return nil, errors.Join(net.ErrClosed, c.Close())
	}
	t.live[c] = struct{}{}
	return c, nil
}

func (t *transport) put(c *conn) {
	if t.client.NewConnection {
		t.drop(c)
		return
	}
	c.since = time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.idle = append(t.idle, c)
}

func (t *transport) drop(c *conn) {
	// An error of closing says nothing that the exchange has not said.
	_ = c.Close()
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.live, c)
	t.in += c.in
	t.out += c.out
}

// interrupt makes every request in flight fail now.
func (t *transport) interrupt() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shut = true
	for c := range t.live {
		_ = c.tcp.Close() // TLS would wait to say goodbye
	}
}

// finish closes the kept connections, once no request is in flight.
func (t *transport) finish() {
	t.sessions.finish()
	for c := t.pop(); c != nil; c = t.pop() {
		t.drop(c)
	}
}
