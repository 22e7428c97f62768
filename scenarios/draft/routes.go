package draft

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/scenarios/routes"
)

// addRoutes makes endpoints of the routes in the code. A login becomes the
// setup, whose token the others send.
func (d *Draft) addRoutes(f *routes.Found) {
	for _, r := range f.Routes {
		if strings.HasSuffix(r.Path, "/*") || r.Path == "*" || r.Method == http.MethodOptions {
			continue // answers what no other route does
		}
		d.Endpoints = append(d.Endpoints, declared(r))
	}
	if login, ok := findLogin(f.Routes); ok {
		d.logIn(login)
	}
	if n := len(f.Unknown); n > 0 {
		d.note("%s not drafted, whose paths are worked out at run time: %s", counted(n, "route is", "routes are"), strings.Join(f.Unknown[:min(n, 5)], ", "))
	}
	if n := len(f.Unread); n > 0 {
		d.note("%s could not be read: %s", counted(n, "file", "files"), strings.Join(f.Unread[:min(n, 3)], "; "))
	}
}

// declared is the endpoint of a route. What only a regular expression could
// match is off.
func declared(r routes.Route) Endpoint {
	e := Endpoint{Name: r.Method + " " + r.Path, Method: r.Method, Pattern: r.Path}
	if r.Line > 0 {
		e.Comments = []string{fmt.Sprintf("%s:%d", r.File, r.Line)}
	} else {
		e.Comments = []string{r.File}
	}
	for s := range strings.SplitSeq(strings.TrimPrefix(r.Path, "/"), "/") {
		e.addSegment(s, r.Path)
	}
	if r.Loose {
		e.Blanks = append(e.Blanks, "its path, which may lack a prefix: how its router is mounted was not seen")
	}
	if !safe(r.Method) {
		e.addFields(r.Fields)
	}
	return e
}

// parameters are :id, {id} and [id], with what they must match.
var (
	parameters = regexp.MustCompile(`:(\w+)(?:\([^)]*\))?\??|\{(\w+)\??\}|\[(\w+)\]|<(?:\w+:)?(\w+)>`)
	patterns   = regexp.MustCompile(`[*()+?{}\\\[\]]`)
)

// addSegment adds one segment of a route's pattern to the path.
func (e *Endpoint) addSegment(s, pattern string) {
	e.Path += "/"
	from := 0
	for _, m := range parameters.FindAllStringSubmatchIndex(s, -1) {
		e.addLiteral(s[from:m[0]], pattern)
		name := ""
		for i := 2; i < len(m); i += 2 {
			if m[i] >= 0 {
				name = s[m[i]:m[i+1]]
			}
		}
		e.Path += parameter(name)
		e.Blanks = append(e.Blanks, "values of "+s[m[0]:m[1]]+" that exist")
		from = m[1]
	}
	e.addLiteral(s[from:], pattern)
}

func (e *Endpoint) addLiteral(s, pattern string) {
	if patterns.MatchString(s) {
		e.Off = "its pattern " + pattern + " is more than parameters"
		s = patterns.ReplaceAllString(s, "")
	}
	e.Path += segment(s)
}

// addFields gives e a body of the fields that its handler reads.
func (e *Endpoint) addFields(fields []string) {
	if len(fields) == 0 {
		e.Blanks = append(e.Blanks, "its body and Content-Type, if it takes one")
		return
	}
	var pairs []string
	for _, f := range fields {
		pairs = append(pairs, fmt.Sprintf("%s: %s", jsonText(f), fieldValue(f)))
	}
	e.Headers = append(e.Headers, Header{"Content-Type", "application/json"})
	e.Body = "{" + strings.Join(pairs, ", ") + "}"
	e.Blanks = append(e.Blanks, "the values of its body; the code reads these fields")
}

// fieldValue guesses a value by the field's name, as JSON.
func fieldValue(name string) string {
	flat := strings.ToLower(name)
	switch {
	case strings.Contains(flat, "email"):
		return `"{{randString 8}}@example.com"`
	case strings.HasSuffix(name, "Id"), strings.HasSuffix(name, "_id"), slices.Contains([]string{"id", "count", "quantity", "qty", "amount", "price", "total", "age", "limit", "page", "size", "n"}, flat):
		return randInt(1, 100)
	case secretName(name):
		return `"` + env(environmentName(name)) + `"`
	}
	return `"{{randString 8}}"`
}

// parameter guesses a value by the parameter's name.
func parameter(name string) string {
	flat := strings.ToLower(name)
	switch {
	case strings.Contains(flat, "uuid"):
		return "{{uuid}}"
	case slices.Contains([]string{"id", "n", "page", "number"}, flat), strings.HasSuffix(flat, "id"):
		return randInt(1, 100)
	}
	return "{{randString 8}}"
}

var loginName = regexp.MustCompile(`(?i)^(log-?in|sign-?in|authenticate|tokens?|sessions?)$`)

// tokenName is how the token is called in the answer to a login.
var tokenName = regexp.MustCompile(`(?i)^(access_?token|id_?token|auth_?token|token|jwt)$`)

// findLogin is the route that gives a token for a password.
func findLogin(all []routes.Route) (routes.Route, bool) {
	i := slices.IndexFunc(all, func(r routes.Route) bool {
		return r.Method == http.MethodPost && loginName.MatchString(r.Path[strings.LastIndex(r.Path, "/")+1:]) &&
			slices.ContainsFunc(r.Fields, secretName) && slices.ContainsFunc(r.Answers, tokenName.MatchString)
	})
	if i < 0 {
		return routes.Route{}, false
	}
	return all[i], true
}

// logIn makes the setup of a login. Who logs in is read from the environment.
func (d *Draft) logIn(r routes.Route) {
	e := Endpoint{Method: r.Method, Path: r.Path, Headers: []Header{{"Content-Type", "application/json"}}}
	var pairs, names []string
	for _, f := range r.Fields {
		name := "LOGIN_" + environmentName(f)
		names = append(names, name)
		pairs = append(pairs, jsonText(f)+`: "`+env(name)+`"`)
	}
	e.Body = "{" + strings.Join(pairs, ", ") + "}"
	e.Comments = []string{fmt.Sprintf("The login in %s:%d; its token is sent with each request below.", r.File, r.Line)}
	e.Blanks = []string{"a user who may log in: set " + strings.Join(names, " and ") + " in leakcheck's environment"}
	token := r.Answers[slices.IndexFunc(r.Answers, tokenName.MatchString)]
	d.Setup = []Step{{Endpoint: e, Capture: []Capture{{"token", "/" + token}}}}
	d.Endpoints = slices.DeleteFunc(d.Endpoints, func(e Endpoint) bool { return e.Name == r.Method+" "+r.Path })
	for i := range d.Endpoints {
		d.Endpoints[i].Headers = append(d.Endpoints[i].Headers, Header{"Authorization", `Bearer {{capture "token"}}`})
	}
	d.note("the login %s is sent before the load: set %s in leakcheck's environment", r.Path, strings.Join(names, " and "))
}

// environmentName is the name of a variable that holds what is called name.
func environmentName(name string) string {
	return strings.Trim(notVariable.ReplaceAllString(strings.ToUpper(name), "_"), "_")
}
