package inspector

import "fmt"

// ProtocolError is the runtime's refusal of one call: an unknown method, bad
// parameters, or a state in which the method cannot run.
type ProtocolError struct {
	Method  string
	Code    int // JSON-RPC, e.g. -32601 for an unknown method
	Message string
}

func (e *ProtocolError) Error() string {
	return fmt.Sprintf("call %s: %s (%d)", e.Method, e.Message, e.Code)
}

// ClosedError says that the connection, or a worker thread's session on it, is
// gone: the target exited, closed its inspector, or Close was called.
type ClosedError struct {
	Err error // what ended it; nil for an orderly end
}

func (e *ClosedError) Error() string {
	if e.Err == nil {
		return "inspector closed"
	}
	return fmt.Sprintf("inspector closed: %v", e.Err)
}

func (e *ClosedError) Unwrap() error { return e.Err }
