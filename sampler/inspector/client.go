// Package inspector speaks the V8 inspector protocol to one Node process and
// its worker threads.
//
// It never sends Runtime.enable, Debugger.enable or Console.enable, and no
// caller may: with any of them on, the runtime keeps what the app logs, and a
// healthy app leaks.
package inspector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/coder/websocket"
)

// Client is the connection to one process, and the Session of its main thread.
// It is safe for concurrent use.
type Client struct {
	*calls
	*events
	conn    *websocket.Conn
	workers *workers
	done    chan struct{}
}

// Dial connects to wsURL, as Node prints it ("ws://127.0.0.1:9229/<id>").
func Dial(ctx context.Context, wsURL string) (*Client, error) {
	conn, _, err := websocket.Dial(ctx, wsURL, &websocket.DialOptions{ //nolint:bodyclose // Dial's answer has none to close
		CompressionMode: websocket.CompressionDisabled,
		HTTPClient:      httpClient(),
	})
	if err != nil {
		return nil, fmt.Errorf("dial inspector: %w", err)
	}
	conn.SetReadLimit(-1) // chunks of snapshots are up to 1 MiB
	c := &Client{conn: conn, done: make(chan struct{}), events: newEvents()}
	c.calls = newCalls(func(ctx context.Context, b []byte) error {
		// A write that its context cuts short closes the connection, so only
		// the connection's end stops one.
		return conn.Write(context.WithoutCancel(ctx), websocket.MessageText, b)
	})
	c.workers = newWorkers(c)
	go c.read(context.WithoutCancel(ctx))
	if err := c.letExit(ctx); err != nil {
		c.Close()
		return nil, fmt.Errorf("dial inspector: %w", err)
	}
	return c, nil
}

// Done is closed when the connection is.
func (c *Client) Done() <-chan struct{} { return c.done }

// Close ends the connection and joins its goroutine. The target runs on.
func (c *Client) Close() {
	c.calls.close(nil)
	_ = c.conn.CloseNow() // its error says only that the other side was first
	<-c.done
}

func (c *Client) read(ctx context.Context) {
	defer close(c.done)
	err := c.readAll(ctx)
	if errors.Is(err, io.EOF) || websocket.CloseStatus(err) == websocket.StatusNormalClosure {
		err = nil
	}
	c.calls.close(err)
	c.workers.close()
	_ = c.conn.CloseNow()
}

// readAll returns nil when the target is about to exit.
func (c *Client) readAll(ctx context.Context) error {
	for {
		_, data, err := c.conn.Read(ctx)
		if err != nil {
			return err
		}
		var m message
		if err := json.Unmarshal(data, &m); err != nil {
			return fmt.Errorf("decode message: %w", err)
		}
		if m.Method == waitingForDisconnect {
			return nil
		}
		c.dispatch(m)
	}
}

func (c *Client) dispatch(m message) {
	if m.Method == "" {
		c.deliver(m)
		return
	}
	c.tell(m)
}
