package heapsnap

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unicode/utf8"
)

// SaveRedacted reads a snapshot as Read does, and while it does so writes a
// copy without the program's data, packed by gzip, to a file that only its owner
// may read; see Redact. The file appears when it is complete.
func SaveRedacted(path string, r io.Reader) (*Snapshot, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".heapsnapshot-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("save snapshot: %w", err)
	}
	defer os.Remove(f.Name()) // in vain when it has been renamed
	// Fast: the target waits while what it writes is packed.
	packed, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("save snapshot: %w", err)
	}
	s, err := Redact(packed, r)
	if err == nil {
		err = packed.Close()
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return nil, fmt.Errorf("save snapshot: %w", err)
	}
	return s, nil
}

// Redact reads a snapshot as Read does, and writes a copy to w that is without
// the program's data. Strings are replaced by as many x, unless they are known
// to be names of code: classes, functions, variables, properties, the paths of
// scripts, and what V8 and Node call their own objects. DevTools shows the copy
// as it shows the original. A text that is such a name somewhere stays.
//
// The snapshot that is returned is that of the original.
func Redact(w io.Writer, r io.Reader) (*Snapshot, error) {
	in, size, err := unzipped(r)
	if err != nil {
		return nil, err
	}
	out := bufio.NewWriterSize(w, blockSize)
	s, err := read(in, size, out)
	if err != nil {
		return nil, err
	}
	if err := out.Flush(); err != nil {
		return nil, fmt.Errorf("write redacted snapshot: %w", err)
	}
	return s, nil
}

// copier writes what a source consumes.
type copier struct {
	w    *bufio.Writer
	mark int // in the source's block; what is before has been written
	err  error
}

func (c *copier) write(text []byte) {
	if c.err == nil {
		_, c.err = c.w.Write(text)
	}
}

// upTo writes what a source has consumed up to some position of its block.
func (s *source) upTo(pos int) {
	if c := s.copy; c != nil {
		c.write(s.buf[c.mark:pos])
		c.mark = pos
	}
}

// replace writes a string that has just been consumed, redacted.
func (s *source) replace(text, redacted []byte) {
	s.upTo(s.pos - len(text))
	s.copy.write(redacted)
	s.copy.mark = s.pos
}

// filler is a JSON string of as many characters as text has.
func filler(text []byte) []byte {
	out := make([]byte, 1, len(text))
	out[0] = '"'
	for text = text[1 : len(text)-1]; len(text) > 0; out = append(out, 'x') {
		switch {
		case text[0] != '\\':
			_, n := utf8.DecodeRune(text)
			text = text[n:]
		case len(text) > 1 && text[1] == 'u':
			text = text[min(6, len(text)):]
		default:
			text = text[min(2, len(text)):]
		}
	}
	return append(out, '"')
}

// finish writes what follows the document.
func (s *source) finish() error {
	if s.copy == nil {
		return nil
	}
	s.upTo(len(s.buf))
	if s.copy.err != nil {
		return fmt.Errorf("write redacted snapshot: %w", s.copy.err)
	}
	return nil
}
