package loadgen

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
)

// setup is the requests before the load, and what was captured from them.
type setup struct {
	steps   []step
	mu      sync.Mutex // one runs at a time
	current atomic.Pointer[captured]
}

// captured is the values of one setup, which never change. A nil one has none.
type captured struct {
	values map[string]string
	worked atomic.Bool // a request with them was answered as expected
}

func (c *captured) with(own map[string]string) map[string]string {
	switch {
	case c == nil:
		return own
	case len(own) == 0:
		return c.values
	}
	all := maps.Clone(c.values)
	maps.Copy(all, own)
	return all
}

func (c *captured) works() {
	if c != nil && !c.worked.Load() {
		c.worked.Store(true)
	}
}

// SetupError is a setup that did not come to its end. In it is a *StepError.
type SetupError struct {
	Again bool // it had succeeded before, and its values had expired
	Err   error
}

func (e *SetupError) Error() string {
	if e.Again {
		return fmt.Sprintf("setup again: %v", e.Err)
	}
	return fmt.Sprintf("setup: %v", e.Err)
}

func (e *SetupError) Unwrap() error { return e.Err }

// PrepareSetup compiles the requests of the setup and sends nothing. The error
// is a *StepError.
func (l *Loader) PrepareSetup(steps []Step) (err error) {
	l.setup.steps, err = l.compileSteps(steps, nil)
	return err
}

// Setup sends the requests of the setup in order, with a cookie jar of their
// own, and keeps what they capture for the endpoints. It runs again by itself,
// once, when a request with such values is answered with an unexpected 401.
// The error is a *SetupError.
func (l *Loader) Setup(ctx context.Context) error {
	l.setup.mu.Lock()
	defer l.setup.mu.Unlock()
	if err := l.runSetup(ctx, &visits{loader: l}); err != nil {
		return &SetupError{Err: err}
	}
	return nil
}

// runSetup counts what it sends in v.
func (l *Loader) runSetup(ctx context.Context, v *visits) error {
	if len(l.setup.steps) == 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.closed, cancel)() //nolint:contextcheck // the loader's end, beside ctx
	t := l.newTransport(ctx, l.opts.Timeout)
	(&Client{HTTP2: l.opts.SetupHTTP2}).configure(t, 0)
	interrupted := make(chan struct{})
	release := context.AfterFunc(ctx, func() { defer close(interrupted); t.interrupt() })
	own, err := l.visitSetup(t, v) //nolint:contextcheck // the transport has it
	if !release() {
		<-interrupted
	}
	t.finish()
	v.mu.Lock()
	v.in, v.out = v.in+t.in, v.out+t.out
	v.mu.Unlock()
	if err != nil {
		return err
	}
	l.setup.current.Store(&captured{values: own})
	return nil
}

// visitSetup is a visit of a user who knows nothing yet.
func (l *Loader) visitSetup(t *transport, v *visits) (map[string]string, error) {
	counted := &visits{loader: l, flow: true}
	u := counted.enter(t)
	defer u.leave()
	u.setup = nil
	u.merge()
	defer v.addFrom(counted)
	for i := range l.setup.steps {
		s := &l.setup.steps[i]
		if _, err := u.step(s); err != nil { //nolint:bodyclose // a status and no body
			return nil, &StepError{i, s.name, err}
		}
	}
	return u.own, nil
}

func (v *visits) addFrom(o *visits) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sent += o.sent
	for status, n := range o.statuses {
		v.statuses[status] += n
	}
}

// refused reports whether the answer is one of expired values: a 401 that is not
// expected, when there is a setup that may be run again.
func (u *user) refused(s *step, resp *http.Response) bool {
	return u.setup != nil && resp.StatusCode == http.StatusUnauthorized && !s.expect(resp.StatusCode)
}

// renew takes up the values of a newer setup, which it runs if need be. It is
// false when the values in use have never worked: another setup would not help.
func (u *user) renew() (bool, error) {
	l := u.visits.loader
	l.setup.mu.Lock()
	defer l.setup.mu.Unlock()
	if u.setup == l.setup.current.Load() {
		if !u.setup.worked.Load() {
			return false, nil
		}
		u.setup.worked.Store(false) // so that a setup which fails is not repeated
		u.visits.countSetup()
		if err := l.runSetup(u.t.ctx, u.visits); err != nil {
			return false, &SetupError{Again: true, Err: err}
		}
	}
	u.visits.mu.Lock()
	u.visits.expired++
	u.visits.mu.Unlock()
	u.setup = l.setup.current.Load()
	u.merge()
	return true, nil
}

func (v *visits) countSetup() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.setups++
}
