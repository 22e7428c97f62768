package heapsnap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// source reads a snapshot's JSON in blocks, and hands out whole pieces of them.
type source struct {
	r      io.Reader
	buf    []byte // the current block
	pos    int    // in buf; what is before has been consumed
	base   int64  // offset of buf[0] in the JSON
	err    error  // of the reader; io.EOF at the end
	blocks chan []byte
	copy   *copier // nil without a copy
}

const (
	// blockSize is what one worker parses at a time: it and what is parsed of
	// it stay in a core's cache.
	blockSize = 256 << 10
	// maxValue bounds what has to be in memory at once: the longest string of
	// V8 has 512 Mi characters, and the description of a snapshot a thousand.
	maxValue = 1 << 30
)

func newSource(r io.Reader) *source {
	return &source{r: r, blocks: make(chan []byte, 8)}
}

func (s *source) offset() int64 { return s.base + int64(s.pos) }

// block returns an empty buffer of the usual size, a used one where there is.
func (s *source) block() []byte {
	select {
	case b := <-s.blocks:
		return b[:0]
	default:
		return make([]byte, 0, blockSize)
	}
}

// recycle takes back a block that nothing refers to any more.
func (s *source) recycle(b []byte) {
	if cap(b) != blockSize {
		return
	}
	select {
	case s.blocks <- b:
	default:
	}
}

// advance moves on to a new block, which begins with what is left of the last
// one. Where that fills it, the new one is twice as large. The old block is
// left to whoever holds pieces of it.
func (s *source) advance() error {
	if s.err != nil {
		return s.err
	}
	left := s.buf[s.pos:]
	s.upTo(s.pos)
	if s.copy != nil {
		s.copy.mark = 0 // what is left goes to the beginning of the next block
	}
	if len(left) > maxValue {
		return badFormat(s.offset(), "a value is longer than %d bytes", maxValue)
	}
	var next []byte
	if 2*len(left) <= blockSize {
		next = s.block()
	} else {
		next = make([]byte, 0, max(blockSize, 2*len(left)))
	}
	next = append(next, left...)
	s.base, s.buf, s.pos = s.offset(), next, 0
	return s.fill()
}

// fill reads until the block is full or the input ends.
func (s *source) fill() error {
	before := len(s.buf)
	for len(s.buf) < cap(s.buf) && s.err == nil {
		var n int
		n, s.err = s.r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
	}
	if len(s.buf) == before && s.err != nil {
		return s.err
	}
	return nil
}

// fault makes of a reader's error what the caller sees.
func (s *source) fault(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return badFormat(s.base+int64(len(s.buf)), "%w", ErrTruncated)
	}
	if _, ok := errors.AsType[*FormatError](err); ok {
		return err
	}
	return fmt.Errorf("read snapshot: %w", err)
}

// peek returns the next byte that is no white space, without consuming it.
func (s *source) peek() (byte, error) {
	for {
		for ; s.pos < len(s.buf); s.pos++ {
			if c := s.buf[s.pos]; c > ' ' {
				return c, nil
			}
		}
		if err := s.advanceOver(); err != nil {
			return 0, err
		}
	}
}

// advanceOver is advance for a block that has been consumed whole.
func (s *source) advanceOver() error {
	if err := s.advance(); err != nil {
		return s.fault(err)
	}
	return nil
}

// expect consumes one byte, and white space before it.
func (s *source) expect(want byte) error {
	got, err := s.peek()
	if err != nil {
		return err
	}
	if got != want {
		return badFormat(s.offset(), "found %q where %q belongs", got, want)
	}
	s.pos++
	return nil
}

// quoted returns the next string with its quotes, escapes and all. It is valid
// until the block is recycled.
func (s *source) quoted() ([]byte, error) {
	if c, err := s.peek(); err != nil {
		return nil, err
	} else if c != '"' {
		return nil, badFormat(s.offset(), "found %q where a string belongs", c)
	}
	for from := 1; ; {
		if end := stringEnd(s.buf[s.pos:], from); end > 0 {
			text := s.buf[s.pos : s.pos+end]
			s.pos += end
			return text, nil
		}
		// What has been looked at ends before an escape that is cut in two.
		from = max(1, len(s.buf)-s.pos-trailingBackslashes(s.buf[s.pos:]))
		if err := s.advanceOver(); err != nil {
			return nil, err
		}
	}
}

// stringEnd returns the position after the quote that closes a string, whose
// escapes begin at or after from. Zero when text ends before.
func stringEnd(text []byte, from int) int {
	for from < len(text) {
		quote := bytes.IndexByte(text[from:], '"')
		if quote < 0 {
			return 0
		}
		if trailingBackslashes(text[from:from+quote])%2 == 0 {
			return from + quote + 1
		}
		from += quote + 1
	}
	return 0
}

func trailingBackslashes(text []byte) int {
	n := 0
	for n < len(text) && text[len(text)-1-n] == '\\' {
		n++
	}
	return n
}

// value returns the next JSON value as text, which may have limit bytes.
func (s *source) value(limit int) ([]byte, error) {
	if _, err := s.peek(); err != nil {
		return nil, err
	}
	var text []byte
	long := badFormat(s.offset(), "a description is longer than %d bytes", limit)
	err := s.skip(func(piece []byte) error {
		if len(text)+len(piece) > limit {
			return long
		}
		text = append(text, piece...)
		return nil
	})
	return text, err
}

// skip consumes the next JSON value and shows its pieces. It looks no closer
// than strings and brackets, as it is for what is not analysed.
func (s *source) skip(show func([]byte) error) error {
	for depth := 0; ; {
		c, err := s.peek()
		if err != nil {
			return err
		}
		piece := s.buf[s.pos : s.pos+1]
		switch c {
		case '"':
			piece, err = s.quoted()
		case '{', '[':
			depth++
			s.pos++
		case '}', ']':
			depth--
			s.pos++
		case ',', ':':
			s.pos++
		default:
			piece, err = s.scalar()
		}
		if err != nil {
			return err
		}
		if depth < 0 || depth == 0 && (c == ',' || c == ':') {
			return badFormat(s.offset()-1, "found %q where a value belongs", c)
		}
		if err := show(piece); err != nil {
			return err
		}
		if depth == 0 {
			return nil
		}
	}
}

// scalar returns the next number or word.
func (s *source) scalar() ([]byte, error) {
	for {
		if end := bytes.IndexAny(s.buf[s.pos:], ",:]}[{\" \n\r\t"); end >= 0 {
			text := s.buf[s.pos : s.pos+end]
			s.pos += end
			return text, nil
		}
		if err := s.advanceOver(); err != nil {
			return nil, err
		}
	}
}
