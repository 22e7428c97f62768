package draft

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/scenarios/rates"
)

// fromRoute makes an endpoint of requests that were recorded.
func fromRoute(r *rates.Route, hidden masked) Endpoint {
	e := Endpoint{Name: r.Name(), Method: r.Method}
	for _, s := range r.Segments {
		if s.Kind == rates.Literal {
			e.Path += "/" + segment(unescape(s.Text))
			continue
		}
		e.Path += "/" + varying(s.Values, func(v string) string { return url.PathEscape(unescape(v)) })
		if s.Kind != rates.Text {
			e.Blanks = append(e.Blanks, "values of "+s.Label()+" that exist where this runs")
		}
	}
	e.Path += query(r, hidden)
	return e
}

func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// query is that of a route: the parameters that at least half of its requests
// had.
func query(r *rates.Route, hidden masked) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(r.Query)) {
		v := r.Query[name]
		if name == "" || float64(v.Count)*2 < r.Count {
			continue
		}
		value := varying(*v, url.QueryEscape)
		if secretName(name) {
			value = hidden.variable(name)
		}
		pairs = append(pairs, literal(url.QueryEscape(name))+"="+value)
	}
	if len(pairs) == 0 {
		return ""
	}
	return "?" + strings.Join(pairs, "&")
}

// assets are files that a browser loads beside the pages.
var assets = []string{
	".js", ".mjs", ".css", ".map", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".ico", ".woff", ".woff2",
	".ttf", ".eot", ".mp4", ".webm", ".mp3",
}

func isAsset(path string) bool {
	path, _, _ = strings.Cut(strings.ToLower(path), "?")
	return slices.ContainsFunc(assets, func(end string) bool { return strings.HasSuffix(path, end) })
}

// tellHidden notes which secrets were replaced.
func (d *Draft) tellHidden(hidden masked) {
	if len(hidden) > 0 {
		d.note("secrets were not copied: set %s in leakcheck's environment", strings.Join(slices.Sorted(maps.Keys(hidden)), ", "))
	}
}
