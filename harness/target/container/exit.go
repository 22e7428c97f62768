package container

import (
	"fmt"

	"github.com/leakcheck/leakcheck/harness/target"
)

// watch sets exit and closes done when the app's container, or a service's, has
// ended.
func (c *Container) watch() {
	defer close(c.done)
	first := make(chan *instance, len(c.all))
	for _, i := range c.all {
		if i.completed {
			continue
		}
		go func() {
			<-i.ended
			first <- i
		}()
	}
	i := <-first
	i.out.Drain()
	c.exit = c.outcome(i)
}

// signalled is what the engine adds to the number of the signal that ended a
// container.
const signalled = 128

// outcome is how a container ended.
func (c *Container) outcome(i *instance) target.Exit {
	e := target.Exit{Code: i.state.ExitCode, OOMKilled: i.state.OOMKilled}
	e.LastOutput, e.OutOfMemory = i.out.Last()
	if e.Code == signalled+9 {
		e.Code, e.Signal = -1, "SIGKILL"
	}
	subject := ""
	if i != c.app {
		subject = "lost its service " + i.name + ", which "
	}
	switch {
	case i.lost != nil:
		e.Code, e.Explanation = -1, fmt.Sprintf("%sis out of reach: the engine went away (%v)", subject, i.lost)
	case e.OOMKilled:
		e.Explanation = fmt.Sprintf("%swas ended by the kernel at its memory limit of %s (OOM kill)", subject, i.limit)
	case subject != "":
		e.Explanation = fmt.Sprintf("%sexited with code %d", subject, i.state.ExitCode)
	}
	if i != c.app {
		e.OOMKilled, e.OutOfMemory = false, false // not the app's own
	}
	return e
}
