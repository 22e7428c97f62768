package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// signals turns the first Ctrl-C or SIGTERM into the end of a context, so that
// what was recorded is judged and stored, and the second into an exit at once.
type signals struct {
	ch       chan os.Signal
	done     chan struct{}
	stop     context.CancelCauseFunc
	lastWord func() // before an exit at once: puts the terminal in order

	mu    sync.Mutex
	first os.Signal
}

// catchSignals begins to catch, until release. The target needs no stopping
// before an exit at once: its watchdog sees this process end.
func catchSignals(ctx context.Context, lastWord func()) (*signals, context.Context) {
	ctx, stop := context.WithCancelCause(ctx)
	s := &signals{ch: make(chan os.Signal, 2), done: make(chan struct{}), stop: stop, lastWord: lastWord}
	signal.Notify(s.ch, os.Interrupt, syscall.SIGTERM)
	go func() {
		s.watch()
		close(s.done)
	}()
	return s, ctx
}

// watch returns when the channel is closed.
func (s *signals) watch() {
	for sig := range s.ch {
		if s.caught() != nil {
			s.lastWord()
			os.Exit(signalCode(sig))
		}
		s.mu.Lock()
		s.first = sig
		s.mu.Unlock()
		s.stop(fmt.Errorf("signal: %s", sig))
	}
}

// caught is the first signal, nil when none came.
func (s *signals) caught() os.Signal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first
}

// release gives signals back their usual effect.
func (s *signals) release() {
	signal.Stop(s.ch)
	close(s.ch)
	<-s.done
	s.stop(nil)
}
