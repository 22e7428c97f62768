package procmem

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/prometheus/procfs"
)

// States of a connection in /proc/net/tcp that hold resources of a server's:
// open, or closed by the client alone.
const (
	established = 0x01
	closeWait   = 0x08
)

// Established counts the TCP connections that clients have with port in the
// network namespace of pid, those included that only the client has closed.
func Established(pid, port int) (int, error) {
	proc, err := procfs.NewFS("/proc/" + strconv.Itoa(pid))
	if err != nil {
		return 0, fmt.Errorf("count connections: %w", err)
	}
	v4, err := proc.NetTCP()
	if err != nil {
		return 0, fmt.Errorf("count connections: %w", err)
	}
	v6, err := proc.NetTCP6()
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // a kernel without IPv6
		return 0, fmt.Errorf("count connections: %w", err)
	}
	n := 0
	for _, c := range append(v4, v6...) {
		if c.LocalPort == uint64(port) && (c.St == established || c.St == closeWait) {
			n++
		}
	}
	return n, nil
}
