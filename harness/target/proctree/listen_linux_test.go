package proctree

import (
	"net"
	"net/netip"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestListening(t *testing.T) {
	for addr, network := range map[string]string{
		"127.0.0.1:0": "tcp4", "0.0.0.0:0": "tcp4", "[::1]:0": "tcp6", "[::]:0": "tcp6",
	} {
		l, err := net.Listen(network, addr)
		if err != nil {
			t.Fatal(err)
		}
		want := l.Addr().(*net.TCPAddr).AddrPort()
		want = netip.AddrPortFrom(want.Addr().Unmap(), want.Port())
		self := []int{os.Getpid()}
		got, err := Listening(self)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Listener{{Addr: want, PIDs: self}}, got, cmpopts.EquateComparable(netip.AddrPort{})); diff != "" {
			t.Errorf("%s: Listening (-want +got):\n%s", addr, diff)
		}
		owners, err := PortOwners(int(want.Port()))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(self, owners); diff != "" {
			t.Errorf("%s: PortOwners (-want +got):\n%s", addr, diff)
		}
		l.Close()
	}
	if got, err := Listening([]int{os.Getpid()}); err != nil || got != nil {
		t.Errorf("Listening after Close: got %v, %v", got, err)
	}
}
