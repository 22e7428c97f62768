package container

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/moby/moby/api/pkg/stdcopy"
	engineapi "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/sampler/procmem"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// instance is one container of the run.
type instance struct {
	engine *engine
	name   string
	id     string
	limit  unit.Bytes // of memory, 0 for none
	root   int        // its first process, on this machine; 0 when not visible
	out    *target.Output
	// completed says that it has done what it is there for: its end is no loss.
	completed bool

	ended chan struct{} // it no longer runs; nil until started
	state engineapi.State
	lost  error // why its end is not known: the engine went away

	stop context.CancelFunc // of following it
	wg   sync.WaitGroup
}

// start starts the container and follows its output, which goes to w, and its
// life until it ends.
func (i *instance) start(ctx context.Context, w io.WriteCloser) error {
	logs, err := i.begin(ctx)
	if err != nil {
		return errors.Join(err, w.Close())
	}
	i.ended = make(chan struct{})
	i.wg.Go(func() {
		_, _ = stdcopy.StdCopy(w, w, logs) // what cannot be read is not shown
		_ = w.Close()
		_ = logs.Close()
	})
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	i.stop = func() { stop(); _ = logs.Close() }
	i.wg.Go(func() {
		defer close(i.ended)
		i.wait(following)
	})
	return nil
}

// begin starts the container and gives its output, from the first byte.
func (i *instance) begin(ctx context.Context) (io.ReadCloser, error) {
	if _, err := i.engine.api.ContainerStart(ctx, i.id, client.ContainerStartOptions{}); err != nil {
		return nil, err
	}
	about, err := i.engine.api.ContainerInspect(ctx, i.id, client.ContainerInspectOptions{})
	if err != nil {
		return nil, err
	}
	if root := about.Container.State.Pid; root > 0 && procmem.InContainer(root, i.id) {
		i.root = root
	}
	logs, err := i.engine.api.ContainerLogs(context.WithoutCancel(ctx), i.id, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Follow: true})
	if err != nil {
		return nil, fmt.Errorf("follow its output: %w", err)
	}
	return logs, nil
}

// wait sets how the container ended.
func (i *instance) wait(ctx context.Context) {
	wait := i.engine.api.ContainerWait(ctx, i.id, client.ContainerWaitOptions{Condition: engineapi.WaitConditionNotRunning})
	select {
	case err := <-wait.Error:
		i.lost = err
		return
	case r := <-wait.Result:
		i.state.ExitCode = int(r.StatusCode)
	}
	if about, err := i.engine.api.ContainerInspect(ctx, i.id, client.ContainerInspectOptions{}); err == nil && about.Container.State != nil {
		i.state = *about.Container.State
	}
}

// running reports whether it still does.
func (i *instance) running() bool {
	select {
	case <-i.ended:
		return false
	default:
		return i.ended != nil
	}
}

// join ends following. The container itself is not touched.
func (i *instance) join() error {
	if i.stop != nil {
		i.stop()
		i.wg.Wait()
	}
	if i.out == nil {
		return nil
	}
	return i.out.Close()
}
