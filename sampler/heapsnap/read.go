package heapsnap

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
)

// maxLayout bounds the description of a snapshot; V8's has 1.5 KB.
const maxLayout = 1 << 20

// Open reads a snapshot from a file; see Read.
func Open(path string) (*Snapshot, error) { return OpenWithin(path, 0) }

// OpenWithin reads a snapshot from a file; see ReadWithin.
func OpenWithin(path string, memory Bytes) (*Snapshot, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // no waiting for who writes to a FIFO
	if err != nil {
		return nil, fmt.Errorf("open snapshot: %w", err)
	}
	defer f.Close()
	s, err := ReadWithin(f, memory)
	if err != nil {
		return nil, fmt.Errorf("read snapshot %s: %w", path, err)
	}
	return s, nil
}

// Read reads a snapshot to its end, compressed by gzip or not. An error is a
// *FormatError when the input is no snapshot; with ErrTruncated in its chain
// when it is one that ends early.
func Read(r io.Reader) (*Snapshot, error) { return ReadWithin(r, 0) }

// ReadWithin is Read, but refuses a snapshot for which more than the given memory
// is needed, with ErrTooLarge in the error's chain; 0 is no limit.
func ReadWithin(r io.Reader, memory Bytes) (*Snapshot, error) {
	in, size, err := unzipped(r)
	if err != nil {
		return nil, err
	}
	if memory > 0 {
		if int64(memory)/perByte < size {
			return nil, tooLarge(memory)
		}
		in = &bounded{in, memory / perByte, tooLarge(memory)}
	}
	return read(in, size, nil)
}

// perByte is how much memory reading and analysing takes for each byte of a
// snapshot, as measured on files of 20 to 400 MB.
const perByte = 2

func tooLarge(memory Bytes) error {
	return badFormat(-1, "%w: more than %d MB of memory would be needed", ErrTooLarge, memory/1e6)
}

// bounded fails with over when more than left bytes are read.
type bounded struct {
	io.Reader
	left Bytes
	over error
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if b.left -= Bytes(n); b.left < 0 {
		return 0, b.over
	}
	return n, err
}

// unzipped is what r compresses, if it does, and how long that is at most; -1
// when it is not known.
func unzipped(r io.Reader) (io.Reader, int64, error) {
	size := sizeOf(r)
	in := bufio.NewReaderSize(r, 512)
	magic, _ := in.Peek(2) // an error comes again
	if !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return in, size, nil
	}
	packed := &counted{Reader: in}
	zip, err := gzip.NewReader(packed)
	if err != nil {
		return nil, 0, badFormat(0, "read gzip: %w", err)
	}
	return &inflated{r: zipReader{zip}, packed: packed}, -1, nil
}

// What becomes more than largestRatio times as large, beyond what is small, was
// made to fill memory: snapshots of V8 become about five times as large.
const (
	largestRatio = 100
	smallSize    = 64 << 20
)

// counted counts what is read.
type counted struct {
	io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

// inflated fails when it has become too much larger than what it is read from.
type inflated struct {
	r      io.Reader
	packed *counted
	n      int64
}

func (i *inflated) Read(p []byte) (int, error) {
	n, err := i.r.Read(p)
	if i.n += int64(n); i.n > smallSize && i.n > largestRatio*i.packed.n {
		return 0, badFormat(-1, "%w: it becomes %d times as large when it is unpacked", ErrTooLarge, i.n/i.packed.n)
	}
	return n, err
}

// zipReader tells what is wrong with compressed data from other errors.
type zipReader struct{ *gzip.Reader }

func (z zipReader) Read(p []byte) (int, error) {
	n, err := z.Reader.Read(p)
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	if corrupt || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) {
		err = badFormat(-1, "read gzip: %w", err)
	}
	return n, err
}

// sizeOf is how many bytes r has at most, -1 when that is not known.
func sizeOf(r io.Reader) int64 {
	switch r := r.(type) {
	case interface{ Len() int }:
		return int64(r.Len())
	case *os.File:
		if info, err := r.Stat(); err == nil && info.Mode().IsRegular() {
			return info.Size()
		}
	}
	return -1
}

// read reads a snapshot of at most size bytes, and copies it redacted where out is
// not nil.
func read(r io.Reader, size int64, out *bufio.Writer) (*Snapshot, error) {
	src := newSource(r)
	if out != nil {
		src.copy = &copier{w: out}
	}
	pool := newPool(max(2, min(runtime.GOMAXPROCS(0), 4)), src.recycle)
	p := &parser{source: src, pool: pool, size: size}
	err := p.document()
	pool.close()
	if err != nil {
		return nil, err
	}
	if err := src.finish(); err != nil {
		return nil, err
	}
	return p.snapshot()
}

// parser reads the parts of one snapshot.
type parser struct {
	*source
	pool *pool
	size int64 // of the input, -1 when not known

	layout    *layout
	nodes     *nodeColumns
	edges     *edgeColumns
	places    *locationColumns
	strings   *stringTable
	seen      map[string]bool
	locations int
}

func (p *parser) document() error {
	p.seen = map[string]bool{}
	if err := p.expect('{'); err != nil {
		return err
	}
	for {
		key, err := p.key()
		if err != nil {
			return err
		}
		if p.seen[key] {
			return badFormat(p.offset(), "%s is there twice", key)
		}
		p.seen[key] = true
		if err := p.part(key); err != nil {
			return err
		}
		switch c, err := p.peek(); {
		case err != nil:
			return err
		case c == '}':
			return nil
		case c != ',':
			return badFormat(p.offset(), "found %q where a comma belongs", c)
		}
		p.pos++
	}
}

func (p *parser) key() (string, error) {
	const longest = 64
	text, err := p.quoted()
	if err != nil {
		return "", err
	}
	if len(text) > longest {
		return "", badFormat(p.offset(), "a key is longer than %d bytes", longest)
	}
	return string(text), p.expect(':')
}

// otherProfiles are what else Node and DevTools write, by the key that they begin
// with.
var otherProfiles = map[string]string{
	`"head"`:        "a sampling profile of allocations (.heapprofile)",
	`"nodes"`:       "a profile of the processor (.cpuprofile)",
	`"traceEvents"`: "a recording of trace events",
}

// part reads what stands under one of the snapshot's keys.
func (p *parser) part(key string) error {
	switch {
	case key == `"snapshot"`:
		return p.describe()
	case p.layout == nil:
		if what := otherProfiles[key]; what != "" {
			return badFormat(-1, "the file is %s, and no heap snapshot: it does not have the objects", what)
		}
		return badFormat(p.offset(), "the file begins with %s and is no heap snapshot", key)
	case key == `"nodes"`:
		n, err := p.numbers(p.nodes, p.pool)
		return p.complete(n, p.layout.nodes, "nodes", err)
	case key == `"edges"`:
		n, err := p.numbers(p.edges, p.pool)
		return p.complete(n, p.layout.edges, "edges", err)
	case key == `"locations"` && p.layout.loc > 0:
		var err error
		p.locations, err = p.numbers(p.places, p.pool)
		return err
	case key == `"strings"`:
		return p.texts()
	}
	return p.skip(func([]byte) error { return nil })
}

func (p *parser) texts() error {
	var r *roles
	if p.copy != nil {
		if !p.seen[`"nodes"`] || !p.seen[`"edges"`] {
			return badFormat(p.offset(), "the strings come before what they are used for")
		}
		r = rolesOf(p.nodes, p.edges)
	}
	var err error
	p.strings, err = p.readStrings(r)
	return err
}

func (p *parser) describe() error {
	text, err := p.value(maxLayout)
	if err != nil {
		return err
	}
	if p.layout, err = readLayout(text); err != nil {
		return badFormat(0, "%w", err)
	}
	l := p.layout
	p.nodes, p.edges = &nodeColumns{layout: l}, newEdgeColumns(l)
	p.places = &locationColumns{layout: l, limit: l.nodes}
	if p.size < 0 {
		return nil
	}
	// A number and its comma are two bytes.
	if least := 2 * (int64(l.nodes)*int64(l.node) + int64(l.edges)*int64(l.edge)); least-2 > p.size {
		return badFormat(p.size, "%w: %d nodes and %d edges take at least %d bytes", ErrTruncated, l.nodes, l.edges, least)
	}
	if err := p.nodes.reserve(l.nodes); err != nil {
		return err
	}
	return p.edges.reserve(l.edges)
}

func (p *parser) complete(got, want int, what string, err error) error {
	if err == nil && got != want {
		err = badFormat(p.offset(), "there are %d %s, %d were declared", got, what, want)
	}
	return err
}

// snapshot checks what can be checked only at the end.
func (p *parser) snapshot() (*Snapshot, error) {
	for _, key := range []string{"snapshot", "nodes", "edges", "strings"} {
		if !p.seen[`"`+key+`"`] {
			return nil, badFormat(-1, "the file has no %s and is no heap snapshot", key)
		}
	}
	if err := p.nodes.index(); err != nil {
		return nil, err
	}
	if most := max(p.nodes.maxName, p.edges.maxName); int64(most) >= int64(p.strings.len()) {
		return nil, badFormat(-1, "a name is string %d of %d", most, p.strings.len())
	}
	s := &Snapshot{layout: p.layout, nodes: p.nodes, edges: p.edges, strings: p.strings}
	s.places = p.places.sorted(p.locations)
	s.known = findNames(p.strings)
	return s, nil
}
