package target

import (
	"fmt"
	"regexp"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/leakcheck/leakcheck/harness/target/proctree"
)

const (
	// alivePoll is how often a serving process that is not the command itself
	// is looked at: the kernel tells only parents of an end.
	alivePoll = 50 * time.Millisecond
	// followWait is how long a wrapper has to end after its server, with the
	// server's exit code.
	followWait = 500 * time.Millisecond
	// replaceWait is how long a supervisor may take to start another server.
	replaceWait = 2 * time.Second
)

// limits are what a process may run out of, by the errors that tell it.
var limits = map[string]string{
	"EMFILE": "file descriptors", "ENFILE": "file descriptors of the whole machine", "ENOMEM": "memory",
	"ERR_WORKER_INIT_FAILED": "threads", "ERR_WORKER_OUT_OF_MEMORY": "memory of a worker thread",
}

var limitReached = regexp.MustCompile(`\b(?:EMFILE|ENFILE|ENOMEM|ERR_WORKER_INIT_FAILED|ERR_WORKER_OUT_OF_MEMORY)\b`)

// Exhausted is what the target ran out of, and the error that its last words name:
// "file descriptors (EMFILE)"; "" when they name none.
func (e *Exit) Exhausted() string {
	name := limitReached.FindString(e.LastOutput)
	if name == "" {
		return ""
	}
	return limits[name] + " (" + name + ")"
}

// String completes "the target ...".
func (e *Exit) String() string {
	switch {
	case e.Explanation != "":
		return e.Explanation
	case e.OutOfMemory:
		return "ran out of heap memory"
	case e.Exhausted() != "" && e.Signal == "":
		return "ran out of " + e.Exhausted()
	case e.Signal != "":
		return "was ended by " + e.Signal
	case e.Code < 0:
		return "ended"
	}
	return fmt.Sprintf("exited with code %d", e.Code)
}

// watch sets exit and closes done when the target has ended.
func (p *Process) watch() {
	defer close(p.done)
	if !p.awaitServing() {
		select {
		case <-p.ended:
		case <-time.After(followWait):
		}
	}
	p.out.Drain()
	p.exit = *p.outcome()
	if p.exit.Code < 0 && p.exit.Signal == "" {
		p.exit.Replaced, p.exit.Explanation = p.replaced()
	}
}

// replaced waits for another process to serve the port, while the command lives.
func (p *Process) replaced() (bool, string) {
	for deadline := time.Now().Add(replaceWait); time.Now().Before(deadline); {
		pids, err := p.tree.PIDs()
		if err != nil {
			return false, ""
		}
		sockets, err := proctree.Listening(pids)
		if err != nil {
			return false, ""
		}
		if now := holders(sockets, func(l proctree.Listener) bool { return int(l.Addr.Port()) == p.port }); len(now) > 0 {
			return true, fmt.Sprintf("was restarted: process %d has ended, and process %s serves its port now", p.serving.pid, describe(now[0]))
		}
		select {
		case <-p.ended:
			return false, ""
		case <-time.After(alivePoll):
		}
	}
	return false, ""
}

// awaitServing returns when the serving process has ended, and says whether
// the command has too.
func (p *Process) awaitServing() bool {
	if p.serving.pid == p.tree.Root {
		<-p.ended
		return true
	}
	tick := time.NewTicker(alivePoll)
	defer tick.Stop()
	for {
		select {
		case <-p.ended:
			return true
		case <-tick.C:
			if !proctree.Alive(p.serving.pid) {
				return false
			}
		}
	}
}

// outcome is how the command ended, as far as it has.
func (p *Process) outcome() *Exit {
	e := &Exit{Code: -1}
	e.LastOutput, e.OutOfMemory = p.out.Last()
	select {
	case <-p.ended:
		status := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
		if e.Code = status.ExitStatus(); status.Signaled() {
			e.Signal = unix.SignalName(status.Signal())
		}
	default:
	}
	return e
}
