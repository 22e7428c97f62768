package target

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// RunIDVariable marks the processes of one target.
const RunIDVariable = "LEAKCHECK_RUN_ID"

// Marker is what a run's processes carry in their environment.
func Marker(runID string) string { return RunIDVariable + "=" + runID }

// inspectFlag lets the kernel choose the port: with a fixed one, npm would
// take it, and the app behind npm would run without an inspector.
const inspectFlag = "--inspect=127.0.0.1:0"

// command is what will run, resolved for the child's own folder and PATH.
type command struct {
	path string
	args []string // with args[0]
	dir  string
	env  environment
	// hasNode says that a node is on the command's PATH, or is the command.
	hasNode bool
}

// prepare resolves o into a command with the inspector switched on.
func prepare(ctx context.Context, o Options, port int) (*command, error) {
	if len(o.Command) == 0 || o.Command[0] == "" {
		return nil, &Error{Kind: BadCommand, Err: errors.New("the command is empty")}
	}
	dir, err := folder(o.Dir)
	if err != nil {
		return nil, &Error{Kind: CommandNotFound, Err: err, Hint: "correct target.dir"}
	}
	c := &command{dir: dir, args: arguments(&o, port), env: childEnvironment(&o, port)}
	if c.path, err = c.lookPath(c.args[0]); err != nil {
		return nil, notFound(c.args[0], err)
	}
	if err := c.refuseBreak(); err != nil {
		return nil, err
	}
	if err := c.inspect(ctx); err != nil {
		return nil, err
	}
	if o.Remains != "" {
		c.leave(o.Remains)
	}
	return c, nil
}

func folder(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find folder %q: %w", dir, err)
	}
	info, err := os.Stat(abs)
	if err != nil {
		return "", fmt.Errorf("find folder: %w", err)
	}
	if !info.IsDir() {
		return "", fmt.Errorf("%s is not a folder", abs)
	}
	return abs, nil
}

func arguments(o *Options, port int) []string {
	out := make([]string, len(o.Command))
	for i, arg := range o.Command {
		out[i] = o.expand(arg, port)
	}
	return out
}

// lookPath finds a program as the child's shell would: names with a slash
// from the child's folder, others on the child's PATH.
func (c *command) lookPath(name string) (string, error) {
	if strings.Contains(name, "/") {
		return exec.LookPath(c.inDir(name))
	}
	err := exec.ErrNotFound
	for _, dir := range filepath.SplitList(c.env.get("PATH")) {
		path, e := exec.LookPath(filepath.Join(c.inDir(dir), name))
		if e == nil {
			return path, nil
		}
		if !errors.Is(e, os.ErrNotExist) && !errors.Is(e, exec.ErrNotFound) {
			err = e
		}
	}
	return "", err
}

func (c *command) inDir(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(c.dir, path)
}

// installNode is for a command whose node is not found.
const installNode = "install Node 18 or later, or put it on PATH; leakcheck doctor says what this machine lacks"

func notFound(name string, err error) *Error {
	if name == "node" {
		return &Error{
			Kind: NodeMissing,
			Err:  fmt.Errorf("find node: %w", err),
			Hint: installNode,
		}
	}
	return &Error{
		Kind: CommandNotFound,
		Err:  fmt.Errorf("find %s: %w", name, err),
		Hint: "check target.command and target.dir, and that the program is on PATH and executable",
	}
}

// refuseBreak refuses flags under which the app waits for a debugger. They may
// stand in any argument, or within one that a shell will split.
func (c *command) refuseBreak() error {
	for _, field := range append(strings.Fields(strings.Join(c.args, " ")), strings.Fields(c.env.get("NODE_OPTIONS"))...) {
		if strings.HasPrefix(field, "--inspect-brk") || strings.HasPrefix(field, "--inspect-wait") {
			return &Error{
				Kind: BadCommand,
				Err:  fmt.Errorf("with %s the app waits for a debugger and never starts", field),
				Hint: "remove it: leakcheck switches the inspector on by itself",
			}
		}
	}
	return nil
}

// inspect switches the inspector and the gc function on: as arguments of a
// plain node command, and through NODE_OPTIONS for all Node processes that the
// command starts.
func (c *command) inspect(ctx context.Context) error {
	node, found := c.node()
	if !found {
		// The command may know a Node of its own. One that does not will die
		// at start, and say so.
		c.env.addNodeOption(inspectFlag)
		return nil
	}
	c.hasNode = true
	version, err := readNodeVersion(ctx, node, c)
	if err != nil {
		return err
	}
	if c.isNode() {
		if err := version.check(); err != nil {
			return err
		}
		c.args = slices.Insert(c.args, 1, c.nodeFlags()...)
	}
	c.env.addNodeOption(inspectFlag)
	if version.allowsExposeGC() {
		c.env.addNodeOption("--expose-gc")
	}
	return nil
}

// leave has Node write into dir when its heap is nearly full, and when it dies of
// that. Through NODE_OPTIONS it reaches the process that serves, whatever the
// command is.
func (c *command) leave(dir string) {
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(dir)
	for _, flag := range []string{
		"--heapsnapshot-near-heap-limit=1", "--report-on-fatalerror",
		`"--diagnostic-dir=` + quoted + `"`, `"--report-directory=` + quoted + `"`,
	} {
		c.env.addNodeOption(flag)
	}
}

// node is the Node that the command is, or will find on its PATH.
func (c *command) node() (path string, found bool) {
	if c.isNode() {
		return c.path, true
	}
	path, err := c.lookPath("node")
	return path, err == nil
}

func (c *command) isNode() bool { return filepath.Base(c.path) == "node" }

// nodeFlags leaves an inspector that the command asks for as it is.
func (c *command) nodeFlags() []string {
	asked := func(arg string) bool { return arg == "--inspect" || strings.HasPrefix(arg, "--inspect=") }
	if slices.ContainsFunc(c.args, asked) {
		return []string{"--expose-gc"}
	}
	return []string{inspectFlag, "--expose-gc"}
}

// build is the command in a process group of its own, without a terminal.
func (c *command) build(output *os.File) *exec.Cmd {
	return &exec.Cmd{
		Path:        c.path,
		Args:        c.args,
		Dir:         c.dir,
		Env:         c.env.list(),
		Stdout:      output,
		Stderr:      output,
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true},
	}
}
