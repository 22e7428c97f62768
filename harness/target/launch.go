package target

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/leakcheck/leakcheck/harness/target/watchdog"
)

// launch starts the command under a watchdog. On an error nothing runs.
func launch(c *command, o Options, port int) (*Process, error) {
	if err := passFileLimit(); err != nil {
		return nil, err
	}
	out, write, err := NewOutput(o.LogPath, o.Ready.Log)
	if err != nil {
		return nil, err
	}
	p := &Process{options: o, port: port, hasNode: c.hasNode, out: out, ended: make(chan struct{})}
	err = p.run(c, o.RunID, write)
	write.Close() // the target has its own
	if err != nil {
		p.dog.Release()
		return nil, errors.Join(err, out.Close())
	}
	return p, nil
}

// run starts the watchdog first, so that there is no moment without it.
func (p *Process) run(c *command, runID string, output *os.File) error {
	p.tree.Marker = Marker(runID)
	var err error
	if p.dog, err = watchdog.Start(p.tree.Marker); err != nil {
		return fmt.Errorf("start watchdog: %w", err)
	}
	p.cmd = c.build(output)
	if err := p.cmd.Start(); err != nil {
		return notFound(c.args[0], err)
	}
	p.tree.Root = p.cmd.Process.Pid
	go func() {
		defer close(p.ended)
		// How it ended is in ProcessState.
		_ = p.cmd.Wait()
	}()
	// A watchdog that is gone already can no longer be told, and need not fail
	// the run.
	_ = p.dog.Root(p.tree.Root)
	return nil
}

// passFileLimit lets children have as many open files as this process. Go has
// raised its own limit to the hard one at start, and gives children the old
// one unless the limit was set explicitly.
func passFileLimit() error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("read the limit of open files: %w", err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("raise the limit of open files: %w", err)
	}
	return nil
}
