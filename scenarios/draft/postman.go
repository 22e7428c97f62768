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
