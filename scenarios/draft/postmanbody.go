package draft

import (
	"encoding/json"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func (r *postmanReader) headers(e *Endpoint, raw json.RawMessage) {
	var list []postmanPair
	if json.Unmarshal(raw, &list) != nil {
		return // an old form, as one text
	}
	for _, h := range list {
		switch {
		case h.Disabled || h.Key == "":
		case isTransport(h.Key):
			r.c.dropped[h.Key] = true
		default:
			e.addHeader(Header{h.Key, r.value(h.Key, printedJSON(h.Value), same)})
		}
	}
}

// setting is one of an authorization's.
func setting(pairs []postmanPair, key string) string {
	for _, p := range pairs {
		if p.Key == key {
			return printedJSON(p.Value)
		}
	}
	return ""
}

func (r *postmanReader) authorize(e *Endpoint, a *postmanAuth) {
	if a == nil || a.Type == "noauth" || a.Type == "" {
		return
	}
	switch a.Type {
	case "bearer":
		e.addHeader(Header{"Authorization", "Bearer " + r.value("TOKEN", setting(a.Bearer, "token"), same)})
	case "basic":
		r.c.hidden.variable("BASIC_AUTH")
		e.addHeader(Header{"Authorization", "Basic " + env("BASIC_AUTH")})
	case "apikey":
		key := firstOf(setting(a.APIKey, "key"), "X-Api-Key")
		value := r.value("API_KEY", setting(a.APIKey, "value"), same)
		if setting(a.APIKey, "in") != "query" {
			e.addHeader(Header{key, value})
			return
		}
		sign := "?"
		if strings.Contains(e.Path, "?") {
			sign = "&"
		}
		e.Path += sign + url.QueryEscape(key) + "=" + value
	default:
		e.Blanks = append(e.Blanks, "its credentials: "+a.Type+" is not supported; a setup: may fetch a token")
	}
}

func (r *postmanReader) body(e *Endpoint, b *postmanBody) {
	if b == nil {
		return
	}
	switch b.Mode {
	case "raw":
		r.rawBody(e, b)
	case "urlencoded":
		var pairs []string
		for _, p := range b.URLEncoded {
			if !p.Disabled {
				pairs = append(pairs, r.text(p.Key, url.QueryEscape)+"="+r.value(p.Key, printedJSON(p.Value), url.QueryEscape))
			}
		}
		e.Body = strings.Join(pairs, "&")
		e.addHeader(Header{"Content-Type", "application/x-www-form-urlencoded"})
	case "formdata":
		e.Headers = slices.DeleteFunc(e.Headers, func(h Header) bool { return strings.EqualFold(h.Name, "Content-Type") })
		for _, p := range b.FormData {
			switch {
			case p.Disabled:
			case p.Type == "file":
				e.Parts = append(e.Parts, Part{Name: p.Key, File: filepath.Base("/" + firstOf(printedJSON(p.Src), "file")), Type: p.ContentType})
				e.Blanks = append(e.Blanks, "the file of "+p.Key+"; generated content stands for it")
			default:
				e.Parts = append(e.Parts, Part{Name: p.Key, Value: r.value(p.Key, printedJSON(p.Value), same)})
			}
		}
	case "graphql":
		query, variables := r.text(b.GraphQL.Query, jsonInner), strings.TrimSpace(b.GraphQL.Variables)
		if variables == "" {
			variables = "{}"
		}
		e.Body = `{"query": "` + query + `", "variables": ` + r.text(variables, same) + "}"
		e.addHeader(Header{"Content-Type", "application/json"})
	case "file":
		e.Blanks = append(e.Blanks, "its body, the file "+b.File.Src+": body_file: sends one")
	}
}

// jsonInner is text as it stands between the quotes of JSON.
func jsonInner(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	return string(b[1 : len(b)-1])
}

// rawBody copies a body, without what may be secret in it.
func (r *postmanReader) rawBody(e *Endpoint, b *postmanBody) {
	text := b.Raw
	mime := map[string]string{"json": "application/json", "xml": "application/xml", "html": "text/html", "javascript": "application/javascript"}[b.Options.Raw.Language]
	for _, h := range e.Headers {
		if strings.EqualFold(h.Name, "Content-Type") {
			mime = h.Value
		}
	}
	trimmed := strings.TrimSpace(text)
	if mime == "" && (strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[")) {
		mime = "application/json"
	}
	if mime != "" && text != "" {
		e.addHeader(Header{"Content-Type", mime})
	}
	if len(text) > maxBody {
		e.Blanks = append(e.Blanks, "its body, which is long: body_file: sends a file")
		return
	}
	if variable.MatchString(text) || !strings.Contains(mime, "json") {
		e.Body = r.text(maskedJSON(r.c.hidden, text), same)
		return
	}
	if safe, ok := r.c.hidden.json(text); ok {
		e.Body = safe
		return
	}
	e.Body = literal(text) // no JSON, though it says so
}

// secretField is a field of JSON that a text with variables may have.
var secretField = regexp.MustCompile(`"([^"\\]+)"(\s*:\s*)"([^"\\{}]*)"`)

// maskedJSON takes secrets out of JSON that is none yet, as variables stand in
// it. Its marks are variables of Postman's form.
func maskedJSON(_ masked, text string) string {
	return secretField.ReplaceAllStringFunc(text, func(field string) string {
		p := secretField.FindStringSubmatch(field)
		if p[3] == "" || !secret(p[1], p[3]) {
			return field
		}
		return `"` + p[1] + `"` + p[2] + `"{{` + environmentName(p[1]) + `}}"`
	})
}
