package driver

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/harness/target/proctree"
	"github.com/leakcheck/leakcheck/harness/target/watchdog"
	"github.com/leakcheck/leakcheck/loadgen"
)

const (
	// grace is how long the driver has to end after SIGTERM.
	grace = 500 * time.Millisecond
	// drainWait bounds the wait for the end of the output when nothing of the
	// driver is left. It comes at once, but on a busy machine, and where a process
	// that was not ours to end holds the pipe.
	drainWait = 5 * time.Second
)

// process is the driver in one block.
type process struct {
	driver *Driver
	cmd    *exec.Cmd
	tree   proctree.Tree
	dog    *watchdog.Dog
	out    *target.Output // standard error
	pipe   *os.File       // standard output
	lines  chan line      // closed at its end
	ended  chan struct{}  // the command was waited for
}

// start starts the command under a watchdog. On an error nothing runs.
func (d *Driver) start(job *loadgen.Job) (*process, error) {
	path, err := d.Program()
	if err != nil {
		return nil, broken("it was there when the run began", "find program: %w", err)
	}
	marker, run := blockVariable+"="+uuid.NewString(), runVariable+"="+d.options.RunID
	p := &process{driver: d, tree: proctree.Tree{Marker: marker}, lines: make(chan line), ended: make(chan struct{})}
	if p.dog, err = watchdog.Start(marker, run); err != nil {
		return nil, fmt.Errorf("start driver: %w", err)
	}
	p.cmd = &exec.Cmd{
		Path:        path,
		Args:        d.options.Command,
		Dir:         d.options.Dir,
		Env:         environment(job, marker, run),
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true},
	}
	if err := p.connect(); err != nil {
		p.dog.Release()
		return nil, err
	}
	return p, nil
}

// connect starts the command with its outputs in our hands.
func (p *process) connect() error {
	out, stderr, err := target.NewOutput("", nil)
	if err != nil {
		return fmt.Errorf("start driver: %w", err)
	}
	defer stderr.Close() // the driver has its own
	out.StopSearching()
	read, stdout, err := os.Pipe()
	if err != nil {
		return errors.Join(fmt.Errorf("start driver: %w", err), stderr.Close(), out.Close())
	}
	defer stdout.Close()
	p.cmd.Stdout, p.cmd.Stderr = stdout, stderr
	if err := p.cmd.Start(); err != nil {
		const hint = "is it a program of this machine, or a script whose first line names its interpreter?"
		return errors.Join(broken(hint, "start: %w", err), read.Close(), stderr.Close(), out.Close())
	}
	p.out, p.pipe, p.tree.Root = out, read, p.cmd.Process.Pid
	_ = p.dog.Root(p.tree.Root) // one that is gone can no longer be told
	go p.read()
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // how it ended is in ProcessState
	}()
	return nil
}

// read parses the output to its end, or to the first line that is no report.
func (p *process) read() {
	defer close(p.lines)
	scanner := bufio.NewScanner(p.pipe)
	scanner.Buffer(nil, maxLine)
	number := 0
	for scanner.Scan() {
		number++
		if len(bytes.TrimSpace(scanner.Bytes())) == 0 {
			continue
		}
		l := line{number: number}
		if l.report, l.err = parse(scanner.Bytes()); l.err != nil {
			l.text = shorten(scanner.Text(), maxQuoted)
		}
		p.lines <- l
	}
	if err := scanner.Err(); errors.Is(err, bufio.ErrTooLong) {
		p.lines <- line{number: number + 1, err: fmt.Errorf("it is longer than %d bytes", maxLine)}
	}
}

// follow takes reports until the driver has ended by itself. It returns early
// when ctx ends, and when the driver breaks the contract.
func (p *process) follow(ctx context.Context, b *block) error {
	patience := time.NewTimer(b.job.Timeout)
	defer patience.Stop()
	lines := p.lines
	for {
		select {
		case l, open := <-lines:
			if !open {
				lines = nil // it may live on, with its output closed
				continue
			}
			if err := b.take(l); err != nil {
				return err
			}
			if l.report.Done+l.report.Failed > 0 {
				patience.Reset(b.job.Timeout)
			}
		case <-p.ended:
			return nil
		case <-patience.C:
			return b.hangs()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (b *block) hangs() error {
	if b.reported == b.job.Operations {
		return broken("let it close its connections and exit when its operations are done",
			"all %d operations were reported, and it did not exit within %v", b.reported, b.job.Timeout)
	}
	return broken("let it report operations as they end; timeout: of the endpoint allows longer silence",
		"nothing reported for %v, with %d of %d operations done", b.job.Timeout, b.reported, b.job.Operations)
}

// finish ends whatever is left of the driver, and takes what it reported last.
// err is why it was left, nil when it had ended by itself.
func (p *process) finish(b *block, err error) error {
	killErr := p.tree.Kill(context.Background(), grace)
	if killErr != nil {
		return errors.Join(err, fmt.Errorf("stop driver: %w", killErr)) // it is stuck in the kernel: nothing of it can be waited for
	}
	<-p.ended
	p.dog.Release()
	_ = p.pipe.SetReadDeadline(time.Now().Add(drainWait))
	for l := range p.lines {
		if err == nil {
			err = b.take(l)
		}
	}
	err = errors.Join(err, p.pipe.Close(), p.out.Close())
	if err != nil {
		return err
	}
	if how := p.failure(); how != "" {
		return broken(p.driver.ByHand(), "it %s after %d of %d operations", how, b.reported, b.job.Operations)
	}
	return b.complete()
}

// failure is how the driver ended, "" when it exited with 0.
func (p *process) failure() string {
	status := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case status.Signaled():
		return "was ended by " + unix.SignalName(status.Signal())
	case status.ExitStatus() != 0:
		return fmt.Sprintf("exited with code %d", status.ExitStatus())
	}
	return ""
}

// stderr is the end of what the driver wrote there.
func (p *process) stderr() string {
	text, _ := p.out.Last()
	return text
}
