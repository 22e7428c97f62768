package draft

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/leakcheck/leakcheck/scenarios"
)

// asked is a request of a simulated document.
type asked struct {
	method, path, body, mime string
	query                    [][2]string
	headers                  []Header
	operation                string
}

var (
	pathGen  = rapid.StringMatching(`(/(items|users|[a-z]{3,8}|[0-9]{1,4}|[a-z]{2}%20[a-z])){1,4}/?`)
	queryGen = rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) [2]string {
		return [2]string{rapid.StringMatching(`[a-z]{1,6}`).Draw(t, "name"), rapid.StringMatching(`[a-zA-Z0-9 &=/{]{0,8}`).Draw(t, "value")}
	}), 0, 3, func(p [2]string) string { return p[0] })
	headerGen = rapid.SampledFrom([]Header{
		{"X-Tenant-Id", "red"},
		{"Accept", "application/json"},
		{"Accept-Language", "de"},
		{"X-Api-Key", "k"},
		{"Authorization", "Bearer abc"},
		{"User-Agent", "x"},
		{"Origin", "http://x"},
		{"X-Feature", "{{on"},
		{"Content-Type", "text/plain"},
	})
)

var askedGen = rapid.Custom(func(t *rapid.T) asked {
	a := asked{
		method: rapid.SampledFrom([]string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"}).Draw(t, "method"), path: pathGen.Draw(t, "path"),
		query: queryGen.Draw(t, "query"), headers: rapid.SliceOfNDistinct(headerGen, 0, 4, func(h Header) string { return h.Name }).Draw(t, "headers"),
	}
	if a.method == "GET" || a.method == "HEAD" {
		return a
	}
	switch rapid.IntRange(0, 4).Draw(t, "body") {
	case 0:
		a.body, a.mime = `{"name": "x", "password": "y", "n": [1, {"a": null}]}`, "application/json"
	case 1:
		a.body, a.mime = "a=b&token=c&d=", "application/x-www-form-urlencoded"
	case 2:
		a.operation = rapid.SampledFrom([]string{"Items", "Cart"}).Draw(t, "operation")
		a.body, a.mime = fmt.Sprintf(`{"operationName": %q, "query": "query %s { a }"}`, a.operation, a.operation), "application/json"
	case 3:
		a.body, a.mime = "<a>{{x</a>", "application/xml"
	}
	return a
})

func (a *asked) address() string {
	address := "http://shop.test" + a.path
	for i, p := range a.query {
		address += string("?&"[min(i, 1)]) + url.QueryEscape(p[0]) + "=" + url.QueryEscape(p[1])
	}
	return address
}

func harOf(t *rapid.T, all []asked) []byte {
	var entries []any
	for _, a := range all {
		r := map[string]any{"method": a.method, "url": a.address(), "headers": a.headers}
		if a.body != "" {
			r["postData"] = map[string]any{"mimeType": a.mime, "text": a.body}
		}
		entries = append(entries, map[string]any{"request": r, "response": map[string]any{"status": 200}})
	}
	text, err := json.Marshal(map[string]any{"log": map[string]any{"entries": entries}})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// shape is a path with its numbers alike, as a route has them.
func shape(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if p != "" && (strings.Trim(p, "0123456789") == "" || strings.Contains(p, "{{")) {
			parts[i] = "0"
		}
	}
	return strings.Join(parts, "/")
}

// Whatever a HAR file asks for is in the draft, or its draft says that it is
// left out: each request has an endpoint of its method and path, with all names
// of its query, and the first of a route has its headers and its body there.
func TestDraftsAreFaithful(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(askedGen, 1, 8).Draw(t, "requests")
		path := filepath.Join(dir, "x.har")
		if err := os.WriteFile(path, harOf(t, all), 0o644); err != nil {
			t.Fatal(err)
		}
		d, err := From(path, HAR, dir, Options{All: true})
		if err != nil {
			t.Fatal(err)
		}
		first := map[string]bool{}
		for i := range all {
			a := &all[i]
			e := endpointFor(d, a)
			if e == nil {
				t.Fatalf("%s %s has no endpoint in\n%s", a.method, a.address(), d.YAML())
			}
			told := strings.Join(slices.Concat(e.Comments, e.Blanks, d.Notes), "\n")
			for _, p := range a.query {
				if !strings.Contains(e.Path, p[0]+"=") && !strings.Contains(told, p[0]) {
					t.Fatalf("the parameter %s of %s is lost in\n%s", p[0], a.address(), d.YAML())
				}
			}
			if first[e.Name] {
				continue
			}
			first[e.Name] = true
			checkMessage(t, a, e, told)
		}
		if _, err := scenarios.Parse(filepath.Join(dir, "scenario.yaml"), d.YAML()); err != nil {
			t.Fatalf("the draft is no scenario: %v\n%s", err, d.YAML())
		}
	})
}

func endpointFor(d *Draft, a *asked) *Endpoint {
	for i := range d.Endpoints {
		e := &d.Endpoints[i]
		path, _, _ := strings.Cut(e.Path, "?")
		if e.Method == a.method && shape(path) == shape(a.path) && strings.HasSuffix(e.Name, a.operation) && (a.operation != "") == strings.Contains(e.Name[len(e.Method)+1:], " ") {
			return e
		}
	}
	return nil
}

func checkMessage(t *rapid.T, a *asked, e *Endpoint, told string) {
	for _, h := range a.headers {
		if !slices.ContainsFunc(e.Headers, func(o Header) bool { return o.Name == h.Name }) && !strings.Contains(told, h.Name) {
			t.Fatalf("the header %s of %s is lost: %+v", h.Name, a.address(), e)
		}
	}
	if a.body != "" && e.Body == "" && !strings.Contains(told, "its body") {
		t.Fatalf("the body of %s is lost: %+v", a.address(), e)
	}
	if strings.Contains(a.body, "name") && !strings.Contains(e.Body, "name") {
		t.Fatalf("fields of the body of %s are lost: %s", a.address(), e.Body)
	}
}
