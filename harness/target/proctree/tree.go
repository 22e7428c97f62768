// Package proctree finds and ends every process that one command has started,
// those that left its process group or were daemonised included, and says
// which TCP ports they listen on.
//
// On macOS a process that has left both the group and the line of descent
// cannot be found, because other processes' environments are not readable
// there, and neither can the owner of a port.
package proctree

import (
	"cmp"
	"os"
	"slices"
)

// Tree is the processes of one command. A process belongs to it when its
// environment holds Marker, when it is Root or in Root's process group, or when
// it descends from one that does.
type Tree struct {
	Root   int    // mostly the leader of a process group; 0 while there is none
	Marker string // "NAME=value", unique to the command
}

// process is one row of the process table.
type process struct {
	pid, ppid, pgid int
	zombie          bool
	marked          bool
}

// PIDs are the tree's living processes in ascending order. Zombies and the
// caller are not among them.
func (t Tree) PIDs() ([]int, error) {
	table, err := processes(t.Marker)
	if err != nil {
		return nil, err
	}
	return t.members(table), nil
}

func (t Tree) members(table []process) []int {
	children := make(map[int][]process)
	for _, p := range table {
		children[p.ppid] = append(children[p.ppid], p)
	}
	seen := make(map[int]bool)
	var pids []int
	var add func(p process)
	add = func(p process) {
		if seen[p.pid] || p.zombie || p.pid == os.Getpid() {
			return
		}
		seen[p.pid] = true
		pids = append(pids, p.pid)
		for _, child := range children[p.pid] {
			add(child)
		}
	}
	for _, p := range table {
		if p.marked || t.Root > 0 && (p.pid == t.Root || p.pgid == t.Root) {
			add(p)
		}
	}
	slices.SortFunc(pids, cmp.Compare[int])
	return pids
}
