package loadgen

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"syscall"
	"time"
)

// UnexpectedStatus is how the errors of a load name an answer that was not
// expected.
func UnexpectedStatus(status int) string { return fmt.Sprintf("unexpected status %d", status) }

// reason is one line for err that is the same for every request which fails
// in the same way: no addresses, no ports.
func reason(err error, timeout time.Duration) string {
	var op *net.OpError
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Sprintf("no answer within %v", timeout)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection reset by the target"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "answer cut off: the target closed the connection"
	case errors.Is(err, io.EOF):
		return "connection closed without an answer"
	case errors.As(err, &op):
		err = op.Err
	}
	return addresses.ReplaceAllString(err.Error(), "ADDRESS")
}

// addresses are IPv4 and bracketed IPv6 addresses, with a port or without.
var addresses = regexp.MustCompile(`(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\])(:\d+)?`)
