package proctree

import "net/netip"

// Listener is a TCP socket that accepts connections.
type Listener struct {
	Addr netip.AddrPort
	PIDs []int // the processes that hold it, ascending
}
