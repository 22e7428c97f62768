package testenv

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// Node is one Node.js binary.
type Node struct {
	Path    string // absolute
	Version string // "v24.21.0"
	Major   int    // 24
}

// FindNode returns the node on PATH when its major version is the one asked
// for, and otherwise npm's build of that version, downloaded once.
func FindNode(ctx context.Context, major int) (Node, error) {
	if path, err := exec.LookPath("node"); err == nil {
		if node, err := OpenNode(ctx, path); err == nil && node.Major == major {
			return node, nil
		}
	}
	dir, err := cached(filepath.Join(CacheDir(), "node"), strconv.Itoa(major), func(tmp string) error {
		return npm(ctx, tmp, "install", "--no-save", nodePackage()+"@"+strconv.Itoa(major))
	})
	if err != nil {
		return Node{}, fmt.Errorf("fetch node %d: %w", major, err)
	}
	return OpenNode(ctx, filepath.Join(dir, "node_modules", nodePackage(), "bin", "node"))
}

// OpenNode asks a binary for its version.
func OpenNode(ctx context.Context, path string) (Node, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Node{}, fmt.Errorf("find node: %w", err)
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return Node{}, fmt.Errorf("ask %s for its version: %w", path, err)
	}
	version := strings.TrimSpace(string(out))
	major, err := parseMajor(version)
	if err != nil {
		return Node{}, fmt.Errorf("ask %s for its version: %w", path, err)
	}
	return Node{Path: path, Version: version, Major: major}, nil
}

// parseMajor reads 24 out of "v24.21.0".
func parseMajor(version string) (int, error) {
	digits, rest, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	major, err := strconv.Atoi(digits)
	if err != nil || rest == "" {
		return 0, fmt.Errorf("%q is no Node version", version)
	}
	return major, nil
}

// nodePackage is the npm package that holds this system's node binary.
func nodePackage() string {
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x64"
	}
	return "node-" + runtime.GOOS + "-" + arch
}
