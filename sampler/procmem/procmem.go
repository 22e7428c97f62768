// Package procmem reads what the operating system knows of a process tree:
// resident memory, descriptors and connections. It is Linux only; elsewhere
// every function returns ErrUnsupported.
package procmem

import "errors"

// ErrUnsupported says that this operating system has no /proc to read from.
var ErrUnsupported = errors.New("process memory is measured on Linux only")

// Marker is the environment variable that holds the run's id in every process
// that the run started, so that those which left the tree are found.
const Marker = "LEAKCHECK_RUN_ID"
