package recording

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// The types of lines. A file is one header, observations and events in the
// order in which they happened, and one end.
const (
	headerLine      = "header"
	observationLine = "observation"
	eventLine       = "event"
	endLine         = "end"
)

// Writer appends to the file of one recording. Every line is handed to the
// operating system as it is written, so that it outlives the process. The first
// error (disk full) is returned by every call after it.
type Writer struct {
	file   *os.File
	sums   chain
	err    error
	closed bool
}

// NewWriter creates the file at path, which must not exist, and writes the
// header. It sets the header's schema. Only its owner may read it.
func NewWriter(path string, h Header) (*Writer, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create recording: %w", err)
	}
	w := &Writer{file: f}
	h.Schema = Schema
	if err := w.write(typedHeader{headerLine, h}); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// Each line is the value's own fields behind a "type".
type (
	typedHeader struct {
		Type string `json:"type"`
		Header
	}
	typedObservation struct {
		Type string `json:"type"`
		Observation
	}
	typedEvent struct {
		Type string `json:"type"`
		Event
	}
	typedEnd struct {
		Type string `json:"type"`
		End
	}
)

// Observe appends an observation.
func (w *Writer) Observe(o Observation) error {
	return w.write(typedObservation{observationLine, o})
}

// Event appends an event.
func (w *Writer) Event(e Event) error { return w.write(typedEvent{eventLine, e}) }

// End appends the last line.
func (w *Writer) End(e End) error { return w.write(typedEnd{endLine, e}) }

// Close syncs the file to disk and closes it. It may be called twice.
func (w *Writer) Close() error {
	if w.closed {
		return w.err
	}
	w.closed = true
	err := errors.Join(w.file.Sync(), w.file.Close())
	if w.err == nil && err != nil {
		w.err = fmt.Errorf("close recording: %w", err)
	}
	return w.err
}

func (w *Writer) write(line any) error {
	if w.err != nil {
		return w.err
	}
	if err := w.sums.write(w.file, line); err != nil {
		w.err = fmt.Errorf("write recording: %w", err)
	}
	return w.err
}

// write is one write, so that a line is there whole or cut off, and never mixed
// with another.
func (c *chain) write(w io.Writer, line any) error {
	b, err := c.add(line)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}
