package machinecmd

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/harness/target/container"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// What a run needs, or is better with.
const (
	oldestNode   = 18                      // whose inspector answers all that is asked
	leastFiles   = 1024                    // leakcheck's connections and the target's together
	leastMemory  = unit.Bytes(500_000_000) // for a small server and leakcheck
	checkTimeout = 10 * time.Second
)

func checkNode(ctx context.Context, _ settings.Settings) finding {
	const mend = "install Node 18 or later and put it first on PATH"
	path, version, err := versionOf(ctx, "node")
	if err != nil {
		return bad(statusFail, mend, "%v", err)
	}
	major, err := strconv.Atoi(strings.SplitN(strings.TrimPrefix(version, "v"), ".", 2)[0])
	if err != nil {
		return bad(statusFail, mend, "%s --version answers %.40q", path, version)
	}
	if major < oldestNode {
		return bad(statusFail, mend, "%s at %s is too old", version, path)
	}
	return ok("%s at %s", version, path)
}

// checkNPM warns only: most scenarios need no packages.
func checkNPM(ctx context.Context, _ settings.Settings) finding {
	path, version, err := versionOf(ctx, "npm")
	if err != nil {
		return bad(statusWarn, "install npm, where demos and apps need packages", "%v", err)
	}
	return ok("%s at %s", version, path)
}

func versionOf(ctx context.Context, program string) (path, version string, err error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if path, err = exec.LookPath(program); err != nil {
		return "", "", err
	}
	cmd := exec.CommandContext(ctx, path, "--version")
	cmd.WaitDelay = time.Second // a shim's child may hold the pipe beyond its end
	out, err := cmd.Output()
	return path, strings.TrimSpace(string(out)), err
}

// checkMemoryFigures looks for what resident memory and its share are read
// from.
func checkMemoryFigures(context.Context, settings.Settings) finding {
	if runtime.GOOS != "linux" {
		return bad(statusWarn, "judge native memory on Linux", "no /proc on %s: resident memory is not measured in full", runtime.GOOS)
	}
	for _, file := range []string{"/proc/self/stat", "/proc/self/fd"} {
		if _, err := os.Stat(file); err != nil {
			return bad(statusFail, "mount /proc", "%v", err)
		}
	}
	if _, err := os.ReadFile("/proc/self/smaps_rollup"); err != nil {
		return bad(statusWarn, "", "no proportional memory: %v", err)
	}
	return ok("/proc is readable")
}

func checkPorts(ctx context.Context, _ settings.Settings) finding {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return bad(statusFail, "allow listening on 127.0.0.1", "%v", err)
	}
	defer l.Close()
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", l.Addr().String())
	if err != nil {
		return bad(statusFail, "allow connections to 127.0.0.1", "%v", err)
	}
	if err := c.Close(); err != nil {
		return bad(statusFail, "", "%v", err)
	}
	return ok("free ports on 127.0.0.1 accept connections")
}

// checkRunFolder writes a file in the run folder, or where it would be made.
func checkRunFolder(_ context.Context, s settings.Settings) finding {
	dir := existing(s.RunsDir)
	f, err := os.CreateTemp(dir, ".leakcheck-doctor-*")
	if err != nil {
		return bad(statusFail, "--runs-dir names another folder", "%v", err)
	}
	_ = f.Close() // it is empty
	if err := os.Remove(f.Name()); err != nil {
		return bad(statusWarn, "remove it by hand", "%v", err)
	}
	return ok("%s is writable", s.RunsDir)
}

// existing is dir, or the nearest folder above that exists.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

func checkOpenFiles(context.Context, settings.Settings) finding {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return bad(statusWarn, "", "read limit: %v", err)
	}
	if limit.Cur < leastFiles {
		return bad(statusWarn, "ulimit -n 4096", "at most %d: a target under load may run out", limit.Cur)
	}
	return ok("at most %d", limit.Cur)
}

func checkMemory(context.Context, settings.Settings) finding {
	free, known := availableMemory()
	if !known {
		return bad(statusNote, "", "how much is available is not known on %s", runtime.GOOS)
	}
	if free < leastMemory {
		return bad(statusWarn, "close other programs, or run where there is more", "%s available", free)
	}
	return ok("%s available", free)
}

// availableMemory reads MemAvailable, which counts what caches would give
// back.
func availableMemory() (unit.Bytes, bool) {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		rest, found := strings.CutPrefix(line, "MemAvailable:")
		if !found {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
		return unit.Bytes(kib << 10), err == nil
	}
	return 0, false
}

func checkCPUs(context.Context, settings.Settings) finding {
	if n := runtime.GOMAXPROCS(0); n < 2 {
		return bad(statusWarn, "run on a machine with 2 or more", "%d: load and target share it, so rates are lower", n)
	}
	return ok("%d", runtime.GOMAXPROCS(0))
}

// checkEngine notes where there is none: only targets in containers need one.
func checkEngine(ctx context.Context, _ settings.Settings) finding {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	about, err := container.Ask(ctx)
	if e, ok := errors.AsType[*target.Error](err); ok {
		return bad(statusNote, e.Hint+" (only targets in containers need it)", "%v", e.Err)
	}
	if err != nil {
		return bad(statusNote, "", "%v", err)
	}
	return ok("%s", about)
}
