package draft

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	mimetype "mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/scenarios/rates"
)

// recorded is a request as HAR has it.
type recorded struct {
	Method   string
	URL      string
	Headers  []Header
	PostData struct {
		MimeType, Text string
		Params         []formField
	}

	recorded bool // its answer was, too
}

// formField is a field of a form, or a file that was chosen in it.
type formField struct{ Name, Value, FileName, ContentType string }

// collector makes endpoints of recorded requests: one for each route, and one
// for each operation of GraphQL.
type collector struct {
	groups  map[string]*group // by operation; "" for what is no GraphQL
	order   []string
	hidden  masked
	dropped map[string]bool // headers that were left out
}

// group is the requests of one operation, or all that have none.
type group struct {
	routes rates.Grouper
	first  []sample
}

// sample is the first request of a route.
type sample struct {
	hit    rates.Hit
	r      recorded
	status int
}

func (c *collector) add(r recorded, u *url.URL, status int) {
	if c.groups == nil {
		c.groups, c.hidden, c.dropped = map[string]*group{}, masked{}, map[string]bool{}
	}
	if u.User != nil {
		r.Headers = append(slices.Clone(r.Headers), Header{"Authorization", "Basic " + u.User.String()})
	}
	operation := operationOf(r, u)
	g := c.groups[operation]
	if g == nil {
		g = &group{}
		c.groups[operation] = g
		c.order = append(c.order, operation)
	}
	hit := rates.Hit{Method: r.Method, Path: u.RequestURI(), Status: 0, Count: 1}
	g.routes.Add(hit)
	g.first = append(g.first, sample{hit, r, status})
}

// operationOf is the name of the GraphQL operation that a request asks for; ""
// for none.
func operationOf(r recorded, u *url.URL) string {
	if name := u.Query().Get("operationName"); name != "" {
		return name
	}
	if !strings.HasPrefix(strings.TrimSpace(r.PostData.Text), "{") {
		return ""
	}
	var body struct{ OperationName, Query string }
	if json.Unmarshal([]byte(r.PostData.Text), &body) != nil || body.OperationName == "" && !graphQLText.MatchString(body.Query) {
		return ""
	}
	if body.OperationName != "" {
		return body.OperationName
	}
	if m := graphQLText.FindStringSubmatch(body.Query); m[1] != "" {
		return m[1]
	}
	return "query without a name"
}

// graphQLText is the beginning of a GraphQL document, with its name.
var graphQLText = regexp.MustCompile(`^\s*(?:(?:query|mutation|subscription)\b\s*(\w*)|\{)`)

func (c *collector) endpoints() []Endpoint {
	var all []Endpoint
	for _, operation := range c.order {
		g := c.groups[operation]
		for _, r := range g.routes.Routes() {
			e := fromRoute(r, c.hidden)
			if operation != "" {
				e.Name += " " + operation
			}
			i := slices.IndexFunc(g.first, func(s sample) bool { return r.Has(s.hit) })
			if i >= 0 {
				c.dress(&e, g.first[i])
			}
			if r.Count > 1 {
				e.Comments = append(e.Comments, fmt.Sprintf("One of %.0f requests like it.", r.Count))
			}
			all = append(all, e)
		}
	}
	return all
}

// dress gives e the headers, the body and the status of a recorded request.
func (c *collector) dress(e *Endpoint, s sample) {
	for _, h := range s.r.Headers {
		safe, ok := c.hidden.header(h.Name, h.Value)
		if !ok {
			c.dropped[http.CanonicalHeaderKey(strings.ToLower(h.Name))] = true
			continue
		}
		e.addHeader(safe)
	}
	c.hidden.dressBody(e, s.r)
	switch {
	case s.status >= 400 && s.status < 600:
		e.Expect = fmt.Sprint(s.status)
		e.Comments = append(e.Comments, fmt.Sprintf("It was answered with %d when it was recorded.", s.status))
	case s.status == 0 && s.r.recorded:
		e.Comments = append(e.Comments, "No answer was recorded: it was given up, or failed.")
	}
}

func (e *Endpoint) addHeader(h Header) {
	if !slices.ContainsFunc(e.Headers, func(o Header) bool { return strings.EqualFold(o.Name, h.Name) }) {
		e.Headers = append(e.Headers, h)
	}
}

// dressBody gives e the body of a recorded request, without secrets.
func (m masked) dressBody(e *Endpoint, r recorded) {
	mime := mimeOf(r)
	if r.PostData.Text == "" && len(r.PostData.Params) > 0 {
		if strings.Contains(mime, "multipart") {
			m.multipart(e, r.PostData.Params)
			return
		}
		r.PostData.Text, mime = encoded(r.PostData.Params), "application/x-www-form-urlencoded"
	}
	if strings.Contains(mime, "multipart/form-data") && r.PostData.Text != "" {
		if params, ok := partsOf(r.PostData.Text, mime); ok {
			m.multipart(e, params)
			return
		}
	}
	body, ok := m.body(r.PostData.Text, mime)
	ok = ok && (body == "" || !strings.Contains(mime, "multipart"))
	if e.Body = body; !ok || len(body) > maxBody {
		e.Body = ""
		e.Blanks = append(e.Blanks, "its body: it is no text, too long, or holds what may be a secret; body_file: sends a file")
	}
	if e.Body != "" && mime != "" {
		e.addHeader(Header{"Content-Type", mime})
	}
}

// encoded are the fields of a form as they are sent.
func encoded(fields []formField) string {
	var pairs []string
	for _, f := range fields {
		name, value := f.Name, f.Value
		if u, err := url.QueryUnescape(value); err == nil && strings.Contains(value, "%") {
			value = u // some tools record it as it was sent
		}
		pairs = append(pairs, url.QueryEscape(name)+"="+url.QueryEscape(value))
	}
	return strings.Join(pairs, "&")
}

// partsOf reads a multipart body.
func partsOf(text, mime string) ([]formField, bool) {
	_, options, err := mimetype.ParseMediaType(mime)
	if err != nil || options["boundary"] == "" {
		return nil, false
	}
	var all []formField
	for r := multipart.NewReader(strings.NewReader(text), options["boundary"]); ; {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return all, len(all) > 0
		}
		if err != nil {
			return nil, false
		}
		value, err := io.ReadAll(io.LimitReader(p, maxBody))
		if err != nil {
			return nil, false
		}
		all = append(all, formField{p.FormName(), string(value), p.FileName(), p.Header.Get("Content-Type")})
	}
}

// multipart gives e the parts of a form; a file becomes generated content.
func (m masked) multipart(e *Endpoint, fields []formField) {
	e.Headers = slices.DeleteFunc(e.Headers, func(h Header) bool { return strings.EqualFold(h.Name, "Content-Type") })
	for _, f := range fields {
		switch {
		case f.FileName != "":
			e.Parts = append(e.Parts, Part{Name: f.Name, File: f.FileName, Type: f.ContentType})
			e.Blanks = append(e.Blanks, "the file of "+f.Name+"; generated content stands for it")
		case secret(f.Name, f.Value):
			e.Parts = append(e.Parts, Part{Name: f.Name, Value: m.variable(f.Name)})
		default:
			e.Parts = append(e.Parts, Part{Name: f.Name, Value: literal(f.Value)})
		}
	}
}

// tell notes what was left out of the requests: headers, and secrets.
func (c *collector) tell(d *Draft) {
	if len(c.dropped) > 0 {
		d.note("headers that browsers and proxies add were left out: %s", strings.Join(slices.Sorted(maps.Keys(c.dropped)), ", "))
	}
	d.tellHidden(c.hidden)
}

// maxBody bounds a body that stands in the scenario, in bytes.
const maxBody = 8 << 10

func mimeOf(r recorded) string {
	if r.PostData.MimeType != "" {
		return r.PostData.MimeType
	}
	for _, h := range r.Headers {
		if strings.EqualFold(h.Name, "Content-Type") {
			return h.Value
		}
	}
	if strings.HasPrefix(strings.TrimSpace(r.PostData.Text), "{") {
		return "application/json"
	}
	return ""
}
