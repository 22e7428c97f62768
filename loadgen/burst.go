package loadgen

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// bursts collects the requests of several workers, and sends as many at once
// on one connection. Answers come in the order of the requests (RFC 9112,
// section 9.3.2).
type bursts struct {
	t    *transport
	size int

	mu      sync.Mutex
	left    int // requests of the block that have not come yet
	forming []*pipelined
}

// pipelined is one request of a burst.
type pipelined struct {
	req  *http.Request
	wire []byte
	done chan *http.Response // takes one
}

func newBursts(t *transport, size, n int) *bursts {
	return &bursts{t: t, size: size, left: n}
}

// one adds a request to the burst that is forming, and returns what came of it.
// Who completes a burst sends it; the last of a block may be smaller.
func (b *bursts) one(req *http.Request) *http.Response {
	p := &pipelined{req, wireOf(req), make(chan *http.Response, 1)}
	b.send(b.join(p))
	select {
	case resp := <-p.done:
		return resp
	case <-b.t.ctx.Done():
		b.disband()
		return <-p.done
	}
}

// join returns the burst that p completes, or nothing.
func (b *bursts) join(p *pipelined) []*pipelined {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left--
	b.forming = append(b.forming, p)
	if len(b.forming) < b.size && b.left > 0 {
		return nil
	}
	burst := b.forming
	b.forming = nil
	return burst
}

// disband gives up what was not sent.
func (b *bursts) disband() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.forming {
		p.done <- answer(unsent, "not sent") //nolint:bodyclose // a status and no body
	}
	b.forming = nil
}

func (b *bursts) send(burst []*pipelined) {
	if len(burst) == 0 {
		return
	}
	c, err := b.t.take(time.Now())
	if err != nil {
		for _, p := range burst {
			p.done <- b.t.failed(err) //nolint:bodyclose // a status and no body
		}
		return
	}
	if b.exchange(c, burst) {
		b.t.put(c)
	} else {
		b.t.drop(c)
	}
}

// exchange writes while it reads, because a burst may be longer than the
// buffers between. keep says that the connection can be used again.
func (b *bursts) exchange(c *conn, burst []*pipelined) (keep bool) {
	err := c.SetDeadline(time.Now().Add(b.t.timeout))
	sent := make(chan error, 1)
	go func() {
		wires := make([][]byte, len(burst))
		for i, p := range burst {
			wires[i] = p.wire
		}
		_, err := c.Write(slices.Concat(wires...))
		sent <- err
	}()
	keep = true
	for _, p := range burst {
		var status int
		if err == nil {
			var again bool
			status, again, err = c.receive(p.req, nil)
			keep = keep && again
		}
		p.done <- b.t.outcome(status, err, b.t.timeout) //nolint:bodyclose // a status and no body
	}
	if err != nil {
		_ = c.tcp.Close() // so that the writing ends; what was wrong is told
	}
	return <-sent == nil && keep && err == nil
}
