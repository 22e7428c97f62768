package draft

import (
	"encoding/json"
	"regexp"
	"strings"
)

// withoutHost takes the scheme, the host and a variable that holds both off an
// address. What such a variable says of the path stays.
func withoutHost(address string, variables map[string]string) string {
	for range 5 {
		m := leadingVariable.FindStringSubmatch(address)
		if m == nil {
			break
		}
		value := variables[m[1]]
		rest := address[len(m[0]):]
		if value == "" || leadingVariable.MatchString(value) && variables[m[1]] == value {
			address = rest
			break
		}
		address = value + rest
	}
	if _, rest, ok := strings.Cut(address, "://"); ok {
		address = rest
	}
	if strings.HasPrefix(address, "/") || address == "" {
		return address
	}
	if i := strings.Index(address, "/"); i >= 0 {
		return address[i:]
	}
	return ""
}

var leadingVariable = regexp.MustCompile(`^\{\{([^{}]+)\}\}`)

// variable is one of Postman's in a text.
var variable = regexp.MustCompile(`\{\{([^{}]+)\}\}`)

// dynamic are the variables that Postman makes up.
var dynamic = map[string]string{
	"$guid": "{{uuid}}", "$randomUUID": "{{uuid}}", "$timestamp": "1767225600", "$randomInt": "{{randInt 0 1000}}",
	"$randomEmail": "{{randString 8}}@example.com",
}

// text replaces the variables of a text: by their values, by templates, or by
// what the environment says. escape makes the rest fit for its place.
func (r *postmanReader) text(s string, escape func(string) string) string {
	return r.expand(s, escape, 0)
}

func (r *postmanReader) expand(s string, escape func(string) string, depth int) string {
	var b strings.Builder
	from := 0
	for _, at := range variable.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(literal(escape(s[from:at[0]])))
		from = at[1]
		name := strings.TrimSpace(s[at[2]:at[3]])
		value, known := r.variables[name]
		switch {
		case r.captured[name]:
			b.WriteString(`{{capture "` + name + `"}}`)
		case dynamic[name] != "":
			b.WriteString(dynamic[name])
		case strings.HasPrefix(name, "$"):
			b.WriteString("{{randString 8}}")
		case known && value != "" && !secret(name, value) && depth < 5:
			b.WriteString(r.expand(value, escape, depth+1))
		default:
			r.unknown[environmentName(name)] = true
			b.WriteString(r.c.hidden.variable(name))
		}
	}
	return b.String() + literal(escape(s[from:]))
}

// value is the text of a field, unless it is a secret.
func (r *postmanReader) value(name, v string, escape func(string) string) string {
	if !variable.MatchString(v) && v != "" && secret(name, v) {
		return r.c.hidden.variable(name)
	}
	return r.text(v, escape)
}

func same(s string) string { return s }

func printedJSON(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		if len(v) > 0 {
			return printedJSON(v[0])
		}
		return ""
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}
