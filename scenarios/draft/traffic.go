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
		if s.Kind == rates.Literal && patterns.MatchString(s.Text) && !rates.IsParam(s.Text) && strings.ContainsAny(s.Text, `^*\`) {
			e.Off = "its pattern " + r.Pattern() + " is more than parameters"
		}
		if s.Kind == rates.Literal && rates.IsParam(s.Text) {
			e.Path += "/" + parameter(strings.Trim(s.Text, ":{}[]<>?*#"))
			e.Blanks = append(e.Blanks, "values of "+s.Text+" that exist where this runs")
			continue
		}
		if s.Kind == rates.Literal {
			e.Path += "/" + segment(unescape(s.Text))
			continue
		}
		e.Path += "/" + varying(s.Values, func(v string) string { return url.PathEscape(unescape(v)) })
		if s.Kind != rates.Text {
			e.Blanks = append(e.Blanks, "values of "+s.Label()+" that exist where this runs")
		}
	}
	var rare []string
	for _, name := range slices.Sorted(maps.Keys(r.Query)) {
		if name != "" && float64(r.Query[name].Count)*2 < r.Count-r.Failed {
			rare = append(rare, name)
		}
	}
	if len(rare) > 0 {
		e.Comments = append(e.Comments, "Not sent, as fewer than half of the requests had it: "+clean(strings.Join(rare, ", "))+".")
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
		if name == "" || float64(v.Count)*2 < r.Count-r.Failed {
			continue
		}
		value := varying(*v, url.QueryEscape)
		if slices.ContainsFunc(v.Seen, func(s string) bool { return secret(name, s) }) {
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
	".js", ".mjs", ".css", ".ts", ".tsx", ".jsx", ".vue", ".svelte", ".scss", ".less", ".wasm", ".map", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".ico", ".woff", ".woff2",
	".ttf", ".eot", ".mp4", ".webm", ".mp3",
}

// devPaths are served by development servers alone.
var devPaths = []string{"/@vite", "/@id/", "/@fs/", "/@react-refresh", "/__vite", "/__webpack_hmr", "/_next/static/", "/_next/webpack-hmr", "/sockjs-node"}

func isAsset(path string) bool {
	path, _, _ = strings.Cut(strings.ToLower(path), "?")
	if slices.ContainsFunc(devPaths, func(p string) bool { return strings.HasPrefix(path, p) || strings.Contains(path, "/node_modules/") }) {
		return true
	}
	return slices.ContainsFunc(assets, func(end string) bool { return strings.HasSuffix(path, end) })
}

// tellHidden notes which secrets were replaced.
func (d *Draft) tellHidden(hidden masked) {
	if len(hidden) > 0 {
		d.note("secrets were not copied: set %s in leakcheck's environment", strings.Join(slices.Sorted(maps.Keys(hidden)), ", "))
	}
}
