package loadgen

import (
	"net"
	"syscall"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

const (
	// pieceTime is how long a piece of a throttled transfer takes.
	pieceTime = 20 * time.Millisecond
	// slowBuffer is the kernel's room for what a slow reader has not read, which
	// would else take an answer of megabytes at once.
	slowBuffer = 16 << 10
)

// throttle limits what goes over k to the client's rates.
func (c *Client) throttle(k *conn) {
	if c.ReadRate == 0 && c.WriteRate == 0 {
		return
	}
	if c.ReadRate > 0 {
		// Without it, the reader is slow all the same.
		_ = k.raw.Control(func(fd uintptr) {
			_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, slowBuffer)
		})
	}
	k.Conn = &throttled{Conn: k.Conn, in: pace{rate: c.ReadRate}, out: pace{rate: c.WriteRate}}
}

// throttled is a connection on which each direction keeps its pace.
type throttled struct {
	net.Conn
	in, out pace
}

// Read returns at most a piece.
func (t *throttled) Read(b []byte) (int, error) {
	n, err := t.Conn.Read(t.in.piece(b))
	t.in.wait(n)
	return n, err
}

// Write writes piece by piece.
func (t *throttled) Write(b []byte) (int, error) {
	sent := 0
	for sent < len(b) {
		n, err := t.Conn.Write(t.out.piece(b[sent:]))
		sent += n
		if err != nil {
			return sent, err
		}
		t.out.wait(n)
	}
	return sent, nil
}

// pace is the rate of one direction; 0 does not limit it.
type pace struct {
	rate unit.BytesPerSecond
	next time.Time // when the next piece may go
}

func (p *pace) piece(b []byte) []byte {
	if p.rate == 0 {
		return b
	}
	return b[:min(len(b), max(1, int(float64(p.rate)*pieceTime.Seconds())))]
}

// wait sleeps for as long as n bytes take.
func (p *pace) wait(n int) {
	if p.rate == 0 || n == 0 {
		return
	}
	now := time.Now()
	if p.next.Before(now) {
		p.next = now
	}
	p.next = p.next.Add(time.Duration(float64(n) / float64(p.rate) * float64(time.Second)))
	time.Sleep(p.next.Sub(now)) // no longer than a piece takes, so that nothing waits for it
}
