// Package target is the Node app under test. Start launches one as a process
// of this machine, waits until it is ready, and finds the inspector of the
// process that serves; Stop leaves nothing of it running.
package target

import (
	"context"
	"net/netip"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// Target is a running app, however it was started.
type Target interface {
	// URL is where it serves, without a trailing slash.
	URL() string
	// Inspector is the WebSocket URL of the serving process's inspector.
	Inspector() string
	// Port is where it listens, in its own network.
	Port() int
	// PID is the serving process, 0 when it is not visible from here.
	PID() int
	// Root is the first process of its tree, 0 when not visible.
	Root() int
	// Shared lists all processes that serve, when there are several.
	Shared() []int
	// Exposed lists where inspectors of the target's own listen that can be reached
	// from other machines or containers.
	Exposed() []netip.AddrPort
	// Containers measures the containers that it consists of; none for a
	// process.
	Containers(ctx context.Context) ([]recording.Container, error)
	// Done is closed when the target has ended.
	Done() <-chan struct{}
	// Exit is how it ended, nil while it runs.
	Exit() *Exit
	// Stop ends it and all that belongs to it. A second call returns what the
	// first did.
	Stop(ctx context.Context) error
}

// Exit is how a target ended.
type Exit struct {
	Code        int    // -1 when ended by a signal, or unknown
	Signal      string // "SIGKILL"; "" when it exited by itself
	OutOfMemory bool   // V8's last words said that its heap was full
	OOMKilled   bool   // the kernel ended it at its container's memory limit
	Replaced    bool   // another process serves in its place: a supervisor started it
	Explanation string // more than Code and Signal say; "" when there is none
	LastOutput  string // the last lines of its output
}
