package driver

import "fmt"

// Error is a driver that did not do what it was asked. Hint names what mends it.
type Error struct {
	Err    error
	Hint   string
	Output string // the end of what it wrote to standard error
}

func (e *Error) Error() string { return "driver: " + e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

func broken(hint, format string, args ...any) *Error {
	return &Error{Err: fmt.Errorf(format, args...), Hint: hint}
}
