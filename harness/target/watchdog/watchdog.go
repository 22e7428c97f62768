// Package watchdog ends a process tree when the process that should have ended
// it was killed. The same binary runs again, in a session of its own, and
// waits for the end of a pipe, which means that its parent died.
package watchdog

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
)

// name is the watchdog's argv[0], and variable holds the tree's marker. Both
// must be there, so that neither alone turns a program into a watchdog.
const (
	name     = "leakcheck-watchdog"
	variable = "LEAKCHECK_WATCHDOG"
)

// installed says that this binary runs Main, and so can be its own watchdog.
var installed atomic.Bool

// Dog watches over one tree. A nil Dog watches nothing.
type Dog struct {
	cmd     *exec.Cmd
	pipe    *os.File
	release sync.Once
}

// Start runs a watchdog for the processes that carry marker ("NAME=value") in
// their environment. It returns nil, and no error, in a binary that has not
// called Main: running that again would not be a watchdog. Its environment is
// env ("NAME=value") and nothing else.
func Start(marker string, env ...string) (*Dog, error) {
	if !installed.Load() {
		return nil, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start watchdog: %w", err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start watchdog: %w", err)
	}
	defer read.Close()
	cmd := &exec.Cmd{
		Path:        self,
		Args:        []string{name},
		Env:         append([]string{variable + "=" + marker}, env...),
		Dir:         "/",
		Stdin:       read,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	if err := cmd.Start(); err != nil {
		write.Close()
		return nil, fmt.Errorf("start watchdog: %w", err)
	}
	return &Dog{cmd: cmd, pipe: write}, nil
}

// Root tells the watchdog the leader of the tree's process group.
func (d *Dog) Root(pid int) error {
	if d == nil {
		return nil
	}
	if _, err := fmt.Fprintln(d.pipe, pid); err != nil {
		return fmt.Errorf("tell watchdog: %w", err)
	}
	return nil
}

// Abandon lets the watchdog do its work now, as it would after this process,
// and does not wait for it. Release does nothing after it.
func (d *Dog) Abandon() {
	if d == nil {
		return
	}
	d.release.Do(func() {
		d.pipe.Close()
		_ = d.cmd.Process.Release() // it outlives this process
	})
}

// Release ends the watchdog without harm to the tree and waits for its end. A
// second call does nothing.
func (d *Dog) Release() {
	if d == nil {
		return
	}
	d.release.Do(func() {
		// It is killed before the pipe ends. One that has gone already, killed
		// by hand, is released too.
		_ = d.cmd.Process.Kill()
		_ = d.cmd.Wait()
		d.pipe.Close()
	})
}
