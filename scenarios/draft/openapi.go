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

// AddDescription adds the endpoints of an OpenAPI document that the app serves
// at path, in place of those with the same method and path. It returns how many
// there are; 0 for a document that cannot be read.
func (d *Draft) AddDescription(document []byte, path string) int {
	doc, err := parseOpenAPI(document, path)
	if err != nil || doc.Paths.Len() == 0 {
		return 0
	}
	more := draftOf(doc, path)
	for _, e := range more.Endpoints {
		d.Endpoints = slices.DeleteFunc(d.Endpoints, func(o Endpoint) bool { return o.Method == e.Method && sameShape(o.Pattern, e.Pattern) })
	}
	d.Endpoints = append(more.Endpoints, d.Endpoints...)
	d.Notes = append(d.Notes, more.Notes...)
	d.note("%s of the document that the app serves at %s", counted(len(more.Endpoints), "endpoint is", "endpoints are"), path)
	return len(more.Endpoints)
}

// sameShape reports whether two patterns differ only in the names of their
// parameters.
func sameShape(a, b string) bool {
	blank := func(pattern string) string { return strings.TrimSuffix(parameters.ReplaceAllString(pattern, "*"), "/") }
	return blank(a) == blank(b)
}

// fromOpenAPI drafts from an OpenAPI 3 document. What it refers to is read from
// files beside it, never from the network.
func fromOpenAPI(path string) (*Draft, error) {
	doc, err := loadOpenAPI(path)
	if err != nil {
		return nil, fmt.Errorf("read OpenAPI: %w", err)
	}
	switch {
	case !strings.HasPrefix(doc.OpenAPI, "3."):
		return nil, errors.New("it is no OpenAPI document: openapi: 3.x or swagger: '2.0' is missing")
	case doc.Paths.Len() == 0:
		return nil, errors.New("it has no paths")
	}
	return draftOf(doc, filepath.Base(path)), nil
}

func draftOf(doc *openapi3.T, name string) *Draft {
	r := openAPI{doc: doc, hidden: masked{}}
	d := &Draft{From: fmt.Sprintf("%s (OpenAPI %s)", name, doc.OpenAPI)}
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
	if base := r.base(doc.Servers); base != "" {
		d.note("paths begin with %s, as the document's first server says", base)
	}
	if len(r.hidden) > 0 {
		d.note("what the document asks for as credentials is read from leakcheck's environment: set %s", strings.Join(slices.Sorted(maps.Keys(r.hidden)), ", "))
	}
	return d
}

// openAPI makes endpoints of operations.
type openAPI struct {
	doc    *openapi3.T
	hidden masked
}

// base is the path of the first server, its variables with their defaults.
func (r *openAPI) base(servers openapi3.Servers) string {
	if len(servers) == 0 || servers[0] == nil {
		return ""
	}
	text := servers[0].URL
	for name, v := range servers[0].Variables {
		if v != nil {
			text = strings.ReplaceAll(text, "{"+name+"}", v.Default)
		}
	}
	u, err := url.Parse(text)
	if err != nil || strings.ContainsAny(text, "{}") {
		return ""
	}
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	if path != "" && !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path
}

// serversOf are those of the operation, else of the path, else of the document.
func (r *openAPI) serversOf(item *openapi3.PathItem, op *openapi3.Operation) openapi3.Servers {
	switch {
	case op.Servers != nil && len(*op.Servers) > 0:
		return *op.Servers
	case len(item.Servers) > 0:
		return item.Servers
	}
	return r.doc.Servers
}

func (r *openAPI) endpoint(method, path string, item *openapi3.PathItem, op *openapi3.Operation) Endpoint {
	e := Endpoint{Name: operationName(method, path, op), Method: method, Tags: op.Tags}
	if op.Summary != "" {
		e.Comments = append(e.Comments, op.Summary)
	}
	values, pairs, optional := map[string]string{}, []string(nil), []string(nil)
	for _, p := range merged(item.Parameters, op.Parameters) {
		sent := true
		switch p.In {
		case openapi3.ParameterInPath:
			values[p.Name] = r.pathValue(&e, p)
		case openapi3.ParameterInQuery:
			var more []string
			more, sent = r.queryPairs(&e, p)
			pairs = append(pairs, more...)
		case openapi3.ParameterInHeader:
			sent = r.headerParameter(&e, p)
		case openapi3.ParameterInCookie:
			sent = r.cookie(&e, p)
		}
		if !sent {
			optional = append(optional, p.Name)
		}
	}
	if len(optional) > 0 {
		e.Comments = append(e.Comments, "Not sent, as they are optional: "+strings.Join(optional, ", ")+".")
	}
	e.Path = r.base(r.serversOf(item, op)) + fill(path, values)
	e.Pattern = r.base(r.serversOf(item, op)) + path
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
		case s.Type == "apiKey" && s.Name == "":
			e.Blanks = append(e.Blanks, "its credentials: the scheme "+name+" of the document does not say where they go")
		case s.Type == "apiKey" && s.In == "query":
			pairs = append(pairs, url.QueryEscape(s.Name)+"="+r.hidden.variable(s.Name))
		case s.Type == "apiKey" && s.In == "cookie":
			r.addCookie(e, s.Name+"="+r.hidden.variable(s.Name))
		case s.Type == "apiKey":
			e.addHeader(Header{s.Name, r.hidden.variable(s.Name)})
		case s.Type == "http" && strings.EqualFold(s.Scheme, "basic"):
			e.addHeader(Header{"Authorization", "Basic " + r.hidden.variable("BASIC_AUTH")})
		default: // bearer tokens, however they are obtained
			e.addHeader(Header{"Authorization", "Bearer " + r.hidden.variable("TOKEN")})
		}
	}
	return pairs
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
		if parts := r.hidden.partsFor(mime, content[mime]); len(parts) > 0 {
			e.Parts = parts
			return
		}
		if body, ok := r.hidden.bodyOf(mime, content[mime]); ok && len(body) <= maxBody {
			e.addHeader(Header{"Content-Type", strings.ReplaceAll(mime, "*/*", "application/json")})
			e.Body = body
			return
		}
	}
	if len(types) > 0 {
		e.Blanks = append(e.Blanks, "its body, of type "+strings.Join(types, " or "))
		if op.RequestBody.Value.Required {
			e.Off = "no body could be generated from its schema"
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
