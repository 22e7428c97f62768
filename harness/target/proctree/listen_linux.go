package proctree

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"
)

// listenState is TCP_LISTEN of the kernel's <net/tcp_states.h>.
const listenState = 0x0A

// Listening lists the sockets that any of pids listens on, by port. Processes
// that have ended, or belong to another user, hold none.
func Listening(pids []int) ([]Listener, error) { return listening(procfs.DefaultMountPoint, pids) }

// ListeningBeside is Listening in the network namespace of process pid.
func ListeningBeside(pid int, pids []int) ([]Listener, error) {
	return listening(procfs.DefaultMountPoint+"/"+strconv.Itoa(pid), pids)
}

func listening(proc string, pids []int) ([]Listener, error) {
	sockets, err := listenSockets(proc)
	if err != nil {
		return nil, err
	}
	holders := make(map[uint64][]int)
	for _, pid := range pids {
		for _, inode := range socketsOf(pid) {
			holders[inode] = append(holders[inode], pid)
		}
	}
	var found []Listener
	for inode, addr := range sockets {
		if held := holders[inode]; len(held) > 0 {
			slices.Sort(held)
			found = append(found, Listener{Addr: addr, PIDs: slices.Compact(held)})
		}
	}
	slices.SortFunc(found, func(a, b Listener) int {
		return cmp.Or(cmp.Compare(a.Addr.Port(), b.Addr.Port()), a.Addr.Compare(b.Addr))
	})
	return found, nil
}

// PortOwners are the processes on this machine that listen on port, as far as
// the caller may see them.
func PortOwners(port int) ([]int, error) {
	all, err := procfs.AllProcs()
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	pids := make([]int, len(all))
	for i, p := range all {
		pids[i] = p.PID
	}
	listeners, err := Listening(pids)
	if err != nil {
		return nil, err
	}
	var owners []int
	for _, l := range listeners {
		if int(l.Addr.Port()) == port {
			owners = append(owners, l.PIDs...)
		}
	}
	slices.Sort(owners)
	return slices.Compact(owners), nil
}

// listenSockets are the listening sockets of one network namespace by inode: that
// of the process whose folder proc is, or this one's for /proc itself.
func listenSockets(proc string) (map[uint64]netip.AddrPort, error) {
	fs, err := procfs.NewFS(proc)
	if err != nil {
		return nil, fmt.Errorf("read sockets: %w", err)
	}
	v4, err := fs.NetTCP()
	if err != nil {
		return nil, fmt.Errorf("read sockets: %w", err)
	}
	v6, err := fs.NetTCP6()
	if err != nil && !errors.Is(err, os.ErrNotExist) { // a kernel without IPv6
		return nil, fmt.Errorf("read sockets: %w", err)
	}
	sockets := make(map[uint64]netip.AddrPort)
	for _, s := range append(v4, v6...) {
		if s.St == listenState {
			sockets[s.Inode] = addrPort(s.LocalAddr, s.LocalPort)
		}
	}
	return sockets, nil
}

func addrPort(ip net.IP, port uint64) netip.AddrPort {
	addr, _ := netip.AddrFromSlice(ip)
	return netip.AddrPortFrom(addr.Unmap(), uint16(port))
}

func socketsOf(pid int) []uint64 {
	dir := "/proc/" + strconv.Itoa(pid) + "/fd"
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var inodes []uint64
	for _, e := range entries {
		link, err := os.Readlink(dir + "/" + e.Name())
		if err != nil {
			continue
		}
		if digits, ok := strings.CutPrefix(link, "socket:["); ok {
			if n, err := strconv.ParseUint(strings.TrimSuffix(digits, "]"), 10, 64); err == nil {
				inodes = append(inodes, n)
			}
		}
	}
	return inodes
}
