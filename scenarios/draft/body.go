//go:build !slim

package draft

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// bodyOf is a body of the type, from its example or made from its schema.
func (h masked) bodyOf(mime string, m *openapi3.MediaType) (string, bool) {
	example := m.Example
	if all := exampleValues(m.Examples); example == nil && len(all) > 0 {
		example = all[0]
	}
	var s *openapi3.Schema
	if m.Schema != nil {
		s = m.Schema.Value
	}
	switch {
	case strings.Contains(mime, "json"), mime == "*/*":
		return h.jsonBody(s, example)
	case strings.Contains(mime, "form-urlencoded"):
		return formBody(s)
	}
	text, ok := example.(string)
	return literal(text), ok && mime != "multipart/form-data"
}

func (h masked) jsonBody(s *openapi3.Schema, example any) (string, bool) {
	if example != nil {
		return h.example(example)
	}
	if s == nil {
		return "", false
	}
	return h.jsonOf(s, "", 0), true
}

// example prints an example of the document; also there, no secret is copied.
func (h masked) example(v any) (string, bool) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", false
	}
	return h.json(string(text))
}

// jsonOf is a template for a value of s.
func (h masked) jsonOf(s *openapi3.Schema, name string, depth int) string {
	s = flatten(s, depth)
	if secretName(name) && s.Type.Includes("string") {
		return `"` + h.variable(name) + `"`
	}
	if len(s.Properties) == 0 || s.Example != nil {
		if text, ok := h.namedJSON(s); ok {
			return text
		}
	}
	switch {
	case depth > maxDepth:
		return "null"
	case s.Type.Includes("array"):
		if s.Items == nil || s.Items.Value == nil {
			return "[]"
		}
		return "[" + h.jsonOf(s.Items.Value, name, depth+1) + "]"
	case s.Type.Includes("object"), len(s.Properties) > 0:
		return h.jsonObject(s, depth)
	case s.Type.Includes("integer"), s.Type.Includes("number"):
		low, high := bounds(s)
		return randInt(low, high)
	case s.Type.Includes("boolean"):
		return picked([]string{"true", "false"})
	}
	return `"` + madeText(s, func(t string) string { return t }) + `"`
}

// namedJSON is one of the values that the schema names.
func (h masked) namedJSON(s *openapi3.Schema) (string, bool) {
	named := namedValues(s)
	if len(named) == 0 {
		return "", false
	}
	if texts := textsOf(named, func(t string) string { return t }); len(named) > 1 && len(texts) == min(len(named), maxPicks) && s.Type.Includes("string") {
		for i, t := range texts {
			texts[i] = strings.Trim(unmarked(jsonText(t)), `"`)
		}
		return `"` + picked(texts) + `"`, true
	}
	return h.example(named[0])
}

// unmarked takes back the template's escapes.
func unmarked(s string) string { return strings.ReplaceAll(s, `{{"{{"}}`, "{{") }

// jsonObject has the properties that are required, or all where none is; a
// server's own (readOnly) are left out.
func (h masked) jsonObject(s *openapi3.Schema, depth int) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		if p == nil || p.Value == nil || p.Value.ReadOnly {
			continue
		}
		wanted := slices.Contains(s.Required, name)
		if !wanted && (depth >= 2 || len(s.Properties) > 12) {
			continue
		}
		pairs = append(pairs, jsonText(name)+": "+h.jsonOf(p.Value, name, depth+1))
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

func formBody(s *openapi3.Schema) (string, bool) {
	if s == nil {
		return "", false
	}
	s = flatten(s, 0)
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		if p == nil || p.Value == nil || p.Value.ReadOnly {
			continue
		}
		pairs = append(pairs, fmt.Sprintf("%s=%s", literal(url.QueryEscape(name)), scalarOf(p.Value, nil, url.QueryEscape).text))
	}
	return strings.Join(pairs, "&"), len(pairs) > 0
}
