package scenarios

import (
	"cmp"
	"maps"
	"net/textproto"
	"path/filepath"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// maxGenerated bounds a body that is generated: each worker holds one.
const maxGenerated = unit.Bytes(100e6)

// Content is the query of a request, and its body where that is no text.
type Content struct {
	Query     map[string]string `json:"query,omitempty" jsonschema:"names and values of the query, added to the path and escaped; values may contain templates"`
	BodySize  unit.Bytes        `json:"body_size,omitempty" jsonschema:"size of a generated body: 1 MiB"`
	Multipart []FormPart        `json:"multipart,omitempty" jsonschema:"parts of a multipart/form-data body, in order"`
	Gzip      bool              `json:"gzip,omitempty" jsonschema:"send the body compressed, with Content-Encoding: gzip"`
}

// FormPart is one part of a multipart body: of Value, File and Size one is
// given.
type FormPart struct {
	Name  string `json:"name" jsonschema:"name of the field"`
	Value string `json:"value,omitempty" jsonschema:"text of the field; may contain templates"`
	// File is absolute; the file gives it relative to itself.
	File     string     `json:"file,omitempty" jsonschema:"file that is sent as it is, relative to this file"`
	Size     unit.Bytes `json:"size,omitempty" jsonschema:"size of generated content: 1 MiB"`
	FileName string     `json:"filename,omitempty" jsonschema:"name that a file is sent with; may contain templates; absent: the file's own, or generated.bin"`
	Type     string     `json:"type,omitempty" jsonschema:"Content-Type of a file; absent: application/octet-stream"`

	Content []byte `json:"-"` // of File, once loaded
}

var (
	bodyKeys     = []string{"body", "body_file", "body_size", "multipart"}
	contentKeys  = append(slices.Clone(bodyKeys), "gzip", "query")
	partContents = []string{"value", "file", "size"}
)

// body checks the query and the body of a request, which comes from one place.
func (c *checker) body(path string, m *Message) {
	given := slices.DeleteFunc(slices.Clone(bodyKeys), func(key string) bool { return !c.has(join(path, key)) })
	for _, other := range given[min(1, len(given)):] {
		c.fail(join(path, other), "keep one of them", "%s and %s cannot be combined", given[0], other)
	}
	if c.has(path + ".targets") {
		c.besideTargets(path)
		return
	}
	if c.good(path + ".body") {
		c.requestText(path+".body", m.Body)
	}
	if c.good(path + ".body_file") {
		c.bodyFile(path+".body_file", m)
	}
	c.generated(path+".body_size", m.BodySize)
	if c.good(path + ".multipart") {
		c.multipart(path, m)
	}
	if m.Gzip {
		c.own(path, m, "Content-Encoding", "gzip")
		if len(given) == 0 && !c.has(path+".flow") {
			c.fail(path+".gzip", "add body, body_file, body_size or multipart", "gzip without a body")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Query)) {
		c.requestText(join(path+".query", name), m.Query[name])
	}
}

func (c *checker) besideTargets(path string) {
	for _, key := range contentKeys {
		if c.has(join(path, key)) {
			c.fail(join(path, key), "the targets file gives the requests", "%s and targets cannot be combined", key)
		}
	}
}

func (c *checker) multipart(path string, m *Message) {
	c.own(path, m, "Content-Type", "multipart")
	if len(m.Multipart) == 0 {
		c.fail(path+".multipart", "add - {name: file, size: 1 MiB}", "multipart: the list is empty")
	}
	for i := range m.Multipart {
		if at := indexed(path+".multipart", i); c.good(at) {
			c.formPart(at, &m.Multipart[i])
		}
	}
}

func (c *checker) formPart(path string, p *FormPart) {
	if c.required(path, "name", "add a name for the field") && p.Name == "" {
		c.fail(path+".name", "", "name is empty")
	}
	given := slices.DeleteFunc(slices.Clone(partContents), func(key string) bool { return !c.has(join(path, key)) })
	if len(given) != 1 {
		c.fail(path, "write {name: title, value: text}, {name: photo, file: photo.png} or {name: blob, size: 1 MiB}", "multipart: want one of value, file and size, got %d of them", len(given))
		return
	}
	if c.good(path + ".value") {
		c.requestText(path+".value", p.Value)
	}
	c.generated(path+".size", p.Size)
	if given := p.File; c.good(path + ".file") {
		p.Content, _ = c.file(path+".file", &p.File)
		p.FileName = cmp.Or(p.FileName, filepath.Base(filepath.FromSlash(given)))
	}
	if c.has(path + ".size") {
		p.FileName = cmp.Or(p.FileName, "generated.bin")
	}
	if c.good(path + ".filename") {
		c.requestText(path+".filename", p.FileName)
	}
	if c.has(path+".type") && p.FileName == "" {
		c.fail(path+".type", "add filename", "type is for files")
	}
}

// own fails when a header is given that key sets.
func (c *checker) own(path string, m *Message, header, key string) {
	for name := range m.Headers {
		if at := join(path+".headers", name); textproto.CanonicalMIMEHeaderKey(name) == header {
			c.failKey(at, "leave the header away", "%s is set by %s", header, key)
		}
	}
}

func (c *checker) generated(path string, size unit.Bytes) {
	switch {
	case !c.good(path):
	case size <= 0:
		c.fail(path, "", "%smust be more than 0", label(path))
	case size > maxGenerated:
		c.fail(path, "", "%s%v is more than %v", label(path), size, maxGenerated)
	}
}
