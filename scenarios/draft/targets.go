package draft

import (
	"bytes"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/loadgen"
	"github.com/leakcheck/leakcheck/loadgen/infile"
)

// fromTargets drafts from a vegeta targets file, one endpoint for each route.
func fromTargets(path string) (*Draft, error) {
	text, err := infile.Read(path, maxSource)
	if err != nil {
		return nil, err
	}
	format := "http"
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		format = "json"
	}
	targets, err := loadgen.ReadTargets(path, format)
	if err != nil {
		return nil, err
	}
	var c collector
	for i, t := range targets {
		u, err := url.Parse(t.URL)
		if err != nil {
			return nil, fmt.Errorf("target %d: %w", i+1, err)
		}
		if !known(t.Method) {
			continue
		}
		r := recorded{Method: t.Method, URL: t.URL}
		r.PostData.Text = string(t.Body)
		for name, values := range t.Header {
			r.Headers = append(r.Headers, Header{name, strings.Join(values, ", ")})
		}
		slices.SortFunc(r.Headers, func(a, b Header) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
		c.add(r, u, 0)
	}
	d := &Draft{From: "the targets file " + filepath.Base(path), Endpoints: c.endpoints()}
	d.note("to send the file as it is, as one endpoint, write targets: %s instead of request", filepath.Base(path))
	c.tell(d)
	return d, nil
}
