package proctree

import (
	"errors"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// stateZombie is SZOMB of <sys/proc.h>.
const stateZombie = 5

// processes reads the process table. No process is marked: macOS does not show
// the environment of another process.
func processes(string) ([]process, error) {
	all, err := unix.SysctlKinfoProcSlice("kern.proc.all")
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	table := make([]process, 0, len(all))
	for i := range all {
		p := &all[i]
		table = append(table, process{
			pid:    int(p.Proc.P_pid),
			ppid:   int(p.Eproc.Ppid),
			pgid:   int(p.Eproc.Pgid),
			zombie: p.Proc.P_stat == stateZombie,
		})
	}
	return table, nil
}

func isZombie(pid int) bool {
	p, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	return err != nil || p.Proc.P_stat == stateZombie
}

// HasEnv reports whether pid was started with the environment variable name. It
// is false for processes of other users, and always on macOS.
func HasEnv(int, string) bool { return false }

// Argument is one of pid's arguments, which macOS does not show: "".
func Argument(int, ...string) string { return "" }

// Name is the short name of pid's program, "" when it is not visible.
func Name(pid int) string {
	p, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return ""
	}
	return unix.ByteSliceToString(p.Proc.P_comm[:])
}

// Handles reports whether pid survives a signal that by itself would end it. macOS
// does not show it: the error is errors.ErrUnsupported.
func Handles(int, syscall.Signal) (bool, error) { return false, errors.ErrUnsupported }
