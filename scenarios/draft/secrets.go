package draft

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/scenarios/rates"
)

// secretWords name what is never copied, within names without case and marks.
var secretWords = []string{
	"auth", "token", "secret", "passw", "pwd", "apikey", "cookie", "session", "sessid", "csrf", "xsrf",
	"jwt", "credential", "signature", "privatekey", "accesskey", "bearer", "otp", "cvv", "cardnumber", "ssn",
}

// secretName says whether a header, parameter or field of that name may hold a
// secret.
func secretName(name string) bool {
	flat := strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(name))
	switch flat {
	case "key", "sid", "pin", "code", "sig":
		return true
	case "author", "authors", "authorid":
		return false
	}
	for _, w := range secretWords {
		if strings.Contains(flat, w) {
			return true
		}
	}
	return false
}

// tokens of well-known issuers, and JSON Web Tokens.
var secretForm = regexp.MustCompile(`^(eyJ[\w-]+\.[\w-]+|(sk|pk|rk|ghp|gho|ghs|glpat|xox[abprs]|AKIA|AIza)[-_A-Za-z0-9]{12,}|(?i:bearer|basic) \S+)`)

// secretValue says whether a value looks like a secret, whatever it is called.
func secretValue(v string) bool {
	return secretForm.MatchString(v) || len(v) >= 16 && rates.KindOf(v) == rates.Token
}

var notVariable = regexp.MustCompile(`[^A-Z0-9]+`)

// masked collects what was taken out.
type masked map[string]bool

// variable is the mark for the secret called name.
func (m masked) variable(name string) string {
	v := strings.Trim(notVariable.ReplaceAllString(strings.ToUpper(name), "_"), "_")
	if v == "" || v[0] >= '0' && v[0] <= '9' {
		v = "SECRET_" + v
	}
	m[v] = true
	return env(v)
}

// kept are the headers that a request needs to be understood.
var kept = []string{"Content-Type", "Accept"}

// schemes may stand before a credential.
var schemes = []string{"bearer", "basic", "token", "digest", "apikey", "negotiate"}

// header makes a recorded header safe. ok is false for what is left out: what
// the browser or a proxy added.
func (m masked) header(name, value string) (h Header, ok bool) {
	for _, k := range kept {
		if strings.EqualFold(name, k) && !secretValue(value) {
			return Header{k, literal(value)}, true
		}
	}
	switch {
	case strings.EqualFold(name, "Authorization"):
		m["TOKEN"] = true
		if scheme, _, both := strings.Cut(value, " "); both && slices.Contains(schemes, strings.ToLower(scheme)) {
			return Header{"Authorization", scheme + " " + env("TOKEN")}, true
		}
		return Header{"Authorization", env("TOKEN")}, true
	case strings.HasPrefix(strings.ToLower(name), "sec-") || strings.HasPrefix(name, ":"):
		return h, false
	case secretName(name):
		return Header{name, m.variable(name)}, true
	}
	return h, false
}

// body makes a recorded body safe: fields of JSON and of forms that may be
// secrets become marks. Of any other type, ok is false.
func (m masked) body(text, mime string) (safe string, ok bool) {
	switch {
	case text == "":
		return "", true
	case strings.Contains(mime, "json"):
		return m.json(text)
	case strings.Contains(mime, "x-www-form-urlencoded"):
		return m.form(text)
	}
	return "", false
}

func (m masked) form(text string) (string, bool) {
	var pairs []string
	for pair := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		plainName, err1 := url.QueryUnescape(name)
		plainValue, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			return "", false
		}
		if secretName(plainName) || secretValue(plainValue) {
			value = m.variable(plainName)
		} else {
			value = literal(value)
		}
		pairs = append(pairs, literal(name)+"="+value)
	}
	return strings.Join(pairs, "&"), true
}

// json prints the document again with its secrets as marks; the order of its
// keys is kept.
func (m masked) json(text string) (string, bool) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var b strings.Builder
	if m.jsonValue(d, &b, "") != nil || d.More() {
		return "", false
	}
	return b.String(), true
}

func (m masked) jsonValue(d *json.Decoder, b *strings.Builder, name string) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case json.Delim:
		return m.jsonComposite(d, b, t, name)
	case string:
		if secretName(name) || secretValue(t) {
			b.WriteString(`"` + m.variable(name) + `"`)
			return nil
		}
		b.WriteString(jsonText(t))
	case json.Number:
		if secretName(name) {
			b.WriteString(m.variable(name))
			return nil
		}
		b.WriteString(t.String())
	case bool:
		if t {
			b.WriteString("true")
		} else {
			b.WriteString("false")
		}
	default:
		b.WriteString("null")
	}
	return nil
}

func (m masked) jsonComposite(d *json.Decoder, b *strings.Builder, open json.Delim, name string) error {
	b.WriteString(open.String())
	for n := 0; d.More(); n++ {
		if n > 0 {
			b.WriteString(", ")
		}
		inner := name
		if open == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			inner, _ = key.(string)
			b.WriteString(jsonText(inner) + ": ")
		}
		if err := m.jsonValue(d, b, inner); err != nil {
			return err
		}
	}
	closing, err := d.Token()
	if err != nil {
		return err
	}
	b.WriteString(closing.(json.Delim).String())
	return nil
}

// jsonText is s as a JSON string, fit for a template. Braces are escaped for
// JSON, so that two of them begin no action.
func jsonText(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "{{", `{{"{{"}}`)
}
