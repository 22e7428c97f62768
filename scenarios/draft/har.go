package draft

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/scenarios/rates"
)

// harFile is as much of a HAR file (HTTP Archive 1.2) as requests need.
type harFile struct {
	Log *struct {
		Entries []harEntry
	}
}

type harEntry struct {
	Request  recorded
	Response struct{ Status int }
}

// recorded is a request as HAR has it.
type recorded struct {
	Method   string
	URL      string
	Headers  []Header
	PostData struct{ MimeType, Text string }
}

func fromHAR(path string) (*Draft, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var har harFile
	if err := json.Unmarshal(text, &har); err != nil {
		return nil, fmt.Errorf("read HAR: %w", err)
	}
	if har.Log == nil {
		return nil, errors.New("it is no HAR file: log is missing")
	}
	if len(har.Log.Entries) == 0 {
		return nil, errors.New("its log has no entries: record some requests first")
	}
	d := &Draft{From: fmt.Sprintf("the HAR file %s", filepath.Base(path))}
	var c collector
	host, others := mainHost(har.Log.Entries)
	pages := 0
	for _, entry := range har.Log.Entries {
		u, err := url.Parse(entry.Request.URL)
		switch {
		case err != nil || u.Host != host || !known(entry.Request.Method):
		case isAsset(u.Path):
			pages++
		default:
			c.add(entry.Request, u, entry.Response.Status)
		}
	}
	d.Endpoints = c.endpoints()
	for i := range d.Endpoints {
		d.Endpoints[i].Comments = append([]string{"Recorded from " + host + "."}, d.Endpoints[i].Comments...)
	}
	if others > 0 {
		d.note("%s other hosts than %s left out", counted(others, "request to", "requests to"), host)
	}
	if pages > 0 {
		d.note("%s for files of pages left out (scripts, styles, images)", counted(pages, "request", "requests"))
	}
	d.tellHidden(c.hidden)
	return d, nil
}

// mainHost is the host with most requests, and how many go elsewhere.
func mainHost(entries []harEntry) (host string, others int) {
	counts := map[string]int{}
	for _, e := range entries {
		if u, err := url.Parse(e.Request.URL); err == nil && strings.HasPrefix(u.Scheme, "http") {
			counts[u.Host]++
			if counts[u.Host] > counts[host] {
				host = u.Host
			}
		}
	}
	return host, len(entries) - counts[host]
}

// collector makes endpoints of recorded requests: one for each route.
type collector struct {
	routes rates.Grouper
	first  []sample
	hidden masked
}

// sample is the first request of a route.
type sample struct {
	hit    rates.Hit
	r      recorded
	status int
}

func (c *collector) add(r recorded, u *url.URL, status int) {
	hit := rates.Hit{Method: r.Method, Path: u.RequestURI(), Status: 0, Count: 1}
	c.routes.Add(hit)
	c.first = append(c.first, sample{hit, r, status})
}

func (c *collector) endpoints() []Endpoint {
	c.hidden = masked{}
	var all []Endpoint
	for _, r := range c.routes.Routes() {
		e := fromRoute(r, c.hidden)
		i := slices.IndexFunc(c.first, func(s sample) bool { return r.Has(s.hit) })
		if i >= 0 {
			c.dress(&e, c.first[i])
		}
		if r.Count > 1 {
			e.Comments = append(e.Comments, fmt.Sprintf("One of %.0f requests like it.", r.Count))
		}
		all = append(all, e)
	}
	return all
}

// dress gives e the headers, the body and the status of a recorded request.
func (c *collector) dress(e *Endpoint, s sample) {
	for _, h := range s.r.Headers {
		safe, ok := c.hidden.header(h.Name, h.Value)
		twice := slices.ContainsFunc(e.Headers, func(o Header) bool { return strings.EqualFold(o.Name, safe.Name) })
		if ok && !twice {
			e.Headers = append(e.Headers, safe)
		}
	}
	body, ok := c.hidden.body(s.r.PostData.Text, mimeOf(s.r))
	e.Body = body
	if !ok || len(body) > maxBody {
		e.Body = ""
		e.Blanks = append(e.Blanks, "its body: only JSON and forms of moderate size are copied, without what may be secret")
	}
	if s.status >= 400 && s.status < 600 {
		e.Expect = fmt.Sprint(s.status)
		e.Comments = append(e.Comments, fmt.Sprintf("It was answered with %d when it was recorded.", s.status))
	}
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
