// Package template makes each request of a load unlike the last: it compiles
// text with actions in double braces once, and renders it for every request
// without allocating.
//
//	{{seq}}              a number that no other request of the run has, counted from 1
//	{{uuid}}             a random UUID (version 4)
//	{{randInt 1 6}}      a random integer, both ends included
//	{{randString 12}}    random characters of A-Z, a-z, 0-9, - and _
//	{{pick "a" "b"}}     one of the texts
//	{{env "NAME"}}       an environment variable, read once by Bind
//	{{capture "token"}}  what was captured from an earlier answer
//	{{data "column"}}    a value of the request's row of test data
//	{{port}}             the target's port: in the target's command and env only
//	{{service "db"}}     host and port of a service, there too
//	{{"{{"}}             the quoted text itself
package template

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
)

// Template is compiled text. It is safe for concurrent Append once bound.
type Template struct {
	source string
	parts  []part
	static bool
}

// part is one stretch of output; which fields count depends on kind.
type part struct {
	kind    kind
	text    string   // the literal text, the variable's name or the action's source
	value   []byte   // of the variable, once bound
	low     int64    // randInt's lower end, randString's length
	high    int64    // randInt's upper end
	choices []string // pick's texts
	offset  int      // of the action in the source, where it refers to something
}

type kind uint8

const (
	literal kind = iota
	seq
	uuid
	randInt
	randString
	pick
	env
	port
	service
	capture
	data
)

// Vars is what one rendering draws from. Equal Vars give equal output.
type Vars struct {
	Seq  uint64
	Port int        // of the target
	Rand *rand.Rand // needed by templates with random actions; not shared between goroutines
	// Services gives host:port by name. Every service that the template names
	// must be there.
	Services map[string]string
	// Captures gives captured values by name; what is not there is rendered as
	// nothing.
	Captures map[string]string
	// Data is the row of test data, under the columns given to BindData.
	Data []string
}

// Ref is a name that a template refers to. Offset is in bytes from its start.
type Ref struct {
	Name   string
	Offset int
}

// Error is text that is not a template. Offset is in bytes from its start.
type Error struct {
	Offset int
	Msg    string
}

func (e *Error) Error() string { return fmt.Sprintf("offset %d: %s", e.Offset, e.Msg) }

// String gives back the source text, never the value of a variable.
func (t *Template) String() string { return t.source }

// Static reports whether every rendering gives the same text. Variables of the
// environment do not change during a run, so they count as static.
func (t *Template) Static() bool { return t.static }

// Bind reads the environment's variables that the template names, by lookup
// (os.LookupEnv in practice). All that are missing are named in one error. A
// template that names a variable renders that action's source until bound.
func (t *Template) Bind(lookup func(string) (string, bool)) error {
	var missing []error
	for i := range t.parts {
		p := &t.parts[i]
		if p.kind != env {
			continue
		}
		value, ok := lookup(p.text)
		if !ok {
			missing = append(missing, fmt.Errorf("environment variable %s is not set", p.text))
			continue
		}
		p.value = []byte(value)
	}
	return errors.Join(missing...)
}

// Services lists the services that the template names.
func (t *Template) Services() []string {
	var names []string
	for _, p := range t.parts {
		if p.kind == service {
			names = append(names, p.text)
		}
	}
	return names
}

// Captures lists the captured values that the template refers to.
func (t *Template) Captures() []Ref { return t.refs(capture) }

// Columns lists the columns of test data that the template refers to.
func (t *Template) Columns() []Ref { return t.refs(data) }

// BindData gives the template the columns that rows of test data have, which
// must be all that the template refers to.
func (t *Template) BindData(columns []string) error {
	for i := range t.parts {
		p := &t.parts[i]
		if p.kind != data {
			continue
		}
		at := slices.Index(columns, p.text)
		if at < 0 {
			return fmt.Errorf("there is no column %q", p.text)
		}
		p.low = int64(at)
	}
	return nil
}

func (t *Template) refs(k kind) []Ref {
	var refs []Ref
	for _, p := range t.parts {
		if p.kind == k {
			refs = append(refs, Ref{p.text, p.offset})
		}
	}
	return refs
}

// Append renders t to dst and returns the extended slice.
func (t *Template) Append(dst []byte, v *Vars) []byte {
	for i := range t.parts {
		dst = t.parts[i].append(dst, v)
	}
	return dst
}

func (p *part) append(dst []byte, v *Vars) []byte {
	switch p.kind {
	case literal:
		return append(dst, p.text...)
	case seq:
		return strconv.AppendUint(dst, v.Seq, 10)
	case uuid:
		return appendUUID(dst, v.Rand)
	case randInt:
		return strconv.AppendInt(dst, between(v.Rand, p.low, p.high), 10)
	case randString:
		return appendRandom(dst, int(p.low), v.Rand)
	case pick:
		return append(dst, p.choices[v.Rand.IntN(len(p.choices))]...)
	case port:
		return strconv.AppendInt(dst, int64(v.Port), 10)
	case service:
		return append(dst, v.Services[p.text]...)
	case data:
		if int(p.low) < len(v.Data) {
			dst = append(dst, v.Data[p.low]...)
		}
		return dst
	case capture:
		return append(dst, v.Captures[p.text]...)
	default: // env
		return append(dst, p.value...)
	}
}
