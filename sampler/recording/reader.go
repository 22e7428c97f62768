package recording

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// FormatError is a file that is not a recording, or a damaged one. Line is
// 1-based, and 0 when the file as a whole is wrong.
type FormatError struct {
	Line int
	Err  error
}

func (e *FormatError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("read recording: %v", e.Err)
	}
	return fmt.Sprintf("read recording: line %d: %v", e.Line, e.Err)
}

func (e *FormatError) Unwrap() error { return e.Err }

// SchemaError is a recording by a newer leakcheck.
type SchemaError struct{ Got int }

func (e *SchemaError) Error() string {
	return fmt.Sprintf("schema %d is newer than this leakcheck reads (%d)", e.Got, Schema)
}

// ReadFile reads the recording at path. It does not wait for someone to write to a
// FIFO.
func ReadFile(path string) (*Recording, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("open recording: %w", err)
	}
	defer f.Close()
	return Read(f)
}

// Read reads a whole recording and checks it. A last line that was cut off is
// left out and noted, and so is all from the first line on that is not as it was
// written. The error is a *FormatError, or r's own.
func Read(r io.Reader) (*Recording, error) {
	rec := &reading{Recording: new(Recording)}
	in := bufio.NewReaderSize(r, readBuffer)
	for line := 1; ; line++ {
		text, err := readLine(in)
		if errors.Is(err, errLongLine) {
			return nil, &FormatError{Line: line, Err: err}
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read recording: %w", err)
		}
		if len(text) > 0 {
			whole := err == nil
			if err := rec.add(text, line, whole); err != nil {
				return nil, &FormatError{Line: line, Err: err}
			}
		}
		if err != nil || rec.Damaged != "" {
			break
		}
	}
	if err := rec.CheckValid(); err != nil {
		return nil, &FormatError{Err: err}
	}
	return rec.Recording, nil
}

// reading is a recording in the making.
type reading struct {
	*Recording
	sums *chain // nil for a file of a time without sums
}

// maxLine bounds a line, in bytes: that of a mixed block of a thousand endpoints
// has a megabyte.
const maxLine = 64 << 20

var errLongLine = fmt.Errorf("the line is longer than %d bytes", maxLine)

// readLine reads to the next line break or the end.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, errLongLine
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// readBuffer holds a few observations.
const readBuffer = 1 << 16

// add reads one line. One that is not whole may be cut off anywhere.
func (r *reading) add(text []byte, line int, whole bool) error {
	if !whole && line > 1 && !json.Valid(text) {
		r.Truncated = true
		return nil
	}
	if r.sums != nil && !r.sums.fits(text) {
		r.damaged(line)
		return nil
	}
	kind, err := typeOf(text)
	switch {
	case err != nil:
		return err
	case (kind == headerLine) != (line == 1):
		return fmt.Errorf("%q line out of place: the first line, and no other, is the header", kind)
	case r.End != nil:
		return fmt.Errorf("%q line after the end", kind)
	}
	return r.decode(kind, text)
}

// damaged keeps what stands before the line.
func (r *reading) damaged(line int) {
	measured := 0
	for i := range r.Observations {
		if r.Observations[i].Block.Phase == Measure {
			measured++
		}
	}
	r.End = nil
	r.Damaged = fmt.Sprintf("line %d is not as it was written, or one before it is missing: %d measured blocks are left", line, measured)
}

func (r *reading) decode(kind string, text []byte) error {
	switch kind {
	case headerLine:
		return r.decodeHeader(text)
	case observationLine:
		r.Observations = append(r.Observations, Observation{})
		return r.decodeObservation(text, &r.Observations[len(r.Observations)-1])
	case eventLine:
		r.Events = append(r.Events, Event{})
		return r.decodeEvent(text, &r.Events[len(r.Events)-1])
	case endLine:
		r.End = new(End)
		return json.Unmarshal(text, r.End)
	}
	return fmt.Errorf("unknown type of line %q", kind)
}

// decodeHeader looks at the schema first: a newer header may hold anything.
func (r *reading) decodeHeader(text []byte) error {
	var v struct {
		Schema int `json:"schema"`
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	if v.Schema > Schema {
		return &SchemaError{Got: v.Schema}
	}
	if v.Schema >= chained {
		if r.sums = new(chain); !r.sums.fits(text) {
			return errors.New("the header is not as it was written")
		}
	}
	return json.Unmarshal(text, &r.Header)
}

// typeOf reads a line's type. The writer puts it first; a line that was
// rewritten by another tool is decoded for it.
func typeOf(text []byte) (string, error) {
	for _, kind := range []string{observationLine, eventLine, headerLine, endLine} {
		if bytes.HasPrefix(text, []byte(`{"type":"`+kind+`",`)) {
			return kind, nil
		}
	}
	var v struct {
		Type string `json:"type"`
	}
	err := json.Unmarshal(text, &v)
	return v.Type, err
}
