package heapsnap

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// SaveRedacted reads a snapshot as Read does, and while it does so writes a
// copy without the program's data to a file that only its owner may read; see
// Redact. The file appears when it is complete.
func SaveRedacted(path string, r io.Reader) (*Snapshot, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".heapsnapshot-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("save snapshot: %w", err)
	}
	defer os.Remove(f.Name()) // in vain when it has been renamed
	s, err := Redact(f, r)
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

// Redact reads a snapshot as Read does, and writes a copy to w in which the
// program's data is replaced by as many x: the texts of strings, the values of
// numbers, property names that do not look like names from code, and the keys of
// dictionaries. Names of
// classes, functions, variables and files stay, so that DevTools shows the copy
// as it shows the original. Strings that are names somewhere stay, too.
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

// roles say what the strings of a snapshot are used for.
type roles struct {
	data       bitset // texts and values
	names      bitset // of anything but data
	properties bitset
	count      uint32
}

func rolesOf(nodes *nodeColumns, edges *edgeColumns) *roles {
	r := &roles{count: max(nodes.maxName, edges.maxName) + 1}
	n := int(r.count)
	r.data, r.names, r.properties = newBitset(n), newBitset(n), newBitset(n)
	for i, typ := range nodes.typ {
		switch typ {
		case String, ConsString, SlicedString, Number, BigInt:
			r.data.add(nodes.name[i])
		default:
			r.names.add(nodes.name[i])
		}
	}
	first := 0
	for i, typ := range nodes.typ {
		last := min(len(edges.link), first+int(nodes.edges[i])) // edges holds counts while the file is read
		r.ofEdges(edges, first, last, typ == Object)
		first = last
	}
	return r
}

// ofEdges says what the names of one node's edges are. An object with very many
// properties is a dictionary: its keys are data, unless they are names of
// something else.
func (r *roles) ofEdges(edges *edgeColumns, first, last int, object bool) {
	keys := &r.properties
	if object && last-first > mostNames {
		keys = &r.data
	}
	for i := first; i < last; i++ {
		switch typ := EdgeType(edges.link[i] & 7); {
		case typ.numbered():
		case typ == PropertyEdge:
			keys.add(edges.name[i])
		default:
			r.names.add(edges.name[i])
		}
	}
}

// redact returns the text of a string as the copy has it, quoted.
func (r *roles) redact(i uint32, text []byte) []byte {
	switch {
	case i >= r.count:
		return text // the name of an allocation's function
	case r.names.has(i):
		return redactEntry(text)
	case r.properties.has(i):
		name := string(text[1 : len(text)-1])
		for _, accessor := range []string{"get ", "set "} {
			name = strings.TrimPrefix(name, accessor)
		}
		if isName(name) {
			return text
		}
		return filler(text)
	case r.data.has(i):
		return filler(text)
	}
	return text
}

// redactEntry redacts the value in the name of a WeakMap's entry. The rest has
// to stay, as the entry's edges are known by it.
func redactEntry(text []byte) []byte {
	before, rest, found := bytes.Cut(text, []byte("-> value ("))
	end := bytes.LastIndex(rest, []byte(") pair in WeakMap ("))
	if !found || end < 0 {
		return text
	}
	at := bytes.LastIndexByte(rest[:end], '@')
	if at < 1 {
		return text
	}
	out := append(slices.Clone(before), "-> value "...)
	value := filler(slices.Concat([]byte{'"'}, rest[:at-1], []byte{'"'}))
	value[0], value[len(value)-1] = '(', ' '
	return slices.Concat(out, value, rest[at:])
}
