//go:build !linux

package inspector

import "net"

// quickAck has no equivalent here: a message to a worker takes about 44 ms.
func quickAck(conn net.Conn) net.Conn { return conn }
