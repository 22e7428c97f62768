package scenarios

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/loadgen/infile"
)

// besideExec are the keys of an endpoint that hold for a driver as well; the
// others are about requests, which it sends as it likes.
var besideExec = []string{"name", "exec", "timeout", "rate", "budget", "waive", "workers", "tags"}

// exec checks the command of a driver. That its program is there is looked for
// when the run is compiled.
func (c *checker) exec(path string, e *Endpoint) {
	at := join(path, "exec")
	if len(e.Exec) == 0 || e.Exec[0] == "" {
		c.fail(at, "write it as [node, drive.js]", "exec: the program is missing")
		return
	}
	for _, key := range fieldsOf(reflect.TypeFor[Endpoint]()).names {
		if slices.Contains(besideExec, key) || slices.Contains(sources, key) || !c.has(join(path, key)) {
			continue
		}
		c.fail(join(path, key), "the driver sends what it likes: docs/drivers.md says what it is told", "%s and exec cannot be combined", key)
	}
	for i, arg := range e.Exec {
		if strings.Contains(arg, braces) {
			c.fail(indexed(at, i), "the driver finds all that it needs in its environment: docs/drivers.md", "exec: templates are not replaced in %s", quote(arg))
			return
		}
		c.driverFile(arg)
	}
}

// driverFile reads an argument that names a file beside the scenario: it
// determines what is measured. Any other argument is none of ours.
func (c *checker) driverFile(arg string) {
	name := filepath.Join(c.decoder.dir, arg)
	if info, err := os.Stat(name); filepath.IsAbs(arg) || err != nil || !info.Mode().IsRegular() {
		return
	}
	if content, err := infile.ReadRegular(name, maxFile); err == nil {
		c.bodies[name] = content
	}
}
