package target

import (
	"regexp"
	"time"
)

// Options say what to start and when it counts as ready.
type Options struct {
	Command []string          // the program and its arguments
	Dir     string            // "" is the current folder
	Env     map[string]string // added to this process's environment
	// Expand gives what a text of Command, or a value of Env, stands for with
	// the app on port; nil leaves them as they are.
	Expand func(text string, port int) string
	// Port that the app will listen on; 0 chooses a free one. The child finds
	// it in PORT, unless Env sets that.
	Port    int
	Ready   Ready
	LogPath string // file to add stdout and stderr to; "" keeps only the last lines
	// Remains is a folder for what Node leaves when it dies of memory: a heap
	// snapshot and a report. "" asks for neither.
	Remains string
	// KeepInspector lets the command open an inspector of its own to other machines.
	KeepInspector bool
	// RunID marks every process that the command starts. It must differ
	// between targets: Stop ends all that carry it.
	RunID string
}

// Ready is when the target can take load. Without Path and Log, it is when the
// port accepts a connection, which is needed in any case.
type Ready struct {
	Path    string         // answers with 2xx or 3xx
	Log     *regexp.Regexp // matches a line of output
	Timeout time.Duration  // 0 is 30 s
	Reach
}

func (o *Options) expand(text string, port int) string {
	if o.Expand == nil {
		return text
	}
	return o.Expand(text, port)
}

const defaultTimeout = 30 * time.Second

func (r Ready) timeout() time.Duration {
	if r.Timeout > 0 {
		return r.Timeout
	}
	return defaultTimeout
}
