package inspector

import (
	"encoding/json"
	"sync"
)

// events are the handlers of one session's events.
type events struct {
	mu       sync.Mutex
	handlers map[string]func(params json.RawMessage)
}

func newEvents() *events {
	return &events{handlers: make(map[string]func(json.RawMessage))}
}

// Handle has f called with the parameters of each event named method, in the
// order of arrival; nil ends that. f runs on the goroutine that reads, and so
// must not Call; while it blocks, nothing else arrives.
func (e *events) Handle(method string, f func(params json.RawMessage)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if f == nil {
		delete(e.handlers, method)
		return
	}
	e.handlers[method] = f
}

func (e *events) tell(m message) {
	e.mu.Lock()
	f := e.handlers[m.Method]
	e.mu.Unlock()
	if f != nil {
		f(m.Params)
	}
}
