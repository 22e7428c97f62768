package procmem

import (
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Describe notes what the run is measured on. Memory and CPU model come
// from /proc and stay empty where there is none.
func Describe(e *recording.Environment) {
	e.OS, e.Arch, e.CPUs = runtime.GOOS, runtime.GOARCH, runtime.NumCPU()
	e.CPUModel = procValue("/proc/cpuinfo", "model name")
	kib, err := strconv.ParseInt(strings.TrimSuffix(procValue("/proc/meminfo", "MemTotal"), " kB"), 10, 64)
	if err == nil {
		e.MemoryTotal = unit.Bytes(kib << 10)
	}
}

// procValue is the value of the first "key : value" line, "" when there is none.
func procValue(path, key string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(data)) {
		k, v, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
