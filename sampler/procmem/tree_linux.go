package procmem

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/prometheus/procfs"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// member is a process with what places it in the tree.
type member struct {
	proc procfs.Proc
	stat procfs.ProcStat
}

// Tree measures root, its descendants, and every process that was started with
// runID in its environment, in ascending order of pid. The caller's own process
// is never among them. PSS is 0 where reading it is not permitted. A process
// that ends meanwhile is left out.
func Tree(root int, runID string) ([]recording.Process, error) {
	all, err := procfs.AllProcs()
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var procs []recording.Process
	for _, m := range members(living(all), root, runID) {
		if p, ok := measure(m); ok {
			procs = append(procs, p)
		}
	}
	if len(procs) == 0 {
		return nil, fmt.Errorf("read process tree: process %d: %w", root, os.ErrNotExist)
	}
	return procs, nil
}

func living(all procfs.Procs) []member {
	var out []member
	for _, p := range all {
		stat, err := p.Stat()
		if err != nil || stat.State == "Z" || stat.State == "X" || p.PID == os.Getpid() {
			continue
		}
		out = append(out, member{p, stat})
	}
	return out
}

func members(all []member, root int, runID string) []member {
	children := make(map[int][]member)
	for _, m := range all {
		children[m.stat.PPID] = append(children[m.stat.PPID], m)
	}
	in := make(map[int]member)
	var add func(member)
	add = func(m member) {
		if _, seen := in[m.proc.PID]; seen {
			return
		}
		in[m.proc.PID] = m
		for _, child := range children[m.proc.PID] {
			add(child)
		}
	}
	for _, m := range all {
		if m.proc.PID == root || runID != "" && startedWith(m.proc.PID, Marker+"="+runID) {
			add(m)
		}
	}
	var tree []member
	for _, m := range in {
		tree = append(tree, m)
	}
	slices.SortFunc(tree, func(a, b member) int { return cmp.Compare(a.proc.PID, b.proc.PID) })
	return tree
}

// startedWith reports whether variable ("NAME=value") is in the environment that
// pid was started with; false where that is not readable.
func startedWith(pid int, variable string) bool {
	environ, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		return false
	}
	for v := range bytes.SplitSeq(environ, []byte{0}) {
		if string(v) == variable {
			return true
		}
	}
	return false
}

func measure(m member) (recording.Process, bool) {
	p := recording.Process{
		PID: m.proc.PID, Name: name(m),
		RSS: unit.Bytes(m.stat.ResidentMemory()),
	}
	fds, err := m.proc.FileDescriptorsLen()
	switch {
	case os.IsNotExist(err):
		return p, false
	case err == nil:
		p.FDs = fds
	}
	if rollup, err := m.proc.ProcSMapsRollup(); err == nil {
		p.RSS, p.PSS = unit.Bytes(rollup.Rss), unit.Bytes(rollup.Pss)
	}
	return p, true
}

// name is the program's: since Node 24 the kernel's name for each node process
// is "MainThread".
func name(m member) string {
	if argv, err := m.proc.CmdLine(); err == nil && len(argv) > 0 && argv[0] != "" {
		return filepath.Base(argv[0])
	}
	return m.stat.Comm
}
