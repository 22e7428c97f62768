package loadgen

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// webSocket is a user's WebSocket, on a connection of its own.
type webSocket struct {
	*websocket.Conn
	conn *conn
}

// maxMessage bounds a message of the target, in bytes.
const maxMessage = 10 << 20

var errNoSocket = errors.New("no WebSocket is open: a step with connect opens one")

// socketStep does a step that concerns the user's WebSocket. What it received is
// kept, as an answer is.
func (u *user) socketStep(s *step) (*http.Response, *reply, error) {
	ctx, cancel := context.WithTimeout(u.t.ctx, u.t.timeout)
	defer cancel()
	if s.socket == Connect {
		return u.connectSocket(ctx, s)
	}
	if u.socket == nil {
		return answer(broken, errNoSocket.Error()), nil, errNoSocket
	}
	kept := &reply{}
	var err error
	switch s.socket {
	case Send:
		err = u.socket.Write(ctx, websocket.MessageText, s.text.append(nil, &u.vars.Vars))
	case Receive:
		kept.body, err = u.receive(ctx, s)
	case Close:
		err = u.socket.Close(websocket.StatusNormalClosure, "")
		u.leaveSocket()
	}
	if err != nil {
		return u.t.failed(err), nil, errors.New(reason(err, u.t.timeout))
	}
	return answer(http.StatusOK, ""), kept, nil
}

// connectSocket opens a WebSocket with the headers of the step.
func (u *user) connectSocket(ctx context.Context, s *step) (*http.Response, *reply, error) {
	u.leaveSocket()
	rendered, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(u.wire(s.message))))
	if err != nil {
		return answer(broken, err.Error()), nil, err
	}
	c, err := u.t.dial(time.Now().Add(u.t.timeout))
	if err != nil {
		return u.t.failed(err), nil, errors.New(reason(err, u.t.timeout))
	}
	// The connection is the target's already, with TLS where it has that.
	ws, resp, err := websocket.Dial(ctx, "ws://"+rendered.Host+rendered.URL.RequestURI(), &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: handshake{c}}, HTTPHeader: rendered.Header, Host: rendered.Host,
	})
	if err != nil {
		u.t.drop(c)
		if resp != nil {
			u.visits.count(resp.StatusCode)
			return answer(resp.StatusCode, resp.Status), nil, fmt.Errorf("open WebSocket: answered %s", resp.Status)
		}
		return u.t.failed(err), nil, errors.New(reason(err, u.t.timeout))
	}
	ws.SetReadLimit(maxMessage)
	u.visits.count(resp.StatusCode)
	u.socket = &webSocket{ws, c}
	return answer(http.StatusOK, ""), &reply{header: resp.Header}, nil
}

// receive reads messages up to the one that the step waits for.
func (u *user) receive(ctx context.Context, s *step) ([]byte, error) {
	for {
		_, message, err := u.socket.Read(ctx)
		if err != nil {
			return nil, err
		}
		if s.check.failure(&reply{body: message}) == "" {
			return message, nil
		}
	}
}

// leaveSocket ends a WebSocket without a word, as a client does that goes away.
func (u *user) leaveSocket() {
	if u.socket == nil {
		return
	}
	_ = u.socket.CloseNow() // it may be closed already
	u.t.drop(u.socket.conn)
	u.socket = nil
}

// handshake sends the request that asks for a WebSocket on a connection, which
// becomes the body of the answer.
type handshake struct{ conn *conn }

// RoundTrip is one exchange.
func (h handshake) RoundTrip(req *http.Request) (*http.Response, error) {
	if deadline, ok := req.Context().Deadline(); ok {
		if err := h.conn.SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	if err := req.Write(h.conn); err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(h.conn.br, req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		resp.Body = &upgraded{Reader: h.conn.br, conn: h.conn}
	}
	return resp, h.conn.SetDeadline(time.Time{})
}

// upgraded is a connection after the handshake.
type upgraded struct {
	io.Reader
	conn *conn
}

func (u *upgraded) Write(b []byte) (int, error) { return u.conn.Write(b) }
func (u *upgraded) Close() error                { return u.conn.Close() }
