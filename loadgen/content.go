package loadgen

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"errors"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"sync"

	"github.com/leakcheck/leakcheck/loadgen/template"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Content is what a request has beside its path, headers and text.
type Content struct {
	// Query is added to the path, its values (templates) escaped.
	Query map[string]string
	// BodySize is that of a generated body: letters, digits and two signs, the
	// same in each request.
	BodySize  unit.Bytes
	Multipart []FormPart // a multipart/form-data body
	Gzip      bool       // the body is compressed, and Content-Encoding says so
}

// FormPart is one part of a multipart body: of its Value, File and Size one
// counts, in the order that they are not empty.
type FormPart struct {
	Name     string
	Value    string     // a template
	File     []byte     // sent as it is
	Size     unit.Bytes // generated, as BodySize
	FileName string     // a template; "" is no file's
	Type     string     // of a file; "" is application/octet-stream
}

// body is the pieces that make a request's body.
type body struct {
	pieces []piece
	gzip   bool
}

// piece is a part of a body.
type piece struct {
	part
	quoted bool // it stands between quotes in the header of a form's part
}

func (b *body) refers() bool { return slices.ContainsFunc(b.pieces, piece.refers) }

func (b *body) static() bool {
	return !slices.ContainsFunc(b.pieces, func(p piece) bool { return !p.static() })
}

// empty reports whether nothing is ever sent.
func (b *body) empty() bool { return b.static() && len(b.append(nil, &template.Vars{})) == 0 }

func (b *body) append(dst []byte, v *template.Vars) []byte {
	for _, p := range b.pieces {
		from := len(dst)
		dst = p.append(dst, v)
		if p.quoted {
			escaped := quoteEscaper(dst[from:])
			dst = append(dst[:from], escaped...)
		}
	}
	return dst
}

// render is append for what goes over the wire.
func (b *body) render(v *template.Vars) []byte {
	plain := b.append(nil, v)
	if !b.gzip {
		return plain
	}
	return compress(plain)
}

// quoteEscaper escapes what would end the quotes or the line, as browsers do
// (the URL standard's form-data encoding).
func quoteEscaper(text []byte) []byte {
	for _, c := range []struct{ from, to string }{{"\"", "%22"}, {"\r", "%0D"}, {"\n", "%0A"}} {
		text = bytes.ReplaceAll(text, []byte(c.from), []byte(c.to))
	}
	return text
}

var gzipPool = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is known
	return w
}}

func compress(plain []byte) []byte {
	var out bytes.Buffer
	w := gzipPool.Get().(*gzip.Writer)
	defer gzipPool.Put(w)
	w.Reset(&out)
	_, _ = w.Write(plain) // to memory
	_ = w.Close()
	return out.Bytes()
}

// compileBody makes the body of b, and the headers that say what it is.
func (l *Loader) compileBody(b blueprint) (body, []header, error) {
	made := body{gzip: b.content.Gzip}
	var says []header
	if b.content.Gzip {
		says = append(says, header{"Content-Encoding", source{"gzip", true}})
	}
	switch {
	case len(b.content.Multipart) > 0:
		boundary := "leakcheck" + hex.EncodeToString(l.generated(8))
		says = append(says, header{"Content-Type", source{"multipart/form-data; boundary=" + boundary, true}})
		for _, p := range b.content.Multipart {
			pieces, err := l.formPart(p, boundary, b.columns)
			if err != nil {
				return body{}, nil, &PartError{Multipart, p.Name, err}
			}
			made.pieces = append(made.pieces, pieces...)
		}
		made.text("--" + boundary + "--\r\n")
		return made, says, nil
	case b.content.BodySize > 0:
		made.pieces = []piece{{part: part{text: l.generated(b.content.BodySize)}}}
		return made, says, nil
	}
	text, err := l.part(b.body, b.columns)
	if err != nil {
		return body{}, nil, &PartError{Part: Body, Err: err}
	}
	made.pieces = []piece{{part: text}}
	return made, says, nil
}

func (b *body) text(s string) { b.pieces = append(b.pieces, piece{part: part{text: []byte(s)}}) }

// formPart is one part with its boundary and header (RFC 7578).
func (l *Loader) formPart(p FormPart, boundary string, columns []string) ([]piece, error) {
	if p.Name == "" {
		return nil, errors.New("a part has no name")
	}
	var made body
	made.text("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + string(quoteEscaper([]byte(p.Name))) + "\"")
	if p.FileName != "" {
		name, err := l.part(source{text: p.FileName}, columns)
		if err != nil {
			return nil, err
		}
		made.text("; filename=\"")
		made.pieces = append(made.pieces, piece{name, true})
		made.text("\"\r\nContent-Type: " + orDefault(p.Type, "application/octet-stream"))
	}
	made.text("\r\n\r\n")
	content := part{text: p.File}
	switch {
	case p.Value != "":
		var err error
		if content, err = l.part(source{text: p.Value}, columns); err != nil {
			return nil, err
		}
	case p.Size > 0:
		content.text = l.generated(p.Size)
	}
	made.pieces = append(made.pieces, piece{part: content})
	made.text("\r\n")
	return made.pieces, nil
}

// generated is n bytes that do not compress away, and are the same for a seed.
func (l *Loader) generated(n unit.Bytes) []byte {
	const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	rng := rand.New(rand.NewPCG(l.opts.Seed, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[rng.Uint64()%uint64(len(alphabet))]
	}
	return b
}

// queryPart is one pair of a query, its name escaped.
type queryPart struct {
	name  string
	value part
}

func (l *Loader) compileQuery(b blueprint) ([]queryPart, error) {
	var all []queryPart
	for _, name := range slices.Sorted(maps.Keys(b.content.Query)) {
		value, err := l.part(source{text: b.content.Query[name]}, b.columns)
		if err != nil {
			return nil, &PartError{Query, name, err}
		}
		all = append(all, queryPart{url.QueryEscape(name) + "=", value})
	}
	return all, nil
}

// appendQuery adds the pairs to a rendered path, of which dst ends.
func appendQuery(dst []byte, path int, query []queryPart, v *template.Vars) []byte {
	sign := byte('?')
	if bytes.IndexByte(dst[path:], '?') >= 0 {
		sign = '&'
	}
	for _, q := range query {
		dst = append(append(dst, sign), q.name...)
		dst = append(dst, url.QueryEscape(string(q.value.append(nil, v)))...)
		sign = '&'
	}
	return dst
}
