package loadgen

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"
)

// inlineLimit is the longest request that is written before the answer is
// read. It fits any socket's buffers, so that a target which answers while it
// reads cannot block both sides.
const inlineLimit = 16 << 10

// justAnswered is far under the time after which servers close idle connections.
const justAnswered = 2 * time.Millisecond

// conn is one connection to the target, used by one request at a time.
type conn struct {
	net.Conn
	tcp     net.Conn // Conn, or what TLS runs over
	raw     syscall.RawConn
	br      *bufio.Reader
	since   time.Time // idle since
	reused  bool      // after it was kept
	in, out int64     // bytes so far
}

func newConn(c net.Conn, config *tls.Config) (*conn, error) {
	raw, err := c.(syscall.Conn).SyscallConn()
	if err != nil {
		return nil, err
	}
	tcp := newSocket(c, raw)
	k := &conn{Conn: tcp, tcp: tcp, raw: raw}
	if config != nil {
		k.Conn = tls.Client(tcp, config)
	}
	k.br = bufio.NewReader(k)
	return k, nil
}

// Read counts.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.in += int64(n)
	return n, err
}

// Write counts.
func (c *conn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.out += int64(n)
	return n, err
}

// stands reports whether the target has neither closed the idle connection nor sent
// anything on it. A connection that has been kept before and has only just
// answered is trusted: the target is not one that closes each after its answer.
func (c *conn) stands(now time.Time) bool {
	if c.br.Buffered() > 0 {
		return false
	}
	if c.reused && now.Sub(c.since) < justAnswered {
		return true
	}
	c.reused = true
	var quiet bool
	err := c.raw.Control(func(fd uintptr) { // not Read, which a deadline that has passed would end
		var b [1]byte
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		quiet = errors.Is(err, syscall.EAGAIN)
	})
	return err == nil && quiet
}

// exchange sends the bytes in req's body and reads the answer to its end. The
// status is 0 when there was none; keep says that the connection can be used
// again. What is kept of the answer goes to kept, unless it is nil.
func (c *conn) exchange(req *http.Request, deadline time.Time, kept *reply) (status int, keep bool, err error) {
	if err := c.SetDeadline(deadline); err != nil {
		return noAnswer, false, err
	}
	if req.ContentLength > inlineLimit {
		return c.exchangeLong(req, kept)
	}
	_, sendErr := io.Copy(c, req.Body)
	// A target may answer, and close, before it has read the whole request.
	status, keep, err = c.receive(req, kept)
	if err != nil && sendErr != nil {
		err = sendErr
	}
	return status, keep && sendErr == nil, err
}

// exchangeLong sends and receives at the same time.
func (c *conn) exchangeLong(req *http.Request, kept *reply) (status int, keep bool, err error) {
	var sendErr error
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_, sendErr = io.Copy(c, req.Body)
	}()
	status, keep, err = c.receive(req, kept)
	select {
	case <-sent:
		return status, keep && sendErr == nil, err
	default: // answered before it was read, or never
		closeErr := c.Close()
		<-sent
		if err == nil {
			closeErr = nil
		}
		return status, false, errors.Join(err, closeErr)
	}
}

// receive reads one answer, past the informational ones before it.
func (c *conn) receive(req *http.Request, kept *reply) (status int, keep bool, err error) {
	for {
		if _, err := c.br.Peek(1); err != nil {
			return noAnswer, false, err
		}
		if kept == nil && req.Method != http.MethodHead {
			if status, ok, err := c.receivePlain(); ok {
				return status, err == nil, err
			}
		}
		resp, err := http.ReadResponse(c.br, req) //nolint:bodyclose // read to its end below, or cut off with the connection
		if err != nil {
			return noAnswer, false, err
		}
		if resp.StatusCode == http.StatusSwitchingProtocols {
			return resp.StatusCode, false, nil
		}
		if resp.StatusCode >= 200 {
			err = kept.read(resp)
			return resp.StatusCode, err == nil && !resp.Close && (kept == nil || kept.events == 0), err
		}
	}
}

// receivePlain reads an answer that is plain, of which nothing is kept; ok reports
// whether it is one.
func (c *conn) receivePlain() (status int, ok bool, err error) {
	b, _ := c.br.Peek(c.br.Buffered())
	status, head, body, ok := plainAnswer(b)
	if !ok {
		return status, false, nil
	}
	if _, err = c.br.Discard(head + body); errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return status, true, err
}

// read reads the answer to its end, and keeps what it may need of it. A nil
// reply keeps nothing.
func (r *reply) read(resp *http.Response) error {
	if r != nil {
		r.header = resp.Header
		if r.events > 0 && resp.StatusCode < 300 {
			return r.readEvents(resp, r.events)
		}
		var err error
		if r.body, err = io.ReadAll(io.LimitReader(resp.Body, maxReadBody)); err != nil {
			return err
		}
	}
	_, err := io.Copy(io.Discard, resp.Body)
	return err
}
