package main

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/leakcheck/leakcheck/tools/testenv"
)

//go:embed heap.cjs
var heapJS string

//go:embed peers
var peers embed.FS

// bench holds what the comparisons share.
type bench struct {
	dir   string // of the peers' packages
	node  string
	self  string
	turns int
}

func newBench(ctx context.Context, turns int) (*bench, error) {
	node, err := testenv.FindNode(ctx, 24)
	if err != nil {
		return nil, err
	}
	b := &bench{node: node.Path, turns: max(1, turns)}
	if b.self, err = os.Executable(); err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	if b.dir, err = os.MkdirTemp("", "bench-heap-"); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	files, err := fs.Sub(peers, "peers")
	if err == nil {
		err = os.CopyFS(b.dir, files)
	}
	if err == nil {
		err = testenv.InstallPackages(ctx, b.dir)
	}
	if err != nil {
		b.close()
		return nil, fmt.Errorf("install what is compared: %w", err)
	}
	return b, nil
}

func (b *bench) close() { _ = os.RemoveAll(b.dir) }

// contestant is one analysis as a command.
type contestant struct {
	name string
	argv []string
}

func (b *bench) contestants(file string) []contestant {
	modules := filepath.Join(b.dir, "node_modules")
	return []contestant{
		{"leakcheck", []string{b.self, "-analyse", file}},
		{"memlab", []string{
			b.node, "--expose-gc", "--max-old-space-size=8192", filepath.Join(modules, "@memlab", "cli", "bin", "memlab.js"),
			"analyze", "object-size", "--snapshot", file, "--work-dir", filepath.Join(b.dir, "memlab"),
		}},
		{"DevTools", []string{b.node, "--max-old-space-size=8192", filepath.Join(b.dir, "devtools.mjs"), file}},
		{"@heap-snapshot/tool", []string{b.node, filepath.Join(modules, "@heap-snapshot", "tool", "bin", "heap-snapshot"), "summary", file}},
	}
}

// cost is what an analysis took.
type cost struct {
	wall, cpu time.Duration
	peak      int64 // bytes
}

// compare prints one size's table.
func (b *bench) compare(ctx context.Context, mb int) error {
	file, size, err := b.write(ctx, mb)
	if err != nil {
		return err
	}
	defer os.Remove(file)
	fmt.Printf("%.0f MB\n", float64(size)/1e6)
	var ours cost
	for i, c := range b.contestants(file) {
		took, err := b.fastest(ctx, c)
		if err != nil && i > 0 {
			fmt.Printf("  %-20s does not run here: %v\n", c.name, err)
			continue
		}
		if err != nil {
			return err
		}
		if i == 0 {
			ours = took
		}
		fmt.Printf("  %-20s %7.2f s %7.2f s cpu %6d MiB   time ×%.1f  cpu ×%.1f  memory ×%.1f\n", c.name,
			took.wall.Seconds(), took.cpu.Seconds(), took.peak>>20, float64(took.wall)/float64(ours.wall),
			float64(took.cpu)/float64(ours.cpu), float64(took.peak)/float64(ours.peak))
	}
	return nil
}

func (b *bench) fastest(ctx context.Context, c contestant) (cost, error) {
	var best cost
	for i := range b.turns {
		took, err := b.measure(ctx, c)
		if err != nil {
			return cost{}, err
		}
		if i == 0 || took.wall < best.wall {
			best = took
		}
	}
	return best, nil
}

func (b *bench) measure(ctx context.Context, c contestant) (cost, error) {
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	cmd.Dir = b.dir
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	start := time.Now()
	if err := cmd.Run(); err != nil {
		text := bytes.TrimSpace(said.Bytes())
		return cost{}, fmt.Errorf("%w: %.120s", err, text)
	}
	took := cost{wall: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		took.peak = usage.Maxrss << 10 // kilobytes on Linux
	}
	return took, nil
}

// command is that of the program whose snapshot is of about the size.
func (b *bench) command(path string, mb int) ([]string, error) {
	const base, perObject = 5, 0.00107 // MB, measured on Node 24
	script := filepath.Join(b.dir, "heap.cjs")
	if err := os.WriteFile(script, []byte(heapJS), 0o644); err != nil {
		return nil, fmt.Errorf("write program: %w", err)
	}
	count := strconv.Itoa(int(float64(mb-base) / perObject))
	return []string{b.node, "--max-old-space-size=8192", script, path, count}, nil
}

// write makes a snapshot of about the size.
func (b *bench) write(ctx context.Context, mb int) (path string, size int64, err error) {
	path = filepath.Join(b.dir, strconv.Itoa(mb)+".heapsnapshot")
	command, err := b.command(path, mb)
	if err != nil {
		return "", 0, err
	}
	if out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput(); err != nil {
		return "", 0, fmt.Errorf("write snapshot: %w\n%s", err, out)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", 0, err
	}
	return path, info.Size(), nil
}
