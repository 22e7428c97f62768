package draft

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/loadgen/infile"
)

// postman is as much of a Postman collection (format 2.0 or 2.1) as requests
// need.
type postman struct {
	Info     struct{ Name, Schema string }
	Item     []postmanItem
	Variable []postmanPair
	Auth     *postmanAuth
	Event    []postmanEvent
}

// postmanItem is a request, or a folder with more of them.
type postmanItem struct {
	Name    string
	Item    []postmanItem
	Request json.RawMessage
	Auth    *postmanAuth
	Event   []postmanEvent
}

type postmanRequest struct {
	Method string
	URL    json.RawMessage // a text, or its parts
	Header json.RawMessage // a list, or a text
	Body   *postmanBody
	Auth   *postmanAuth
}

type postmanURL struct {
	Raw      string
	Query    []postmanPair
	Variable []postmanPair // of :name in the path
}

type postmanBody struct {
	Mode       string
	Raw        string
	URLEncoded []postmanPair
	FormData   []postmanPair
	File       struct{ Src string }
	GraphQL    struct{ Query, Variables string }
	Options    struct{ Raw struct{ Language string } }
}

type postmanPair struct {
	Key, ID, Type, ContentType string
	Value                      any
	Src                        any
	Disabled                   bool
}

// postmanAuth has its settings under the name of its type.
type postmanAuth struct {
	Type   string
	Bearer []postmanPair
	Basic  []postmanPair
	APIKey []postmanPair
}

type postmanEvent struct {
	Listen string
	Script struct{ Exec json.RawMessage }
}

func fromPostman(path string) (*Draft, error) {
	text, err := infile.Read(path, maxSource)
	if err != nil {
		return nil, err
	}
	var whole struct {
		postman
		Collection *postman
	}
	if err := json.Unmarshal(text, &whole); err != nil {
		return nil, fmt.Errorf("read Postman collection: %w", err)
	}
	c := whole.postman
	if whole.Collection != nil {
		c = *whole.Collection
	}
	if strings.Contains(c.Info.Schema, "/v1.") {
		return nil, errors.New("it is in Postman's format 1: export it as Collection v2.1")
	}
	return c.draft(fmt.Sprintf("the Postman collection %s", filepath.Base(path))), nil
}

func (c *postman) draft(from string) *Draft {
	r := postmanReader{
		d:         &Draft{Name: clean(c.Info.Name), From: from},
		c:         collector{groups: map[string]*group{}, hidden: masked{}, dropped: map[string]bool{}},
		variables: map[string]string{}, unknown: map[string]bool{}, captured: map[string]bool{},
	}
	for _, v := range c.Variable {
		r.variables[firstOf(v.Key, v.ID, "-")] = printedJSON(v.Value)
	}
	r.events(c.Event, nil)
	r.items(c.Item, c.Auth, "")
	r.tell()
	return r.d
}

// postmanReader makes endpoints of a collection's requests, in their order.
type postmanReader struct {
	d         *Draft
	c         collector
	variables map[string]string
	unknown   map[string]bool // variables without a value
	captured  map[string]bool // variables that a login sets
	left      leftOut
}

func (r *postmanReader) items(items []postmanItem, auth *postmanAuth, folder string) {
	for i := range items {
		item := &items[i]
		own := auth
		if item.Auth != nil {
			own = item.Auth
		}
		name := item.Name
		if folder != "" {
			name = folder + " / " + item.Name
		}
		if len(item.Request) == 0 {
			r.events(item.Event, nil)
			r.items(item.Item, own, name)
			continue
		}
		r.request(item, own, name)
	}
}

func (r *postmanReader) request(item *postmanItem, auth *postmanAuth, name string) {
	var q postmanRequest
	if json.Unmarshal(item.Request, &q) != nil { // a text is a request by GET
		var address string
		if json.Unmarshal(item.Request, &address) != nil {
			r.left.add("that could not be read")
			return
		}
		q = postmanRequest{Method: "GET", URL: item.Request}
	}
	if q.Auth != nil {
		auth = q.Auth
	}
	method := strings.ToUpper(firstOf(q.Method, "GET"))
	if !known(method) {
		r.left.add("with the method " + method)
		return
	}
	e := Endpoint{Name: name, Method: method}
	r.address(&e, q.URL)
	r.headers(&e, q.Header)
	r.authorize(&e, auth)
	r.body(&e, q.Body)
	if captures := r.events(item.Event, &e); len(captures) > 0 {
		r.d.Setup = append(r.d.Setup, Step{Endpoint: e, Capture: captures})
		if loginWord.MatchString(name + " " + e.Path) {
			return
		}
	}
	r.d.Endpoints = append(r.d.Endpoints, e)
}

// loginWord is in the names of logins, which are sent in the setup alone. What
// else keeps a value of its answer is measured as well.
var loginWord = regexp.MustCompile(`(?i)log-?in|sign-?in|auth|token|session`)

// address is the path and the query, without the host.
func (r *postmanReader) address(e *Endpoint, raw json.RawMessage) {
	var u postmanURL
	if json.Unmarshal(raw, &u) != nil {
		_ = json.Unmarshal(raw, &u.Raw) // else it has no address, and the root stands for it
	}
	path, query, _ := strings.Cut(u.Raw, "?")
	path, _, _ = strings.Cut(path, "#")
	path = withoutHost(path, r.variables)
	values := map[string]string{}
	for _, v := range u.Variable {
		values[firstOf(v.Key, v.ID, "-")] = printedJSON(v.Value)
	}
	for s := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		name, isParam := strings.CutPrefix(s, ":")
		switch {
		case isParam && values[name] != "":
			e.Path += "/" + r.text(values[name], url.PathEscape)
		case isParam:
			e.Path += "/" + parameter(name)
			e.Blanks = append(e.Blanks, "values of "+s+" that exist")
		default:
			e.Path += "/" + r.text(unescape(s), url.PathEscape)
		}
	}
	var pairs []string
	if u.Query == nil && query != "" {
		for pair := range strings.SplitSeq(query, "&") {
			k, v, _ := strings.Cut(pair, "=")
			u.Query = append(u.Query, postmanPair{Key: k, Value: v})
		}
	}
	for _, p := range u.Query {
		if !p.Disabled && p.Key != "" {
			pairs = append(pairs, r.text(unescape(p.Key), url.QueryEscape)+"="+r.value(p.Key, printedJSON(p.Value), url.QueryEscape))
		}
	}
	if len(pairs) > 0 {
		e.Path += "?" + strings.Join(pairs, "&")
	}
}

// withoutHost takes the scheme, the host and a variable that holds both off an
// address. What such a variable says of the path stays.
func withoutHost(address string, variables map[string]string) string {
	for range 5 {
		m := leadingVariable.FindStringSubmatch(address)
		if m == nil {
			break
		}
		value := variables[m[1]]
		rest := address[len(m[0]):]
		if value == "" || leadingVariable.MatchString(value) && variables[m[1]] == value {
			address = rest
			break
		}
		address = value + rest
	}
	if _, rest, ok := strings.Cut(address, "://"); ok {
		address = rest
	}
	if strings.HasPrefix(address, "/") || address == "" {
		return address
	}
	if i := strings.Index(address, "/"); i >= 0 {
		return address[i:]
	}
	return ""
}

var leadingVariable = regexp.MustCompile(`^\{\{([^{}]+)\}\}`)

// variable is one of Postman's in a text.
var variable = regexp.MustCompile(`\{\{([^{}]+)\}\}`)

// dynamic are the variables that Postman makes up.
var dynamic = map[string]string{
	"$guid": "{{uuid}}", "$randomUUID": "{{uuid}}", "$timestamp": "1767225600", "$randomInt": "{{randInt 0 1000}}",
	"$randomEmail": "{{randString 8}}@example.com",
}

// text replaces the variables of a text: by their values, by templates, or by
// what the environment says. escape makes the rest fit for its place.
func (r *postmanReader) text(s string, escape func(string) string) string {
	return r.expand(s, escape, 0)
}

func (r *postmanReader) expand(s string, escape func(string) string, depth int) string {
	var b strings.Builder
	from := 0
	for _, at := range variable.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(literal(escape(s[from:at[0]])))
		from = at[1]
		name := strings.TrimSpace(s[at[2]:at[3]])
		value, known := r.variables[name]
		switch {
		case r.captured[name]:
			b.WriteString(`{{capture "` + name + `"}}`)
		case dynamic[name] != "":
			b.WriteString(dynamic[name])
		case strings.HasPrefix(name, "$"):
			b.WriteString("{{randString 8}}")
		case known && value != "" && !secret(name, value) && depth < 5:
			b.WriteString(r.expand(value, escape, depth+1))
		default:
			r.unknown[environmentName(name)] = true
			b.WriteString(r.c.hidden.variable(name))
		}
	}
	return b.String() + literal(escape(s[from:]))
}

// value is the text of a field, unless it is a secret.
func (r *postmanReader) value(name, v string, escape func(string) string) string {
	if !variable.MatchString(v) && v != "" && secret(name, v) {
		return r.c.hidden.variable(name)
	}
	return r.text(v, escape)
}

func same(s string) string { return s }

func (r *postmanReader) headers(e *Endpoint, raw json.RawMessage) {
	var list []postmanPair
	if json.Unmarshal(raw, &list) != nil {
		return // an old form, as one text
	}
	for _, h := range list {
		switch {
		case h.Disabled || h.Key == "":
		case isTransport(h.Key):
			r.c.dropped[h.Key] = true
		default:
			e.addHeader(Header{h.Key, r.value(h.Key, printedJSON(h.Value), same)})
		}
	}
}

// setting is one of an authorization's.
func setting(pairs []postmanPair, key string) string {
	for _, p := range pairs {
		if p.Key == key {
			return printedJSON(p.Value)
		}
	}
	return ""
}

func (r *postmanReader) authorize(e *Endpoint, a *postmanAuth) {
	if a == nil || a.Type == "noauth" || a.Type == "" {
		return
	}
	switch a.Type {
	case "bearer":
		e.addHeader(Header{"Authorization", "Bearer " + r.value("TOKEN", setting(a.Bearer, "token"), same)})
	case "basic":
		r.c.hidden.variable("BASIC_AUTH")
		e.addHeader(Header{"Authorization", "Basic " + env("BASIC_AUTH")})
	case "apikey":
		key := firstOf(setting(a.APIKey, "key"), "X-Api-Key")
		value := r.value("API_KEY", setting(a.APIKey, "value"), same)
		if setting(a.APIKey, "in") != "query" {
			e.addHeader(Header{key, value})
			return
		}
		sign := "?"
		if strings.Contains(e.Path, "?") {
			sign = "&"
		}
		e.Path += sign + url.QueryEscape(key) + "=" + value
	default:
		e.Blanks = append(e.Blanks, "its credentials: "+a.Type+" is not supported; a setup: may fetch a token")
	}
}

func (r *postmanReader) body(e *Endpoint, b *postmanBody) {
	if b == nil {
		return
	}
	switch b.Mode {
	case "raw":
		r.rawBody(e, b)
	case "urlencoded":
		var pairs []string
		for _, p := range b.URLEncoded {
			if !p.Disabled {
				pairs = append(pairs, r.text(p.Key, url.QueryEscape)+"="+r.value(p.Key, printedJSON(p.Value), url.QueryEscape))
			}
		}
		e.Body = strings.Join(pairs, "&")
		e.addHeader(Header{"Content-Type", "application/x-www-form-urlencoded"})
	case "formdata":
		e.Headers = slices.DeleteFunc(e.Headers, func(h Header) bool { return strings.EqualFold(h.Name, "Content-Type") })
		for _, p := range b.FormData {
			switch {
			case p.Disabled:
			case p.Type == "file":
				e.Parts = append(e.Parts, Part{Name: p.Key, File: filepath.Base("/" + firstOf(printedJSON(p.Src), "file")), Type: p.ContentType})
				e.Blanks = append(e.Blanks, "the file of "+p.Key+"; generated content stands for it")
			default:
				e.Parts = append(e.Parts, Part{Name: p.Key, Value: r.value(p.Key, printedJSON(p.Value), same)})
			}
		}
	case "graphql":
		query, variables := r.text(b.GraphQL.Query, jsonInner), strings.TrimSpace(b.GraphQL.Variables)
		if variables == "" {
			variables = "{}"
		}
		e.Body = `{"query": "` + query + `", "variables": ` + r.text(variables, same) + "}"
		e.addHeader(Header{"Content-Type", "application/json"})
	case "file":
		e.Blanks = append(e.Blanks, "its body, the file "+b.File.Src+": body_file: sends one")
	}
}

// jsonInner is text as it stands between the quotes of JSON.
func jsonInner(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	return string(b[1 : len(b)-1])
}

// rawBody copies a body, without what may be secret in it.
func (r *postmanReader) rawBody(e *Endpoint, b *postmanBody) {
	text := b.Raw
	mime := map[string]string{"json": "application/json", "xml": "application/xml", "html": "text/html", "javascript": "application/javascript"}[b.Options.Raw.Language]
	for _, h := range e.Headers {
		if strings.EqualFold(h.Name, "Content-Type") {
			mime = h.Value
		}
	}
	trimmed := strings.TrimSpace(text)
	if mime == "" && (strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[")) {
		mime = "application/json"
	}
	if mime != "" && text != "" {
		e.addHeader(Header{"Content-Type", mime})
	}
	if len(text) > maxBody {
		e.Blanks = append(e.Blanks, "its body, which is long: body_file: sends a file")
		return
	}
	if variable.MatchString(text) || !strings.Contains(mime, "json") {
		e.Body = r.text(maskedJSON(r.c.hidden, text), same)
		return
	}
	if safe, ok := r.c.hidden.json(text); ok {
		e.Body = safe
		return
	}
	e.Body = literal(text) // no JSON, though it says so
}

// secretField is a field of JSON that a text with variables may have.
var secretField = regexp.MustCompile(`"([^"\\]+)"(\s*:\s*)"([^"\\{}]*)"`)

// maskedJSON takes secrets out of JSON that is none yet, as variables stand in
// it. Its marks are variables of Postman's form.
func maskedJSON(_ masked, text string) string {
	return secretField.ReplaceAllStringFunc(text, func(field string) string {
		p := secretField.FindStringSubmatch(field)
		if p[3] == "" || !secret(p[1], p[3]) {
			return field
		}
		return `"` + p[1] + `"` + p[2] + `"{{` + environmentName(p[1]) + `}}"`
	})
}

// sets is a script that keeps a value of an answer, as logins do.
var sets = regexp.MustCompile(`pm\.(?:environment|collectionVariables|globals|variables)\.set\(\s*["'](\w+)["']\s*,\s*\w+(?:\.json\(\))?((?:\.\w+|\[\s*["']\w+["']\s*\])+)`)

var oldSets = regexp.MustCompile(`postman\.set(?:Environment|Global)Variable\(\s*["'](\w+)["']\s*,\s*\w+((?:\.\w+|\[\s*["']\w+["']\s*\])+)`)

var memberName = regexp.MustCompile(`\w+`)

// events reads the scripts of a request: what it keeps of its answer, which
// makes it one of the setup. Other scripts are told.
func (r *postmanReader) events(events []postmanEvent, e *Endpoint) []Capture {
	var captures []Capture
	for _, event := range events {
		code := script(event.Script.Exec)
		if strings.TrimSpace(code) == "" {
			continue
		}
		if event.Listen == "prerequest" {
			if e != nil {
				e.Blanks = append(e.Blanks, "what its pre-request script does, which is not run")
			} else {
				r.d.note("a pre-request script of the collection is not run: what it sets belongs in setup: or in the environment")
			}
			continue
		}
		for _, m := range append(sets.FindAllStringSubmatch(code, -1), oldSets.FindAllStringSubmatch(code, -1)...) {
			members := memberName.FindAllString(m[2], -1)
			if members[0] == "json" || members[0] == "headers" || e == nil {
				continue
			}
			if !r.captured[m[1]] {
				r.captured[m[1]] = true
				captures = append(captures, Capture{m[1], "/" + strings.Join(members, "/")})
			}
		}
	}
	return captures
}

// script is the code of an event: a text, or lines.
func script(raw json.RawMessage) string {
	var lines []string
	if json.Unmarshal(raw, &lines) == nil {
		return strings.Join(lines, "\n")
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}

func printedJSON(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		if len(v) > 0 {
			return printedJSON(v[0])
		}
		return ""
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

func (r *postmanReader) tell() {
	r.left.tell(r.d)
	if len(r.unknown) > 0 {
		r.d.note("variables that the collection gives no value, or a secret one, are read from leakcheck's environment: set %s", strings.Join(slices.Sorted(maps.Keys(r.unknown)), ", "))
	}
	for name := range r.unknown {
		delete(r.c.hidden, name)
	}
	r.c.tell(r.d)
}
