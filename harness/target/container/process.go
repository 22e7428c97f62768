package container

import (
	"context"
	"time"

	"github.com/leakcheck/leakcheck/sampler/inspector"
	"github.com/leakcheck/leakcheck/sampler/procmem"
)

// askTimeout bounds the question for the serving process's number.
const askTimeout = 2 * time.Second

// findProcess finds the serving process among this machine's. Where the engine
// is elsewhere, or hides its processes, the target is measured through its
// inspector and the engine alone.
func (c *Container) findProcess(ctx context.Context) {
	if c.app.root == 0 {
		return
	}
	inside, err := pidInside(ctx, c.inspector)
	if err != nil {
		return
	}
	pid, found := procmem.HostPID(c.app.root, inside)
	if !found {
		return
	}
	c.pid, c.root = pid, c.app.root
}

// pidInside is the serving process as its container numbers it.
func pidInside(ctx context.Context, url string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	client, err := inspector.Dial(ctx, url)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	return client.PID(ctx)
}
