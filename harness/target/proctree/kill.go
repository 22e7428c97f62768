package proctree

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

const (
	poll = 10 * time.Millisecond
	// killWait bounds the wait for processes that were sent SIGKILL: only one
	// that is stuck in the kernel takes longer.
	killWait = 5 * time.Second
)

// Kill ends the tree: SIGTERM, then SIGKILL for what is left after grace, or
// as soon as ctx is done. It returns when no process of the tree lives, and
// fails only when one outlives SIGKILL.
func (t Tree) Kill(ctx context.Context, grace time.Duration) error {
	term, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	if left, err := t.signal(term, syscall.SIGTERM); err != nil || len(left) == 0 {
		return err
	}
	kill, cancel := context.WithTimeout(context.WithoutCancel(ctx), killWait)
	defer cancel()
	left, err := t.signal(kill, syscall.SIGKILL)
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("kill process tree: still alive after SIGKILL: %v", left)
	}
	return err
}

// signal sends sig once to each process of the tree, and to those that appear
// meanwhile, until none is left or ctx is done. It returns the survivors.
func (t Tree) signal(ctx context.Context, sig syscall.Signal) ([]int, error) {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	sent := make(map[int]bool)
	for {
		pids, err := t.PIDs()
		if err != nil {
			return nil, fmt.Errorf("kill process tree: %w", err)
		}
		t.reap(sent)
		if len(pids) == 0 {
			return nil, nil
		}
		for _, pid := range pids {
			if !sent[pid] {
				// An error means that it has gone, or is not ours to signal:
				// the next turn tells.
				_ = syscall.Kill(pid, sig)
				sent[pid] = true
			}
		}
		select {
		case <-ctx.Done():
			return pids, nil
		case <-tick.C:
		}
	}
}

// reap collects the orphans that fell to this process, which happens when it
// is process 1 of a container. The root is left to whoever started it.
func (t Tree) reap(pids map[int]bool) {
	for pid := range pids {
		if pid != t.Root {
			_, _ = syscall.Wait4(pid, nil, syscall.WNOHANG, nil)
		}
	}
}

// Alive reports whether pid is a process that has not ended. A zombie has.
func Alive(pid int) bool {
	return syscall.Kill(pid, 0) != syscall.ESRCH && !isZombie(pid)
}
