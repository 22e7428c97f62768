package target

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/leakcheck/leakcheck/harness/target/proctree"
	"github.com/leakcheck/leakcheck/harness/target/watchdog"
	"github.com/leakcheck/leakcheck/sampler/recording"
)

// grace is how long the target has to end after SIGTERM.
const grace = 3 * time.Second

// Process is a target that runs on this machine.
type Process struct {
	options Options
	port    int
	url     string
	serving serving
	hasNode bool // a node is on the command's PATH
	exposed []netip.AddrPort

	cmd  *exec.Cmd
	tree proctree.Tree
	dog  *watchdog.Dog
	out  *Output

	ended chan struct{} // the command was waited for
	done  chan struct{} // exit is set; nil until ready
	exit  Exit

	stop    sync.Once
	stopErr error
}

var _ Target = (*Process)(nil)

// Start runs the command and returns when it is ready. On an error, an *Error
// where the target is to blame, everything that it started is stopped already.
// ctx bounds the start only.
//
// A program whose main begins with watchdog.Main leaves no target running even
// when it is killed by SIGKILL; any other does then.
//
// On macOS the owner of the port is not visible: see Process.PID.
func Start(ctx context.Context, o Options) (*Process, error) {
	if o.RunID == "" {
		o.RunID = uuid.NewString()
	}
	for try := 1; ; try++ {
		port, err := choosePort(ctx, o.Port)
		if err != nil {
			return nil, err
		}
		p, err := startAt(ctx, o, port)
		if o.Port != 0 || try == portTries || !lostPort(err, port) {
			return p, err
		}
	}
}

// startAt starts the command with its app on port.
func startAt(ctx context.Context, o Options, port int) (*Process, error) {
	cmd, err := prepare(ctx, o, port)
	if err != nil {
		return nil, err
	}
	p, err := launch(cmd, o, port)
	if err != nil {
		return nil, err
	}
	if err := p.settle(ctx, o.Ready); err != nil {
		if stopErr := p.Stop(context.WithoutCancel(ctx)); stopErr != nil {
			err = errors.Join(err, stopErr)
		}
		return nil, err
	}
	return p, nil
}

// Again starts the command once more on the same port, with the same options.
// The first process must have been stopped. The log goes on where it ended.
func (p *Process) Again(ctx context.Context) (*Process, error) {
	o := p.options
	o.Port = p.port
	return Start(ctx, o)
}

// settle waits until the app is ready and finds the process that serves.
func (p *Process) settle(ctx context.Context, r Ready) error {
	url, err := p.awaitReady(ctx, r)
	if err != nil {
		return err
	}
	found, err := p.discover(ctx)
	if err != nil {
		return p.withOutput(err)
	}
	if err := CheckVersion(ctx, found.inspector); err != nil {
		return p.withOutput(err)
	}
	if err := p.findExposed(ctx); err != nil {
		return p.withOutput(err)
	}
	p.url, p.serving = url, *found
	p.out.StopSearching()
	p.done = make(chan struct{})
	go p.watch()
	return nil
}

// withOutput adds what the app printed to an error about it.
func (p *Process) withOutput(err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Detail == "" {
		e.Detail, _ = p.out.Last()
	}
	return err
}

// URL is where the app serves: http://127.0.0.1:PORT, or http://[::1]:PORT
// when it listens only there.
func (p *Process) URL() string { return p.url }

// Port is where the app listens: the one asked for, or the free one chosen.
func (p *Process) Port() int { return p.port }

// Inspector is the ws:// URL of the inspector of the process that serves. On
// macOS it is the one that was announced last in the output, which is another
// process's when the server starts Node processes of its own.
func (p *Process) Inspector() string { return p.serving.inspector }

// PID is the process that owns the listening port. In a node:cluster it is the
// first worker, see Shared. On macOS it is the command's.
func (p *Process) PID() int { return p.serving.pid }

// Shared lists all processes that serve the port when there are several, as in
// a cluster. Only one of them, PID, is measured. It is nil on macOS.
func (p *Process) Shared() []int { return p.serving.shared }

// Exposed lists where the command has inspectors of its own that can be reached
// from other machines.
func (p *Process) Exposed() []netip.AddrPort { return p.exposed }

// Root is the pid of the command, which may be a wrapper.
func (p *Process) Root() int { return p.tree.Root }

// Containers is empty: a process is none.
func (p *Process) Containers(context.Context) ([]recording.Container, error) { return nil, nil }

// Done is closed when the command or the serving process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Exit is how the target ended, nil while it runs. It is the command's exit,
// and a Code of -1 without a Signal when only the serving process ended.
func (p *Process) Exit() *Exit {
	select {
	case <-p.done:
		exit := p.exit
		return &exit
	default:
		return nil
	}
}

// Stop ends every process that the command started: SIGTERM, and SIGKILL after
// 3 s or when ctx is done. It returns when all are gone; how the app ended is
// not an error. A second call returns what the first did.
func (p *Process) Stop(ctx context.Context) error {
	p.stop.Do(func() { p.stopErr = p.end(ctx) })
	return p.stopErr
}

func (p *Process) end(ctx context.Context) error {
	if err := p.tree.Kill(ctx, grace); err != nil {
		return fmt.Errorf("stop target: %w", err)
	}
	<-p.ended
	if p.done != nil {
		<-p.done
	}
	p.dog.Release()
	if err := p.out.Close(); err != nil {
		return fmt.Errorf("stop target: %w", err)
	}
	return nil
}
