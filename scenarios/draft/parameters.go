package draft

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// merged lists the parameters of a path and of its operation, which override.
func merged(lists ...openapi3.Parameters) []*openapi3.Parameter {
	var all []*openapi3.Parameter
	for _, list := range lists {
		for _, ref := range list {
			p := ref.Value
			if p == nil {
				continue
			}
			same := func(o *openapi3.Parameter) bool { return o.Name == p.Name && o.In == p.In }
			all = append(slices.DeleteFunc(all, same), p)
		}
	}
	return all
}

// fill puts values into the braces of a path.
func fill(path string, values map[string]string) string {
	var b strings.Builder
	for {
		before, rest, open := strings.Cut(path, "{")
		b.WriteString((&url.URL{Path: before}).EscapedPath())
		name, after, closed := strings.Cut(rest, "}")
		if !open || !closed {
			return strings.TrimPrefix(b.String(), "./")
		}
		if v, ok := values[name]; ok {
			b.WriteString(v)
		} else {
			b.WriteString("{{randString 8}}")
		}
		path = after
	}
}

func (r *openAPI) pathValue(e *Endpoint, p *openapi3.Parameter) string {
	v := valueOf(p, url.PathEscape)
	if !v.given {
		e.invented(p)
	}
	return v.text
}

func (e *Endpoint) invented(p *openapi3.Parameter) {
	e.Blanks = append(e.Blanks, fmt.Sprintf("values of %s that make sense; these are generated from its schema", p.Name))
}

// queryPairs are those of a parameter of the query: when it is required, or the
// document says what it may be.
func (r *openAPI) queryPairs(e *Endpoint, p *openapi3.Parameter) ([]string, bool) {
	name := literal(url.QueryEscape(p.Name))
	if secretName(p.Name) {
		if !p.Required {
			return nil, false
		}
		return []string{name + "=" + r.hidden.variable(p.Name)}, true
	}
	pairs, given := r.styled(p, name)
	if !p.Required && !given {
		return nil, false
	}
	if !given {
		e.invented(p)
	}
	return pairs, true
}

// styled writes a parameter of the query as its style says: lists and objects
// have several ways.
func (r *openAPI) styled(p *openapi3.Parameter, name string) (pairs []string, given bool) {
	if media := p.Content["application/json"]; media != nil {
		text, ok := r.hidden.bodyOf("application/json", media)
		return []string{name + "=" + escapedAround(text)}, ok && media.Example != nil
	}
	var s *openapi3.Schema
	if p.Schema != nil && p.Schema.Value != nil {
		s = flatten(p.Schema.Value, 0)
	}
	explode := p.Explode == nil && (p.Style == "" || p.Style == "form") || p.Explode != nil && *p.Explode
	switch {
	case s != nil && s.Type.Includes("object") && len(s.Properties) > 0 && p.Example == nil && len(p.Examples) == 0:
		return objectPairs(s, name, p.Style, explode)
	case s != nil && s.Type.Includes("array") && s.Items != nil && p.Example == nil && len(p.Examples) == 0 && s.Example == nil:
		one := scalarOf(s.Items.Value, nil, url.QueryEscape)
		n := int(min(max(s.MinItems, 1), 10))
		if explode {
			return slices.Repeat([]string{name + "=" + one.text}, n), one.given
		}
		between := map[string]string{"spaceDelimited": "%20", "pipeDelimited": "%7C"}[p.Style]
		if between == "" {
			between = ","
		}
		return []string{name + "=" + strings.Join(slices.Repeat([]string{one.text}, n), between)}, one.given
	}
	v := valueOf(p, url.QueryEscape)
	return []string{name + "=" + v.text}, v.given
}

// objectPairs writes the properties of an object: name[color]=red, color=red, or
// name=color,red.
func objectPairs(s *openapi3.Schema, name, style string, explode bool) (pairs []string, given bool) {
	var flat []string
	given = true
	for _, key := range slices.Sorted(maps.Keys(s.Properties)) {
		property := s.Properties[key]
		if property == nil || property.Value == nil {
			continue
		}
		v := scalarOf(property.Value, nil, url.QueryEscape)
		given = given && v.given
		key = literal(url.QueryEscape(key))
		switch {
		case style == "deepObject":
			pairs = append(pairs, name+"%5B"+key+"%5D="+v.text)
		case explode:
			pairs = append(pairs, key+"="+v.text)
		default:
			flat = append(flat, key, v.text)
		}
	}
	if len(flat) > 0 {
		pairs = []string{name + "=" + strings.Join(flat, ",")}
	}
	return pairs, given
}

var templateAction = regexp.MustCompile(`\{\{[^}]*\}\}`)

// escapedAround escapes the text around the actions of a template.
func escapedAround(text string) string {
	var b strings.Builder
	from := 0
	for _, at := range templateAction.FindAllStringIndex(text, -1) {
		b.WriteString(url.QueryEscape(text[from:at[0]]) + text[at[0]:at[1]])
		from = at[1]
	}
	return b.String() + url.QueryEscape(text[from:])
}

func (r *openAPI) headerParameter(e *Endpoint, p *openapi3.Parameter) (sent bool) {
	switch {
	case slices.Contains([]string{"accept", "content-type", "authorization"}, strings.ToLower(p.Name)):
		return true // OpenAPI leaves these to the body and the security schemes
	case secretName(p.Name) && p.Required:
		e.Headers = append(e.Headers, Header{p.Name, r.hidden.variable(p.Name)})
		return true
	}
	v := valueOf(p, clean)
	if p.Required || v.given && !secretName(p.Name) {
		e.Headers = append(e.Headers, Header{p.Name, v.text})
		return true
	}
	return false
}

// cookie adds a cookie to those that e sends.
func (r *openAPI) cookie(e *Endpoint, p *openapi3.Parameter) (sent bool) {
	v := valueOf(p, url.QueryEscape)
	switch {
	case !p.Required && !v.given:
		return false
	case secretName(p.Name), slices.Contains(shortNames, strings.ToLower(p.Name)) && !v.given:
		v.text = r.hidden.variable(p.Name)
	}
	r.addCookie(e, p.Name+"="+v.text)
	return true
}

func (r *openAPI) addCookie(e *Endpoint, pair string) {
	for i, h := range e.Headers {
		if h.Name == "Cookie" {
			e.Headers[i].Value += "; " + pair
			return
		}
	}
	e.Headers = append(e.Headers, Header{"Cookie", pair})
}
