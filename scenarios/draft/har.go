package draft

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/loadgen/infile"
)

// harFile is as much of a HAR file (HTTP Archive 1.2) as requests need.
type harFile struct {
	Log *struct {
		Entries []harEntry
	}
}

type harEntry struct {
	Request  recorded
	Response struct {
		Status  int
		Content struct{ MimeType string }
	}
	ResourceType string `json:"_resourceType"`
}

func fromHAR(path string) (*Draft, error) {
	text, err := infile.Read(path, maxSource)
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
	host := mainHost(har.Log.Entries)
	var left leftOut
	for _, entry := range har.Log.Entries {
		u, err := url.Parse(entry.Request.URL)
		switch {
		case err != nil || !known(entry.Request.Method):
			left.add("with a method or an address that is not understood")
		case entry.isSocket(u):
			left.add("that opened a WebSocket")
		case u.Host != host:
			left.add("to " + u.Host)
		case entry.isPreflight():
			left.add("by which a browser asks for permission (CORS preflight)")
		case entry.isFile(u):
			left.add("for files of pages (scripts, styles, images)")
		default:
			entry.Request.recorded = true
			c.add(entry.Request, u, entry.Response.Status)
		}
	}
	d.Endpoints = c.endpoints()
	for i := range d.Endpoints {
		d.Endpoints[i].Comments = append([]string{"Recorded from " + host + "."}, d.Endpoints[i].Comments...)
	}
	left.tell(d)
	c.tell(d)
	return d, nil
}

// leftOut counts requests that are not drafted, by why.
type leftOut struct {
	counts map[string]int
	order  []string
}

func (l *leftOut) add(why string) {
	if l.counts == nil {
		l.counts = map[string]int{}
	}
	if l.counts[why]++; l.counts[why] == 1 {
		l.order = append(l.order, why)
	}
}

func (l *leftOut) tell(d *Draft) {
	for _, why := range l.order {
		d.note("%s %s left out", counted(l.counts[why], "request", "requests"), why)
	}
}

func (e *harEntry) isSocket(u *url.URL) bool {
	return strings.HasPrefix(u.Scheme, "ws") || e.ResourceType == "websocket" || e.Response.Status == 101
}

func (e *harEntry) isPreflight() bool {
	return e.Request.Method == http.MethodOptions && (e.ResourceType == "preflight" ||
		slices.ContainsFunc(e.Request.Headers, func(h Header) bool { return strings.EqualFold(h.Name, "Access-Control-Request-Method") }))
}

// isFile reports whether the request is for a file that a page loads.
func (e *harEntry) isFile(u *url.URL) bool {
	return isAsset(u.Path) || slices.Contains([]string{"script", "stylesheet", "image", "font", "media", "manifest"}, e.ResourceType)
}

// mainHost is the host with most requests, those for files of pages, WebSockets
// and preflights not counted, as a development server has many of them. What
// answers with JSON counts before what answers with pages.
func mainHost(entries []harEntry) (host string) {
	counts := map[string]int{}
	for i := range entries {
		e := &entries[i]
		u, err := url.Parse(e.Request.URL)
		if err != nil || !strings.HasPrefix(u.Scheme, "http") {
			continue
		}
		switch {
		case e.isSocket(u), e.isPreflight(), e.isFile(u):
			counts[u.Host]++
		case strings.Contains(e.Response.Content.MimeType, "json"), e.ResourceType == "xhr", e.ResourceType == "fetch":
			counts[u.Host] += 1_000_000
		default:
			counts[u.Host] += 1000
		}
		if counts[u.Host] > counts[host] {
			host = u.Host
		}
	}
	return host
}
