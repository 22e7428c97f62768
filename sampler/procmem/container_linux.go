package procmem

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"
)

// InContainer reports whether pid is a process of the container with that id: a
// number that an engine elsewhere gave may be another process's here. Control
// groups are named after containers.
func InContainer(pid int, id string) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cgroup")
	return err == nil && id != "" && strings.Contains(string(text), id)
}

// HostPID is the process that its container numbers inside, looked for in the
// namespace of the container's first process, root.
func HostPID(root, inside int) (int, bool) {
	namespace, err := pidNamespace(root)
	if err != nil {
		return 0, false
	}
	all, err := procfs.AllProcs()
	if err != nil {
		return 0, false
	}
	for _, p := range all {
		if ns, err := pidNamespace(p.PID); err != nil || ns != namespace {
			continue
		}
		if pidInside(p.PID) == inside {
			return p.PID, true
		}
	}
	return 0, false
}

// pidInside is a process's number in the innermost of its namespaces, 0 when it
// is not told.
func pidInside(pid int) int {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if numbers, found := strings.CutPrefix(line, "NSpid:"); found {
			all := strings.Fields(numbers)
			inside, _ := strconv.Atoi(all[len(all)-1])
			return inside
		}
	}
	return 0
}

func pidNamespace(pid int) (string, error) {
	return os.Readlink("/proc/" + strconv.Itoa(pid) + "/ns/pid")
}

// OOMKills is how many processes of pid's control group the kernel has ended at
// its memory limit.
func OOMKills(pid int) (int, error) { return oomKills("/", pid) }

// oomKills looks below root, which is "/" but in tests.
func oomKills(root string, pid int) (int, error) {
	groups, err := memoryGroups(root, pid)
	if err != nil {
		return 0, fmt.Errorf("count OOM kills: %w", err)
	}
	for _, g := range groups {
		n, err := counter(filepath.Join(g.dir, g.either("memory.oom_control", "memory.events")), "oom_kill")
		if !errors.Is(err, fs.ErrNotExist) { // else the other version's tree, where both are mounted
			return n, err
		}
	}
	return 0, fmt.Errorf("count OOM kills: no memory group: %w", ErrUnsupported)
}

// Group is what a control group charges its processes for, in bytes.
type Group struct {
	Usage     int // all of it
	Droppable int // cached files that nothing uses
	Anonymous int // what no file backs
}

// MemoryOf reads the control group of pid. Engines answer once a second.
func MemoryOf(pid int) (Group, error) { return memoryOf("/", pid) }

func memoryOf(root string, pid int) (Group, error) {
	groups, err := memoryGroups(root, pid)
	if err != nil {
		return Group{}, fmt.Errorf("read memory group: %w", err)
	}
	for _, g := range groups {
		text, err := os.ReadFile(filepath.Join(g.dir, g.either("memory.usage_in_bytes", "memory.current")))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var m Group
		if err == nil {
			m.Usage, err = strconv.Atoi(strings.TrimSpace(string(text)))
		}
		if err == nil {
			m.Droppable, err = counter(filepath.Join(g.dir, "memory.stat"), g.either("total_inactive_file", "inactive_file"))
		}
		if err == nil {
			m.Anonymous, err = counter(filepath.Join(g.dir, "memory.stat"), g.either("total_rss", "anon"))
		}
		if err != nil {
			return Group{}, fmt.Errorf("read memory group: %w", err)
		}
		return m, nil
	}
	return Group{}, fmt.Errorf("read memory group: none is there: %w", ErrUnsupported)
}

// memoryGroup is the folder of a control group that counts memory.
type memoryGroup struct {
	dir string
	v2  bool
}

func (g memoryGroup) either(v1, v2 string) string {
	if g.v2 {
		return v2
	}
	return v1
}

// memoryGroups are those of pid, of both versions where both are mounted.
func memoryGroups(root string, pid int) ([]memoryGroup, error) {
	text, err := os.ReadFile(filepath.Join(root, "proc", strconv.Itoa(pid), "cgroup"))
	if err != nil {
		return nil, err
	}
	const mounted = "sys/fs/cgroup"
	var all []memoryGroup
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(parts) != 3:
		case parts[1] == "":
			all = append(all, memoryGroup{filepath.Join(root, mounted, parts[2]), true})
		case parts[1] == "memory":
			all = append(all, memoryGroup{filepath.Join(root, mounted, "memory", parts[2]), false})
		}
	}
	return all, nil
}

// counter reads a line "name value".
func counter(file, name string) (int, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if key, value, _ := strings.Cut(strings.TrimSpace(line), " "); key == name {
			return strconv.Atoi(value)
		}
	}
	return 0, fmt.Errorf("%s names no %s: %w", file, name, ErrUnsupported)
}
