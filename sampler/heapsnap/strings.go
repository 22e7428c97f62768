package heapsnap

import (
	"bytes"
	"encoding/json"
)

// stringTable keeps the strings as they stand in the JSON until they are asked
// for: most never are.
type stringTable struct {
	pages [][]byte
	at    []uint64 // page<<32 | offset of the opening quote
}

// readStrings reads the array of strings that comes next. With roles, the
// source's copy gets them redacted.
func (s *source) readStrings(roles *roles) (*stringTable, error) {
	if err := s.expect('['); err != nil {
		return nil, err
	}
	t := &stringTable{}
	var page *byte
	for {
		c, err := s.peek()
		if err != nil {
			return nil, err
		}
		if c == ']' && len(t.at) == 0 {
			s.pos++
			return t, nil
		}
		text, err := s.quoted()
		if err != nil {
			return nil, err
		}
		if page != &s.buf[0] {
			page = &s.buf[0]
			t.pages = append(t.pages, s.buf)
		}
		if roles != nil {
			s.replace(text, roles.redact(uint32(len(t.at)), text))
		}
		t.at = append(t.at, uint64(len(t.pages)-1)<<32|uint64(s.pos-len(text)))
		switch c, err := s.peek(); {
		case err != nil:
			return nil, err
		case c == ']':
			s.pos++
			return t, nil
		case c != ',':
			return nil, badFormat(s.offset(), "found %q where a comma belongs", c)
		}
		s.pos++
	}
}

func (t *stringTable) len() int { return len(t.at) }

// raw is a string without its quotes, escaped as in the file.
func (t *stringTable) raw(i uint32) []byte {
	page, offset := t.at[i]>>32, t.at[i]&(1<<32-1)
	text := t.pages[page][offset:]
	return text[1 : stringEnd(text, 1)-1]
}

// get decodes a string. What is no UTF-8 becomes U+FFFD, as in DevTools.
func (t *stringTable) get(i uint32) string {
	raw := t.raw(i)
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(bytes.ToValidUTF8(raw, []byte("\uFFFD")))
	}
	page, offset := t.at[i]>>32, t.at[i]&(1<<32-1)
	var text string
	if err := json.Unmarshal(t.pages[page][offset:int(offset)+len(raw)+2], &text); err != nil {
		return string(bytes.ToValidUTF8(raw, []byte("\uFFFD")))
	}
	return text
}

// quote writes text as JavaScript's JSON.stringify does.
func quote(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		panic(err) // a string can always be encoded
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte{'\n'}))
}
