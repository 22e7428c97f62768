package heapsnap

import (
	"errors"
	"fmt"
)

// ErrTruncated is in the chain of the error for a snapshot that ends early: the
// process died while it wrote, or the disk was full.
var ErrTruncated = errors.New("the snapshot ends early")

// ErrTooLarge is in the chain of the error for a snapshot that takes more memory
// than is allowed, or is compressed to fill it.
var ErrTooLarge = errors.New("the snapshot is too large")

// FormatError says where a file stops being a heap snapshot. Errors of the
// reader itself are not of this type.
type FormatError struct {
	Offset int64 // in the JSON, after decompression; -1 when it is of no single place
	Err    error
}

func (e *FormatError) Error() string {
	if e.Offset < 0 {
		return e.Err.Error()
	}
	return fmt.Sprintf("byte %d: %v", e.Offset, e.Err)
}

// Unwrap returns the reason.
func (e *FormatError) Unwrap() error { return e.Err }

func badFormat(offset int64, format string, args ...any) error {
	return &FormatError{Offset: offset, Err: fmt.Errorf(format, args...)}
}
