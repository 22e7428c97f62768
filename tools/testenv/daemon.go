package testenv

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"time"
)

const (
	// startWithin bounds the first start on a slow disk; it takes about 1 s.
	startWithin = 60 * time.Second
	stopWithin  = 10 * time.Second
	pollEvery   = 50 * time.Millisecond
)

// daemon is a server that runs in the background. The zero value is one that
// was not started.
type daemon struct {
	cmd    *exec.Cmd
	signal os.Signal     // that it ends at
	output bytes.Buffer  // read only after exited is closed
	exited chan struct{} // closed when the server is gone
	err    error         // of Wait, valid after exited
}

// run starts cmd and returns when it is ready. The end of ctx ends it, as stop
// does.
func (d *daemon) run(ctx context.Context, cmd *exec.Cmd, signal os.Signal, ready func(context.Context) bool) error {
	cmd.Stdout, cmd.Stderr = &d.output, &d.output
	cmd.Cancel = func() error { return cmd.Process.Signal(signal) }
	cmd.WaitDelay = stopWithin
	if err := cmd.Start(); err != nil {
		return err
	}
	d.cmd, d.signal, d.exited = cmd, signal, make(chan struct{})
	go func() {
		defer close(d.exited)
		d.err = cmd.Wait()
	}()
	return d.awaitReady(ctx, ready)
}

func (d *daemon) awaitReady(ctx context.Context, ready func(context.Context) bool) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if ready(ctx) {
			return nil
		}
		select {
		case <-d.exited:
			return fmt.Errorf("it ended at once: %w\n%s", d.err, d.output.Bytes())
		case <-ctx.Done():
			return fmt.Errorf("wait until it answers: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// stop ends the server and waits for its end. It may be called twice.
func (d *daemon) stop() {
	if d.cmd == nil {
		return
	}
	// An error means that it is gone already, which exited tells.
	_ = d.cmd.Process.Signal(d.signal)
	select {
	case <-d.exited:
	case <-time.After(stopWithin):
		_ = d.cmd.Process.Kill()
		<-d.exited
	}
}

func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find free port: %w", err)
	}
	defer l.Close()
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("find free port: %v is no TCP address", l.Addr())
	}
	return addr.Port, nil
}
