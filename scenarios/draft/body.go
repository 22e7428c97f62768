package draft

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// bodyOf is a body of the type, from its example or made from its schema.
func (m masked) bodyOf(mime string, media *openapi3.MediaType) (string, bool) {
	example := media.Example
	if all := exampleValues(media.Examples); example == nil && len(all) > 0 {
		example = all[0]
	}
	var s *openapi3.Schema
	if media.Schema != nil {
		s = media.Schema.Value
	}
	switch {
	case strings.Contains(mime, "json"), mime == "*/*":
		return m.jsonBody(s, example)
	case strings.Contains(mime, "form-urlencoded"):
		return formBody(s)
	case strings.Contains(mime, "xml") && example == nil && s != nil:
		return m.xmlOf(flatten(s, 0), "root", 0), true
	}
	text, ok := example.(string)
	return literal(text), ok && mime != "multipart/form-data"
}

func (m masked) jsonBody(s *openapi3.Schema, example any) (string, bool) {
	if example != nil {
		return m.example(example)
	}
	if s == nil {
		return "", false
	}
	return m.jsonOf(s, "", 0), true
}

// example prints an example of the document; also there, no secret is copied.
func (m masked) example(v any) (string, bool) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", false
	}
	return m.json(string(text))
}

// jsonOf is a template for a value of s.
func (m masked) jsonOf(s *openapi3.Schema, name string, depth int) string {
	s = flatten(s, depth)
	if secretName(name) && s.Type.Includes("string") {
		return `"` + m.variable(name) + `"`
	}
	if len(s.Properties) == 0 || s.Example != nil {
		if text, ok := m.namedJSON(s); ok {
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
		return "[" + m.jsonOf(s.Items.Value, name, depth+1) + "]"
	case s.Type.Includes("object"), len(s.Properties) > 0:
		return m.jsonObject(s, depth)
	case s.Type.Includes("integer"), s.Type.Includes("number"):
		low, high := bounds(s)
		return randInt(low, high)
	case s.Type.Includes("boolean"):
		return picked([]string{"true", "false"})
	}
	return `"` + madeText(s, func(t string) string { return strings.Trim(unmarked(jsonText(t)), `"`) }) + `"`
}

// namedJSON is one of the values that the schema names.
func (m masked) namedJSON(s *openapi3.Schema) (string, bool) {
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
	return m.example(named[0])
}

// unmarked takes back the template's escapes.
func unmarked(s string) string { return strings.ReplaceAll(s, `{{"{{"}}`, "{{") }

// jsonObject has the properties that are required, or all where none is; a
// server's own (readOnly) are left out.
func (m masked) jsonObject(s *openapi3.Schema, depth int) string {
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
		pairs = append(pairs, jsonText(name)+": "+m.jsonOf(p.Value, name, depth+1))
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

// xmlOf is an element for a value of s.
func (m masked) xmlOf(s *openapi3.Schema, name string, depth int) string {
	s = flatten(s, depth)
	if s.XML != nil && s.XML.Name != "" {
		name = s.XML.Name
	}
	inner := ""
	switch {
	case depth > maxDepth:
	case s.Type.Includes("array") && s.Items != nil && s.Items.Value != nil:
		inner = m.xmlOf(s.Items.Value, "item", depth+1)
	case len(s.Properties) > 0:
		for _, key := range slices.Sorted(maps.Keys(s.Properties)) {
			if p := s.Properties[key]; p != nil && p.Value != nil && !p.Value.ReadOnly {
				inner += m.xmlOf(p.Value, key, depth+1)
			}
		}
	case secretName(name):
		inner = m.variable(name)
	default:
		inner = scalarOf(s, nil, html.EscapeString).text
	}
	return "<" + name + ">" + inner + "</" + name + ">"
}

// partsFor are the parts of a multipart form; none for another type.
func (m masked) partsFor(mime string, media *openapi3.MediaType) []Part {
	if mime != "multipart/form-data" || media.Schema == nil || media.Schema.Value == nil {
		return nil
	}
	s := flatten(media.Schema.Value, 0)
	var parts []Part
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		if p == nil || p.Value == nil || p.Value.ReadOnly {
			continue
		}
		one := flatten(p.Value, 0)
		if one.Type.Includes("array") && one.Items != nil && one.Items.Value != nil {
			one = flatten(one.Items.Value, 1)
		}
		switch {
		case one.Format == "binary" || one.Extensions["contentMediaType"] != nil:
			parts = append(parts, Part{Name: name, File: name + ".bin"})
		case secretName(name):
			parts = append(parts, Part{Name: name, Value: m.variable(name)})
		case one.Type.Includes("object"):
			parts = append(parts, Part{Name: name, Value: m.jsonOf(one, name, 0)})
		default:
			parts = append(parts, Part{Name: name, Value: scalarOf(one, nil, func(t string) string { return t }).text})
		}
	}
	return parts
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
