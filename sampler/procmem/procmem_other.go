//go:build !linux

package procmem

import "github.com/leakcheck/leakcheck/sampler/recording"

// Tree needs /proc.
func Tree(root int, runID string) ([]recording.Process, error) { return nil, ErrUnsupported }

// Established needs /proc.
func Established(pid, port int) (int, error) { return 0, ErrUnsupported }

// InContainer needs /proc.
func InContainer(pid int, id string) bool { return false }

// HostPID needs /proc.
func HostPID(root, inside int) (int, bool) { return 0, false }

// OOMKills needs control groups.
func OOMKills(pid int) (int, error) { return 0, ErrUnsupported }

// Group is what a control group charges its processes for, in bytes.
type Group struct{ Usage, Droppable, Anonymous int }

// MemoryOf needs control groups.
func MemoryOf(pid int) (Group, error) { return Group{}, ErrUnsupported }

// Sockets needs /proc.
func Sockets(pid int) (int, error) { return 0, ErrUnsupported }
