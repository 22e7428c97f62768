// Package target is the Node app under test. Start launches one as a process
// of this machine, waits until it is ready, and finds the inspector of the
// process that serves; Stop leaves nothing of it running.
package target

import "context"

// Target is a running app, however it was started.
type Target interface {
	// URL is where it serves, without a trailing slash.
	URL() string
	// Inspector is the WebSocket URL of the serving process's inspector.
	Inspector() string
	// PID is the serving process.
	PID() int
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
	LastOutput  string // the last lines of its output
}
