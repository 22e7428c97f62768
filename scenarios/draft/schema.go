package draft

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// value is a template for what a schema describes. given says that the document
// names such values, and none was generated.
type value struct {
	text  string
	given bool
}

// valueOf is the value of a parameter, escaped for its place.
func valueOf(p *openapi3.Parameter, escape func(string) string) value {
	var examples []any
	if p.Example != nil {
		examples = append(examples, p.Example)
	}
	examples = append(examples, exampleValues(p.Examples)...)
	var s *openapi3.Schema
	if p.Schema != nil {
		s = p.Schema.Value
	}
	return scalarOf(s, examples, escape)
}

// exampleValues lists named examples, by their names.
func exampleValues(examples openapi3.Examples) []any {
	var all []any
	for _, name := range slices.Sorted(maps.Keys(examples)) {
		if ref := examples[name]; ref != nil && ref.Value != nil && ref.Value.Value != nil {
			all = append(all, ref.Value.Value)
		}
	}
	return all
}

// scalarOf is a template for one value of s outside of JSON. A list is sent as
// one of its items.
func scalarOf(s *openapi3.Schema, examples []any, escape func(string) string) value {
	if texts := textsOf(examples, escape); len(texts) > 0 {
		return value{picked(texts), true}
	}
	if s == nil {
		return value{"{{randString 8}}", false}
	}
	s = flatten(s, 0)
	if s.Type.Includes("array") && s.Items != nil {
		return scalarOf(s.Items.Value, nil, escape)
	}
	if texts := textsOf(namedValues(s), escape); len(texts) > 0 {
		return value{picked(texts), true}
	}
	switch {
	case s.Type.Includes("integer"), s.Type.Includes("number"):
		low, high := bounds(s)
		return value{randInt(low, high), false}
	case s.Type.Includes("boolean"):
		return value{picked([]string{"true", "false"}), true}
	}
	return value{madeText(s, escape), false}
}

// textsOf prints scalars, each once; lists by their first item.
func textsOf(values []any, escape func(string) string) []string {
	var texts []string
	for _, v := range values {
		if list, ok := v.([]any); ok && len(list) > 0 {
			v = list[0]
		}
		text, ok := printed(v)
		if text = escape(text); ok && !slices.Contains(texts, text) && len(texts) < maxPicks {
			texts = append(texts, text)
		}
	}
	return texts
}

func printed(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case int, int64, uint64, json.Number:
		return fmt.Sprint(v), true
	}
	return "", false
}

// namedValues lists what the schema says a value may be.
func namedValues(s *openapi3.Schema) []any {
	switch {
	case s.Const != nil:
		return []any{s.Const}
	case len(s.Enum) > 0:
		return s.Enum
	case s.Example != nil:
		return []any{s.Example}
	case len(s.Examples) > 0:
		return s.Examples
	case s.Default != nil:
		return []any{s.Default}
	}
	return nil
}

// bounds are those of numbers: 1 to 100 where the schema says nothing.
func bounds(s *openapi3.Schema) (low, high int64) {
	low, high = 1, 100
	if s.Min != nil {
		low = int64(math.Ceil(max(*s.Min, -1e15)))
		high = max(high, low+100)
	}
	if s.Max != nil {
		high = int64(math.Floor(min(*s.Max, 1e15)))
		low = min(low, high)
	}
	return low, high
}

// madeText is text of the schema's format and length.
func madeText(s *openapi3.Schema, escape func(string) string) string {
	if s.Pattern != "" && s.Format == "" {
		if texts := matching(s.Pattern, 4); len(texts) > 0 {
			for i, t := range texts {
				texts[i] = escape(t)
			}
			return picked(texts)
		}
	}
	switch s.Format {
	case "uuid":
		return "{{uuid}}"
	case "date":
		return "2026-01-{{randInt 10 28}}"
	case "date-time":
		return literal(escape("2026-01-02T03:04:")) + "{{randInt 10 59}}Z"
	case "email":
		return "{{randString 8}}" + literal(escape("@example.com"))
	case "uri", "url":
		return literal(escape("https://example.com/")) + "{{randString 8}}"
	case "ipv4":
		return "192.0.2.{{randInt 1 254}}"
	}
	n := uint64(8)
	if s.MaxLength != nil {
		n = min(n, *s.MaxLength)
	}
	n = min(max(n, s.MinLength, 1), 1000)
	return fmt.Sprintf("{{randString %d}}", n)
}

// maxDepth bounds schemas that refer to themselves.
const maxDepth = 6

// flatten joins allOf, and takes the first of oneOf and anyOf.
func flatten(s *openapi3.Schema, depth int) *openapi3.Schema {
	if depth > maxDepth || len(s.AllOf)+len(s.OneOf)+len(s.AnyOf) == 0 {
		return s
	}
	out := *s
	out.AllOf, out.OneOf, out.AnyOf = nil, nil, nil
	out.Properties, out.Required = maps.Clone(s.Properties), slices.Clone(s.Required)
	parts := slices.Clone(s.AllOf)
	for _, choice := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf} {
		if len(choice) > 0 {
			parts = append(parts, choice[0])
		}
	}
	for _, part := range parts {
		if part != nil && part.Value != nil {
			join(&out, flatten(part.Value, depth+1))
		}
	}
	return &out
}

// join adds to s what o says and s does not.
func join(s, o *openapi3.Schema) {
	if s.Type == nil {
		s.Type = o.Type
	}
	if s.Format == "" {
		s.Format = o.Format
	}
	if len(namedValues(s)) == 0 {
		s.Const, s.Enum, s.Example, s.Examples, s.Default = o.Const, o.Enum, o.Example, o.Examples, o.Default
	}
	if s.Pattern == "" {
		s.Pattern = o.Pattern
	}
	if s.Items == nil {
		s.Items = o.Items
	}
	if s.Min == nil && s.Max == nil {
		s.Min, s.Max = o.Min, o.Max
	}
	for name, p := range o.Properties {
		if s.Properties == nil {
			s.Properties = openapi3.Schemas{}
		}
		if s.Properties[name] == nil {
			s.Properties[name] = p
		}
	}
	s.Required = append(s.Required, o.Required...)
}
