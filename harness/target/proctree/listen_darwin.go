package proctree

import "errors"

// Listening lists the sockets that any of pids listens on. macOS does not
// show them: the error is errors.ErrUnsupported.
func Listening([]int) ([]Listener, error) { return nil, errors.ErrUnsupported }

// ListeningBeside is Listening, where there are network namespaces.
func ListeningBeside(int, []int) ([]Listener, error) { return nil, errors.ErrUnsupported }

// PortOwners are the processes on this machine that listen on port. macOS
// does not show them: the error is errors.ErrUnsupported.
func PortOwners(int) ([]int, error) { return nil, errors.ErrUnsupported }
