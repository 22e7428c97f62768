package draft

import (
	"regexp"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/scenarios/rates"
)

// routeCall is a route as Express, Fastify, Koa, Hono and Restify declare it.
var routeCall = regexp.MustCompile("\\b(?:app|router|server|fastify|api|routes?)\\.(get|head|post|put|patch|delete)\\(\\s*['\"`](/[^'\"`$]*)['\"`]")

// routesIn lists the routes that the app's main file declares.
func routesIn(dir string, m *manifest) []Endpoint {
	var found []Endpoint
	seen := map[string]bool{}
	for _, call := range routeCall.FindAllStringSubmatch(source(dir, m), -1) {
		method, pattern := strings.ToUpper(call[1]), call[2]
		if name := method + " " + pattern; !seen[name] {
			seen[name] = true
			found = append(found, declared(method, pattern))
		}
	}
	return found
}

// declared is the endpoint of a route pattern. What only a regular expression
// could match is off.
func declared(method, pattern string) Endpoint {
	e := Endpoint{Name: method + " " + pattern, Method: method, Comments: []string{"A route of the main file."}}
	for s := range strings.SplitSeq(strings.TrimPrefix(pattern, "/"), "/") {
		switch {
		case rates.IsParam(s):
			e.Path += "/" + parameter(s)
			e.Blanks = append(e.Blanks, "values of "+s+" that exist")
		case strings.ContainsAny(s, ":*()+?{}"):
			e.Path += "/" + segment(strings.Map(dropMarks, s))
			e.Off = "its pattern " + pattern + " is more than a parameter in a segment"
		default:
			e.Path += "/" + segment(s)
		}
	}
	if !safe(method) {
		e.Blanks = append(e.Blanks, "its body and Content-Type, if it takes one")
	}
	return e
}

func dropMarks(r rune) rune {
	if strings.ContainsRune(":*()+?{}", r) {
		return -1
	}
	return r
}

// parameter guesses a value by the parameter's name.
func parameter(name string) string {
	flat := strings.ToLower(strings.Trim(name, ":{}[]<>?*"))
	switch {
	case strings.Contains(flat, "uuid"):
		return "{{uuid}}"
	case slices.Contains([]string{"id", "n", "page", "number"}, flat), strings.HasSuffix(flat, "id"):
		return randInt(1, 100)
	}
	return "{{randString 8}}"
}
