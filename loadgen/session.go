package loadgen

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"
)

// NoHTTP2 begins the reason for which requests failed whose target does not
// speak the HTTP/2 that the client asks for.
const NoHTTP2 = "no HTTP/2"

// Errors of a target that does not speak HTTP/2.
var (
	errHTTP1    = errors.New(NoHTTP2 + ": the target answers in HTTP/1.1")
	errNotSaid  = errors.New(NoHTTP2 + ": the target closed the connection at its first bytes")
	errNotAgree = errors.New(NoHTTP2 + ": the target does not agree to it in TLS (ALPN)")
)

// session is one connection of HTTP/2. All but the connection is guarded by the
// mutex of sessions.
type session struct {
	*http2.ClientConn
	conn   *conn
	tap    *tap
	users  int
	resets int
	spent  bool // takes no more requests
}

// open connects, and makes sure that the target speaks HTTP/2.
func (s *sessions) open(deadline time.Time) (*session, error) {
	conn, err := s.t.dial(deadline)
	if err != nil {
		return nil, err
	}
	if err := conn.agree(s.t.ctx, deadline); err != nil {
		s.t.drop(conn)
		return nil, err
	}
	c := &session{conn: conn, tap: &tap{Conn: conn.Conn, ended: make(chan struct{})}}
	c.ClientConn, err = s.transport.NewClientConn(c.tap) //nolint:staticcheck // net/http's has no Ping
	if err != nil {
		s.t.drop(conn)
		return nil, err
	}
	if err := c.greet(s.t.ctx, deadline); err != nil {
		c.end(s.t)
		return nil, err
	}
	return c, nil
}

// agree shakes hands where there is TLS, on HTTP/2 alone.
func (c *conn) agree(ctx context.Context, deadline time.Time) error {
	inner := c.Conn
	if slow, ok := inner.(*throttled); ok {
		inner = slow.Conn
	}
	secure, ok := inner.(*tls.Conn)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	err := secure.HandshakeContext(ctx)
	if err != nil && strings.Contains(err.Error(), "no application protocol") { // an alert, whose type is not exported
		return errNotAgree
	}
	if err == nil && secure.ConnectionState().NegotiatedProtocol != http2.NextProtoTLS {
		return errNotAgree
	}
	return err
}

// greet waits for the first answer of the target's side.
func (c *session) greet(ctx context.Context, deadline time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	err := c.Ping(ctx)
	switch {
	case err == nil || ctx.Err() != nil || errors.Is(err, errHTTP1):
		return err
	case c.tap.in.Load() == 0:
		return errNotSaid
	}
	return fmt.Errorf("begin HTTP/2: %w", err)
}

// end closes the connection when no request is on it.
func (c *session) end(t *transport) {
	_ = c.Close() // what went wrong is in the answers
	<-c.tap.ended
	c.conn.in, c.conn.out = c.tap.in.Load(), c.tap.out.Load()
	t.drop(c.conn)
}

// tap counts what goes over a connection that is read and written at the same
// time, and knows HTTP/1.1 by its first bytes.
type tap struct {
	net.Conn
	in, out atomic.Int64
	ended   chan struct{} // closed when reading has ended
	begun   bool
	over    bool
}

// Read is called by one goroutine, the library's.
func (t *tap) Read(b []byte) (int, error) {
	n, err := t.Conn.Read(b)
	t.in.Add(int64(n))
	if !t.begun && bytes.HasPrefix(b[:n], []byte("HTTP/1")) {
		n, err = 0, errHTTP1
	}
	t.begun = t.begun || n > 0
	if err != nil && !t.over {
		t.over = true
		close(t.ended)
	}
	return n, err
}

// Write counts.
func (t *tap) Write(b []byte) (int, error) {
	n, err := t.Conn.Write(b)
	t.out.Add(int64(n))
	return n, err
}
