// Package jsonpointer finds values in JSON documents.
package jsonpointer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Pointer refers to a value of a JSON document (RFC 6901): "/user/id", "/0",
// and "" for the whole.
type Pointer struct {
	text   string
	tokens []string
}

// Parse reads a pointer from text.
func Parse(text string) (*Pointer, error) {
	p := &Pointer{text: text}
	if text == "" {
		return p, nil
	}
	if text[0] != '/' {
		return nil, fmt.Errorf("%q is no JSON pointer: it begins with /, as in /user/id", text)
	}
	for token := range strings.SplitSeq(text[1:], "/") {
		plain := strings.NewReplacer("~1", "", "~0", "").Replace(token)
		if strings.Contains(plain, "~") {
			return nil, fmt.Errorf("%q is no JSON pointer: ~ is written ~0, and / within a key ~1", text)
		}
		p.tokens = append(p.tokens, strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~"))
	}
	return p, nil
}

func (p *Pointer) String() string { return p.text }

// Find gives the text of the value in a document, or why there is none. Numbers
// are as written; objects and arrays are no values.
func (p *Pointer) Find(document []byte) (value, why string) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return "", "the body is not JSON"
	}
	for _, token := range p.tokens {
		var ok bool
		if v, ok = child(v, token); !ok {
			return "", fmt.Sprintf("the body has nothing at %s", p)
		}
	}
	switch v := v.(type) {
	case string:
		return v, ""
	case json.Number:
		return v.String(), ""
	case bool:
		return strconv.FormatBool(v), ""
	case nil:
		return "", fmt.Sprintf("%s in the body is null", p)
	}
	return "", fmt.Sprintf("%s in the body is an object or a list: point to a value in it", p)
}

func child(v any, token string) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		c, ok := v[token]
		return c, ok
	case []any:
		i, err := strconv.Atoi(token)
		if err != nil || i < 0 || i >= len(v) || strconv.Itoa(i) != token {
			return nil, false
		}
		return v[i], true
	}
	return nil, false
}
