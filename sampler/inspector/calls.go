package inspector

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
)

// Session is one isolate's end of the protocol: the main thread's (*Client) or
// a worker thread's (*Worker).
type Session interface {
	// Call sends method with params (nil for none), waits for the answer and
	// decodes it into result (nil to drop it). The error is a *ProtocolError, a
	// *ClosedError or the context's.
	Call(ctx context.Context, method string, params, result any) error
	// Handle has f called with the parameters of each event named method, in
	// the order of arrival; nil ends that. f runs on the goroutine that reads,
	// and so must not Call; while it blocks, nothing else arrives.
	Handle(method string, f func(params json.RawMessage))
}

// message is any of the protocol's three: a request, an answer or an event.
type message struct {
	ID     int64           `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// calls are the requests of one session that wait for their answers.
type calls struct {
	send func(context.Context, []byte) error

	mu      sync.Mutex
	last    int64
	waiting map[int64]chan message
	closed  *ClosedError
}

func newCalls(send func(context.Context, []byte) error) *calls {
	return &calls{send: send, waiting: make(map[int64]chan message)}
}

// Call implements Session.
func (c *calls) Call(ctx context.Context, method string, params, result any) error {
	id, answer, err := c.begin()
	if err != nil {
		return err
	}
	defer c.forget(id)
	request, err := encode(id, method, params)
	if err != nil {
		return err
	}
	if err := c.send(ctx, request); err != nil {
		return c.failure(ctx, err)
	}
	select {
	case m, ok := <-answer:
		if !ok {
			return c.failure(ctx, nil)
		}
		return decode(method, m, result)
	case <-ctx.Done():
		return fmt.Errorf("call %s: %w", method, ctx.Err())
	}
}

func encode(id int64, method string, params any) ([]byte, error) {
	m := message{ID: id, Method: method}
	if params != nil {
		raw, err := json.Marshal(params)
		if err != nil {
			return nil, fmt.Errorf("encode parameters of %s: %w", method, err)
		}
		m.Params = raw
	}
	return json.Marshal(m)
}

func decode(method string, m message, result any) error {
	if m.Error != nil {
		return &ProtocolError{Method: method, Code: m.Error.Code, Message: m.Error.Message}
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(m.Result, result); err != nil {
		return fmt.Errorf("decode answer to %s: %w", method, err)
	}
	return nil
}

func (c *calls) begin() (int64, chan message, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed != nil {
		return 0, nil, c.closed
	}
	c.last++
	answer := make(chan message, 1)
	c.waiting[c.last] = answer
	return c.last, answer, nil
}

func (c *calls) forget(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, id)
}

// deliver hands an answer to its caller, unless that one has given up.
func (c *calls) deliver(m message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if answer, ok := c.waiting[m.ID]; ok {
		delete(c.waiting, m.ID)
		answer <- m
	}
}

// close fails all calls that wait, and those to come. The first reason stays.
func (c *calls) close(reason error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed != nil {
		return
	}
	c.closed = &ClosedError{Err: reason}
	for id, answer := range c.waiting {
		delete(c.waiting, id)
		close(answer)
	}
}

// failure prefers the context's end, then the reason of the session's end,
// over the transport's words.
func (c *calls) failure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed != nil {
		return c.closed
	}
	return &ClosedError{Err: err}
}
