package draft

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// fromOpenAPI drafts from an OpenAPI 3 document. What it refers to is read from
// files beside it, never from the network.
func fromOpenAPI(path string) (*Draft, error) {
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = true
	loader.ReadFromURIFunc = openapi3.ReadFromFile
	doc, err := loader.LoadFromFile(path)
	if err != nil {
		return nil, fmt.Errorf("read OpenAPI: %w", err)
	}
	switch {
	case doc.Extensions["swagger"] != nil:
		return nil, errors.New("it is Swagger 2.0, and OpenAPI 3 is read: convert it first")
	case !strings.HasPrefix(doc.OpenAPI, "3."):
		return nil, errors.New("it is no OpenAPI 3 document: openapi: 3.x is missing")
	case doc.Paths.Len() == 0:
		return nil, errors.New("it has no paths")
	}
	r := openAPI{doc: doc, base: basePath(doc), hidden: masked{}}
	d := &Draft{From: fmt.Sprintf("%s (OpenAPI %s)", filepath.Base(path), doc.OpenAPI)}
	if doc.Info != nil {
		d.Name = clean(doc.Info.Title)
	}
	paths := doc.Paths.Map()
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		ops := paths[p].Operations()
		for _, method := range slices.Sorted(maps.Keys(ops)) {
			if known(method) {
				d.Endpoints = append(d.Endpoints, r.endpoint(method, p, paths[p], ops[method]))
			}
		}
	}
	if r.base != "" {
		d.note("paths begin with %s, as the document's first server says", r.base)
	}
	if len(r.hidden) > 0 {
		d.note("what the document asks for as credentials is read from leakcheck's environment: set %s", strings.Join(slices.Sorted(maps.Keys(r.hidden)), ", "))
	}
	return d, nil
}

// openAPI makes endpoints of operations.
type openAPI struct {
	doc    *openapi3.T
	base   string // path that all paths begin with
	hidden masked
}

// basePath is that of the first server whose URL holds no variable.
func basePath(doc *openapi3.T) string {
	if len(doc.Servers) == 0 {
		return ""
	}
	u, err := url.Parse(doc.Servers[0].URL)
	if err != nil || strings.ContainsAny(doc.Servers[0].URL, "{}") {
		return ""
	}
	return strings.TrimSuffix(u.EscapedPath(), "/")
}

func (r *openAPI) endpoint(method, path string, item *openapi3.PathItem, op *openapi3.Operation) Endpoint {
	e := Endpoint{Name: operationName(method, path, op), Method: method}
	if op.Summary != "" {
		e.Comments = append(e.Comments, op.Summary)
	}
	values, pairs := map[string]string{}, []string(nil)
	for _, p := range merged(item.Parameters, op.Parameters) {
		switch p.In {
		case openapi3.ParameterInPath:
			values[p.Name] = r.pathValue(&e, p)
		case openapi3.ParameterInQuery:
			if pair, ok := r.queryPair(&e, p); ok {
				pairs = append(pairs, pair)
			}
		case openapi3.ParameterInHeader:
			r.headerParameter(&e, p)
		}
	}
	e.Path = r.base + fill(path, values)
	pairs = append(pairs, r.credentials(&e, op)...)
	if len(pairs) > 0 {
		e.Path += "?" + strings.Join(pairs, "&")
	}
	r.body(&e, op)
	if op.Deprecated {
		e.Off = "the document calls it deprecated"
	}
	return e
}

func operationName(method, path string, op *openapi3.Operation) string {
	if op.OperationID != "" {
		return op.OperationID
	}
	return method + " " + path
}

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
		e.madeUp(p)
	}
	return v.text
}

func (e *Endpoint) madeUp(p *openapi3.Parameter) {
	e.Blanks = append(e.Blanks, fmt.Sprintf("values of %s that make sense; these are made up from its schema", p.Name))
}

// queryPair is a parameter of the query: when it is required, or the document
// says what it may be.
func (r *openAPI) queryPair(e *Endpoint, p *openapi3.Parameter) (string, bool) {
	v := valueOf(p, url.QueryEscape)
	if secretName(p.Name) {
		if !p.Required {
			return "", false
		}
		v.text, v.given = r.hidden.variable(p.Name), true
	}
	if p.Required && !v.given {
		e.madeUp(p)
	}
	return literal(url.QueryEscape(p.Name)) + "=" + v.text, p.Required || v.given
}

func (r *openAPI) headerParameter(e *Endpoint, p *openapi3.Parameter) {
	switch {
	case !p.Required:
	case secretName(p.Name):
		e.Headers = append(e.Headers, Header{p.Name, r.hidden.variable(p.Name)})
	default:
		v := valueOf(p, clean)
		e.Headers = append(e.Headers, Header{p.Name, v.text})
	}
}

// credentials adds what the first security requirement asks for, and returns
// what belongs to the query.
func (r *openAPI) credentials(e *Endpoint, op *openapi3.Operation) (pairs []string) {
	needs := r.doc.Security
	if op.Security != nil {
		needs = *op.Security
	}
	if len(needs) == 0 || r.doc.Components == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(needs[0])) {
		ref := r.doc.Components.SecuritySchemes[name]
		if ref == nil || ref.Value == nil {
			continue
		}
		s := ref.Value
		switch {
		case s.Type == "apiKey" && s.In == "query":
			pairs = append(pairs, url.QueryEscape(s.Name)+"="+r.hidden.variable(s.Name))
		case s.Type == "apiKey" && s.In == "cookie":
			r.addHeader(e, "Cookie", s.Name+"="+r.hidden.variable(s.Name))
		case s.Type == "apiKey":
			r.addHeader(e, s.Name, r.hidden.variable(s.Name))
		case s.Type == "http" && strings.EqualFold(s.Scheme, "basic"):
			r.addHeader(e, "Authorization", "Basic "+r.hidden.variable("BASIC_AUTH"))
		default: // bearer tokens, however they are obtained
			r.addHeader(e, "Authorization", "Bearer "+r.hidden.variable("TOKEN"))
		}
	}
	return pairs
}

func (r *openAPI) addHeader(e *Endpoint, name, value string) {
	if !slices.ContainsFunc(e.Headers, func(h Header) bool { return strings.EqualFold(h.Name, name) }) {
		e.Headers = append(e.Headers, Header{name, value})
	}
}

// body gives e a body of the first type that can be made.
func (r *openAPI) body(e *Endpoint, op *openapi3.Operation) {
	if op.RequestBody == nil || op.RequestBody.Value == nil {
		return
	}
	content := op.RequestBody.Value.Content
	types := slices.SortedFunc(maps.Keys(content), func(a, b string) int { return preference(a) - preference(b) + strings.Compare(a, b)/2 })
	for _, mime := range types {
		if content[mime] == nil {
			continue
		}
		if body, ok := r.hidden.bodyOf(mime, content[mime]); ok && len(body) <= maxBody {
			r.addHeader(e, "Content-Type", strings.ReplaceAll(mime, "*", "json"))
			e.Body = body
			return
		}
	}
	if len(types) > 0 {
		e.Blanks = append(e.Blanks, "its body, of type "+strings.Join(types, " or "))
		if op.RequestBody.Value.Required {
			e.Off = "its body could not be made up"
		}
	}
}

func preference(mime string) int {
	switch {
	case mime == "application/json":
		return 0
	case strings.Contains(mime, "json"), mime == "*/*":
		return 10
	case strings.Contains(mime, "form-urlencoded"):
		return 20
	}
	return 30
}
