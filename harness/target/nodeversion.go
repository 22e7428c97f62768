package target

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

// oldestNode is the first major version whose inspector answers all that the
// sampler asks.
const oldestNode = 18

// versionTimeout is ample: node --version takes tens of milliseconds.
const versionTimeout = 10 * time.Second

type nodeVersion struct{ major, minor int }

var versionPattern = regexp.MustCompile(`v(\d+)\.(\d+)\.\d+`)

func parseNodeVersion(s string) (nodeVersion, bool) {
	m := versionPattern.FindStringSubmatch(s)
	if m == nil {
		return nodeVersion{}, false
	}
	major, errMajor := strconv.Atoi(m[1])
	minor, errMinor := strconv.Atoi(m[2])
	return nodeVersion{major, minor}, errMajor == nil && errMinor == nil
}

// readNodeVersion asks a node binary for its version, in c's folder and
// environment (a version manager's shim looks at both).
func readNodeVersion(ctx context.Context, node string, c *command) (nodeVersion, error) {
	ctx, cancel := context.WithTimeout(ctx, versionTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, "--version")
	cmd.Dir, cmd.Env = c.dir, c.env.list()
	cmd.WaitDelay = time.Second // a shim's child may hold the pipe beyond its end
	out, err := cmd.Output()
	if err != nil {
		var stderr []byte
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			stderr = exit.Stderr
		}
		return nodeVersion{}, &Error{
			Kind:   NodeMissing,
			Err:    fmt.Errorf("run %s --version: %w", node, err),
			Hint:   "check that this is a working Node, 18 or later, and that NODE_OPTIONS is valid",
			Detail: string(stderr),
		}
	}
	version, ok := parseNodeVersion(string(out))
	if !ok {
		return nodeVersion{}, &Error{
			Kind: NodeMissing,
			Err:  fmt.Errorf("%s --version answered %.40q, which is no Node version", node, out),
		}
	}
	return version, nil
}

// check returns NodeTooOld for a version that cannot be measured.
func (v nodeVersion) check() error {
	if v.major >= oldestNode {
		return nil
	}
	return &Error{
		Kind: NodeTooOld,
		Err:  fmt.Errorf("node is version %d.%d, and %d is the oldest that can be measured", v.major, v.minor, oldestNode),
		Hint: "put Node 18 or later first on PATH",
	}
}

// AllowsExposeGC reports whether Node of a version ("20.18.0") takes --expose-gc in
// NODE_OPTIONS. It is false for what is no version.
func AllowsExposeGC(version string) bool {
	v, ok := parseNodeVersion("v" + version)
	return ok && v.allowsExposeGC()
}

// allowsExposeGC reports whether --expose-gc may stand in NODE_OPTIONS: elsewhere
// Node exits with code 9 before it starts.
func (v nodeVersion) allowsExposeGC() bool {
	switch v.major {
	case 20:
		return v.minor >= 18
	case 22:
		return v.minor >= 3
	}
	return v.major > 22
}
