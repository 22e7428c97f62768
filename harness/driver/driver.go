// Package driver runs the command that drives an endpoint in a protocol of its
// own: one process for each block, told by its environment what to do, which
// reports the operations on its standard output. docs/drivers.md is the
// contract.
package driver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/leakcheck/leakcheck/loadgen"
)

// Options say what to run.
type Options struct {
	Command []string // the program and its arguments
	Dir     string   // absolute: where it starts, and what a program with a slash is relative to
	RunID   string   // marks its processes, beside the mark of each block
}

// Driver is a command. It may drive several blocks at once.
type Driver struct {
	options Options

	mu   sync.Mutex
	said string // the last lines on standard error of the last block
}

var _ loadgen.Driver = (*Driver)(nil)

// New makes a Driver and starts nothing.
func New(o Options) *Driver { return &Driver{options: o} }

// Program is the path of the command's program. The error says why there is
// none that can be run.
func (d *Driver) Program() (string, error) {
	name := d.options.Command[0]
	path := name
	if strings.Contains(name, "/") && !filepath.IsAbs(name) {
		path = filepath.Join(d.options.Dir, name)
	}
	found, err := exec.LookPath(path)
	switch {
	case err == nil:
		return found, nil
	case !strings.Contains(name, "/") && errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("%q is not on PATH", name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%q does not exist", name)
	}
	if inner, ok := errors.AsType[*exec.Error](err); ok {
		err = inner.Err
	}
	return "", fmt.Errorf("%q: %w", name, err)
}

// Said is the end of what the driver wrote to standard error in its last block.
func (d *Driver) Said() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.said
}

// ByHand is a hint: how to see what the driver does.
func (d *Driver) ByHand() string {
	return fmt.Sprintf("start the app, and run the driver by hand: %s=http://127.0.0.1:3000 %s=10 %s=1 %s=1 %s=1 %s='{}' %s",
		urlVariable, operationsVariable, workersVariable, seedVariable, firstVariable, capturesVariable, strings.Join(d.options.Command, " "))
}

// Drive starts the command for one block and returns when nothing of it is
// left. The error is an *Error where the driver is to blame.
func (d *Driver) Drive(ctx context.Context, job loadgen.Job, report func(loadgen.Report)) error {
	secrets := newSecrets(job.Captures)
	p, err := d.start(&job)
	if err != nil {
		return err
	}
	b := &block{job: &job, report: func(r loadgen.Report) {
		r.Reason = secrets.hide(r.Reason)
		report(r)
	}}
	err = p.finish(b, p.follow(ctx, b)) //nolint:contextcheck // what is left is ended in any case, and that is bounded by itself
	said := secrets.hide(p.stderr())
	d.mu.Lock()
	d.said = said
	d.mu.Unlock()
	if broken, ok := errors.AsType[*Error](err); ok {
		broken.Output = said
	}
	return err
}
