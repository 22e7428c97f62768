package procmem

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// Both versions of control groups, and machines that mount both.
func TestOOMKills(t *testing.T) {
	const v1 = "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"
	const v2 = "low 0\nhigh 0\nmax 31\noom 1\noom_kill 1\noom_group_kill 0\n"
	for name, test := range map[string]struct {
		files map[string]string
		want  int
	}{
		"v1": {map[string]string{"proc/7/cgroup": "4:memory:/docker/x\n1:cpu:/docker/x\n", "sys/fs/cgroup/memory/docker/x/memory.oom_control": v1}, 2},
		"v2": {map[string]string{"proc/7/cgroup": "0::/system.slice/docker-x.scope\n", "sys/fs/cgroup/system.slice/docker-x.scope/memory.events": v2}, 1},
		"v1 beside an empty v2": {map[string]string{
			"proc/7/cgroup": "0::/docker/x\n4:memory:/docker/x\n", "sys/fs/cgroup/memory/docker/x/memory.oom_control": v1,
		}, 2},
		"before oom_kill was counted": {map[string]string{"proc/7/cgroup": "4:memory:/x\n", "sys/fs/cgroup/memory/x/memory.oom_control": "under_oom 0\n"}, -1},
		"no memory group":             {map[string]string{"proc/7/cgroup": "1:cpu:/x\n"}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := oomKills(filesBelow(t, test.files), 7)
			if test.want < 0 && !errors.Is(err, ErrUnsupported) || test.want >= 0 && (got != test.want || err != nil) {
				t.Errorf("oomKills = %d, %v, want %d", got, err, test.want)
			}
		})
	}
}

func TestHostPIDOfItself(t *testing.T) {
	if pid, found := HostPID(os.Getpid(), pidInside(os.Getpid())); !found || pid != os.Getpid() {
		t.Errorf("HostPID = %d, %v, want this process, %d", pid, found, os.Getpid())
	}
	if InContainer(os.Getpid(), "0123456789abcdef") {
		t.Error("this process is said to be in a container that there is not")
	}
}

func TestMemoryOf(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"v1": {
			"proc/7/cgroup": "9:memory:/docker/a\n0::/docker/a\n",
			"sys/fs/cgroup/memory/docker/a/memory.usage_in_bytes": "9000\n",
			"sys/fs/cgroup/memory/docker/a/memory.stat":           "inactive_file 1\ntotal_rss 5000\ntotal_inactive_file 3000\n",
		},
		"v2": {
			"proc/7/cgroup":                         "0::/docker/a\n",
			"sys/fs/cgroup/docker/a/memory.current": "9000\n",
			"sys/fs/cgroup/docker/a/memory.stat":    "anon 5000\ninactive_file 3000\n",
		},
	} {
		if got, err := memoryOf(filesBelow(t, files), 7); err != nil || got != (Group{Usage: 9000, Droppable: 3000, Anonymous: 5000}) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	if _, err := memoryOf(t.TempDir(), 7); err == nil {
		t.Error("no group, and no error")
	}
}

// filesBelow writes files below a folder of the test's.
func filesBelow(t *testing.T, files map[string]string) (root string) {
	t.Helper()
	root = t.TempDir()
	for file, text := range files {
		path := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}
