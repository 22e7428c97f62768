package proctree

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/prometheus/procfs"
)

// processes reads the process table. Processes that end meanwhile are left out.
func processes(marker string) ([]process, error) {
	all, err := procfs.AllProcs()
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	table := make([]process, 0, len(all))
	for _, p := range all {
		stat, err := p.Stat()
		if err != nil {
			continue
		}
		table = append(table, process{
			pid:    p.PID,
			ppid:   stat.PPID,
			pgid:   stat.PGRP,
			zombie: dead(stat),
			marked: marker != "" && hasVariable(p.PID, func(v string) bool { return v == marker }),
		})
	}
	return table, nil
}

func dead(stat procfs.ProcStat) bool { return stat.State == "Z" || stat.State == "X" }

func isZombie(pid int) bool {
	p, err := procfs.NewProc(pid)
	if err != nil {
		return true
	}
	stat, err := p.Stat()
	return err != nil || dead(stat)
}

// HasEnv reports whether pid was started with the environment variable name. It
// is false for processes of other users, and always on macOS.
func HasEnv(pid int, name string) bool {
	return hasVariable(pid, func(v string) bool { return strings.HasPrefix(v, name+"=") })
}

func hasVariable(pid int, match func(string) bool) bool {
	environ, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		return false
	}
	for v := range bytes.SplitSeq(environ, []byte{0}) {
		if match(string(v)) {
			return true
		}
	}
	return false
}

// Argument is the first of the arguments of pid, or of those in its NODE_OPTIONS,
// that is one of names; "" when there is none.
func Argument(pid int, names ...string) string {
	proc, err := procfs.NewProc(pid)
	if err != nil {
		return ""
	}
	args, err := proc.CmdLine()
	if err != nil {
		return ""
	}
	hasVariable(pid, func(v string) bool {
		options, found := strings.CutPrefix(v, "NODE_OPTIONS=")
		args = append(args, strings.Fields(options)...)
		return found
	})
	for _, arg := range args {
		if slices.Contains(names, arg) {
			return arg
		}
	}
	return ""
}

// Name is the short name of pid's program, "" when it is not visible.
func Name(pid int) string {
	p, err := procfs.NewProc(pid)
	if err != nil {
		return ""
	}
	name, err := p.Comm()
	if err != nil {
		return ""
	}
	return name
}

// Handles reports whether pid survives a signal that by itself would end it: because
// it catches or ignores it.
func Handles(pid int, sig syscall.Signal) (bool, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return false, fmt.Errorf("read signals: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		name, mask, _ := strings.Cut(strings.TrimSpace(line), ":\t")
		if name != "SigCgt" && name != "SigIgn" {
			continue
		}
		signals, err := strconv.ParseUint(mask, 16, 64)
		if err != nil {
			return false, fmt.Errorf("read signals: %w", err)
		}
		if signals>>(sig-1)&1 == 1 {
			return true, nil
		}
	}
	return false, nil
}
