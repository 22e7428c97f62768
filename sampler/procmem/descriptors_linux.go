package procmem

import (
	"fmt"
	"strings"

	"github.com/prometheus/procfs"
)

// Sockets counts the descriptors of pid that are sockets of any family.
func Sockets(pid int) (int, error) {
	proc, err := procfs.NewProc(pid)
	if err != nil {
		return 0, fmt.Errorf("count sockets: %w", err)
	}
	targets, err := proc.FileDescriptorTargets()
	if err != nil {
		return 0, fmt.Errorf("count sockets: %w", err)
	}
	n := 0
	for _, t := range targets {
		if strings.HasPrefix(t, "socket:") {
			n++
		}
	}
	return n, nil
}
