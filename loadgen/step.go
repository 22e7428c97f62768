package loadgen

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Step is one request of several in order: of a flow, or of the setup. Path,
// the values of Headers, and Body are templates.
type Step struct {
	Name    string // in what is said of its failures
	Method  string // "" is GET
	Path    string
	Headers map[string]string
	Body    []byte
	Content
	Expect   func(status int) bool // nil: 200 to 399
	Captures []Capture             // taken from the answer, for the steps after it
	Check    Check                 // of the answer's body
	Think    time.Duration         // to wait after it
	// Socket is what the step does with the user's WebSocket instead of sending
	// a request; Connect has the Path and the Headers, Send a Body. Receive waits
	// for a message that the Check holds for.
	Socket Socket
	// Events is how many server-sent events are read of the answer, before its
	// connection is closed; 0 reads it to its end. Captures and the Check are of
	// the data of the last.
	Events int
}

// Socket is what a step does with a WebSocket.
type Socket string

// The steps of a WebSocket; "" is a request.
const (
	Connect Socket = "connect"
	Send    Socket = "send"
	Receive Socket = "receive"
	Close   Socket = "close"
)

// step is a compiled Step.
type step struct {
	name     string
	message  *message
	expect   func(status int) bool
	captures []Capture
	check    Check
	think    time.Duration
	socket   Socket
	text     part // that Send sends
	events   int
}

// StepError is what is wrong with one of several steps.
type StepError struct {
	Index int // in the order given
	Name  string
	Err   error
}

func (e *StepError) Error() string { return fmt.Sprintf("step %q: %v", e.Name, e.Err) }

func (e *StepError) Unwrap() error { return e.Err }

func (l *Loader) compileSteps(steps []Step, columns []string) ([]step, error) {
	var all []step
	for i, s := range steps {
		one, err := l.compileStep(s, columns)
		if err != nil {
			return nil, &StepError{i, s.Name, err}
		}
		all = append(all, one)
	}
	return all, nil
}

func (l *Loader) compileStep(s Step, columns []string) (step, error) {
	if s.Think < 0 {
		return step{}, errors.New("negative think")
	}
	if s.Socket != "" && s.Socket != Connect {
		text, err := l.part(source{text: string(s.Body)}, columns)
		if err != nil {
			return step{}, &PartError{Part: Body, Err: err}
		}
		return step{name: s.Name, expect: success, captures: s.Captures, check: s.Check, think: s.Think, socket: s.Socket, text: text}, nil
	}
	m, err := l.compile(blueprint{
		method:  orDefault(s.Method, http.MethodGet),
		path:    source{text: s.Path},
		headers: sortedHeaders(s.Headers),
		body:    source{text: string(s.Body)},
		content: s.Content,
		columns: columns,
	})
	if err != nil {
		return step{}, err
	}
	expect := s.Expect
	if expect == nil {
		expect = success
	}
	return step{name: s.Name, message: m, expect: expect, captures: s.Captures, check: s.Check, think: s.Think, socket: s.Socket, events: s.Events}, nil
}

func success(status int) bool { return status >= 200 && status < 400 }

// reads reports whether the step needs more of an answer than its status.
func (s *step) reads() bool { return len(s.captures) > 0 || !s.check.empty() || s.events > 0 }
