package watchdog

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/leakcheck/leakcheck/harness/target/proctree"
)

// grace is short: nobody is left who reads the tree's output.
const grace = 500 * time.Millisecond

// Main must be the first call in main, and in TestMain of tests that start
// targets. It returns at once, except in the watchdog, which ends in it. What
// the tree has made elsewhere, clean removes by its marker.
func Main(clean ...func(ctx context.Context, marker string) error) {
	marker := os.Getenv(variable)
	if os.Args[0] != name || marker == "" {
		installed.Store(true)
		return
	}
	// It outlives a Ctrl-C and the end of a terminal by design.
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM)
	tree := follow(os.Stdin, proctree.Tree{Marker: marker})
	failed := tree.Kill(context.Background(), grace) != nil
	for _, c := range clean {
		failed = c(context.Background(), marker) != nil || failed
	}
	if failed {
		os.Exit(1)
	}
	os.Exit(0)
}

// follow reads the pipe, which tells the tree's root, to its end.
func follow(pipe io.Reader, tree proctree.Tree) proctree.Tree {
	lines := bufio.NewScanner(pipe)
	for lines.Scan() {
		if pid, err := strconv.Atoi(lines.Text()); err == nil {
			tree.Root = pid
		}
	}
	return tree
}
