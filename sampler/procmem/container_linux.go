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

// InContainer says whether pid is a process of the container with that id: a
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
	groups, err := os.ReadFile(filepath.Join(root, "proc", strconv.Itoa(pid), "cgroup"))
	if err != nil {
		return 0, fmt.Errorf("count OOM kills: %w", err)
	}
	const mounted = "sys/fs/cgroup"
	for line := range strings.Lines(string(groups)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		var file string
		switch {
		case parts[1] == "": // v2
			file = filepath.Join(root, mounted, parts[2], "memory.events")
		case parts[1] == "memory": // v1
			file = filepath.Join(root, mounted, "memory", parts[2], "memory.oom_control")
		default:
			continue
		}
		n, err := counter(file, "oom_kill")
		if errors.Is(err, fs.ErrNotExist) {
			continue // the other version's tree, where both are mounted
		}
		return n, err
	}
	return 0, fmt.Errorf("count OOM kills: no memory group: %w", ErrUnsupported)
}

// counter reads a line "name value".
func counter(file, name string) (int, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, fmt.Errorf("count OOM kills: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if key, value, _ := strings.Cut(strings.TrimSpace(line), " "); key == name {
			return strconv.Atoi(value)
		}
	}
	return 0, fmt.Errorf("count OOM kills: %s names no %s: %w", file, name, ErrUnsupported)
}
