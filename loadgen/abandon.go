package loadgen

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"
)

// hangUpTime bounds the wait for the target's end of a connection that the
// client has ended.
const hangUpTime = time.Second

// abandon sends the request as far as the client goes and ends the connection,
// which is of no use after.
func (c *conn) abandon(wire []byte, at Abort, deadline time.Time) error {
	if err := c.SetDeadline(deadline); err != nil {
		return err
	}
	if at == AbortFirstByte {
		return c.awaitFirstByte(wire)
	}
	if at == AbortUpload {
		wire = half(wire)
	}
	if _, err := c.Write(wire); err != nil {
		return err
	}
	return c.hangUp(deadline)
}

// awaitFirstByte sends while it waits: the answer may come before all is sent.
func (c *conn) awaitFirstByte(wire []byte) error {
	sent := make(chan error, 1)
	go func() {
		_, err := c.Write(wire)
		sent <- err
	}()
	_, err := c.br.Peek(1)
	closeErr := c.tcp.Close() // what was not read makes it a reset
	sendErr := <-sent
	switch {
	case err == nil:
		return closeErr
	case sendErr != nil:
		return sendErr
	}
	return err
}

// hangUp ends the connection and waits for the target to end its side, so that
// no more clients go away at once than there are workers. What comes instead
// of the end is the answer, which nobody reads.
func (c *conn) hangUp(deadline time.Time) error {
	var endErr error
	if err := c.raw.Control(func(fd uintptr) { endErr = syscall.Shutdown(int(fd), syscall.SHUT_WR) }); err != nil {
		return err
	}
	if errors.Is(endErr, syscall.ENOTCONN) {
		return nil // the target was faster
	}
	if endErr != nil {
		return os.NewSyscallError("shutdown", endErr)
	}
	patience := time.Now().Add(hangUpTime)
	if deadline.Before(patience) {
		patience = deadline
	}
	if err := c.tcp.SetReadDeadline(patience); err != nil {
		return err
	}
	n, _ := io.Copy(io.Discard, c.tcp) // its end, a reset or no patience: all the same here
	c.in += n
	return nil
}
