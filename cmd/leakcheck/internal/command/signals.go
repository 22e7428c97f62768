package command

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// Signals turns the first Ctrl-C, SIGTERM or SIGHUP into the end of a context, so
// that what was recorded is judged and stored, and the second into an exit at once.
// A reader of the output that has gone away ends nothing.
type Signals struct {
	ch   chan os.Signal
	pipe chan os.Signal // taken by nobody
	done chan struct{}
	stop context.CancelCauseFunc

	mu       sync.Mutex
	first    os.Signal
	lastWord func() // before an exit at once: puts the terminal in order; nil for nothing
}

// CatchSignals begins to catch, until release. The target needs no stopping
// before an exit at once: its watchdog sees this process end.
func CatchSignals(ctx context.Context) (*Signals, context.Context) {
	ctx, stop := context.WithCancelCause(ctx)
	s := &Signals{ch: make(chan os.Signal, 2), pipe: make(chan os.Signal, 1), done: make(chan struct{}), stop: stop}
	signal.Notify(s.ch, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signal.Notify(s.ch, syscall.SIGHUP)
	}
	signal.Notify(s.pipe, syscall.SIGPIPE)
	go func() {
		s.watch()
		close(s.done)
	}()
	return s, ctx
}

// watch returns when the channel is closed.
func (s *Signals) watch() {
	for sig := range s.ch {
		if s.Caught() != nil {
			s.mu.Lock()
			if s.lastWord != nil {
				s.lastWord()
			}
			os.Exit(SignalCode(sig))
		}
		s.mu.Lock()
		s.first = sig
		s.mu.Unlock()
		s.stop(fmt.Errorf("signal: %s", sig))
	}
}

// BeforeExit puts something in order before an exit at once.
func (s *Signals) BeforeExit(lastWord func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastWord = lastWord
}

// Caught is the first signal, nil when none came.
func (s *Signals) Caught() os.Signal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first
}

// Release gives signals back their usual effect.
func (s *Signals) Release() {
	signal.Stop(s.pipe)
	signal.Stop(s.ch)
	close(s.ch)
	<-s.done
	s.stop(nil)
}
