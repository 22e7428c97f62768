package draft

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/leakcheck/leakcheck/scenarios/rates"
)

// secretWords are words of a name that say that its value is a secret; two
// words stand for a pair.
var secretWords = []string{
	"auth", "authorization", "token", "secret", "password", "passwd", "passphrase", "passcode", "pwd", "apikey", "cookie",
	"session", "sessionid", "sessid", "csrf", "csrftoken", "xsrf", "xsrftoken", "jwt", "credential", "credentials", "signature", "bearer",
	"otp", "totp", "cvv", "cvc", "ssn", "authtoken", "accesstoken", "refreshtoken", "idtoken", "phpsessid", "jsessionid",
	"api key", "private key", "access key", "secret key", "card number", "session id", "connect sid",
}

// aboutWords end the names of what is said about a secret.
var aboutWords = []string{
	"type", "name", "count", "length", "limit", "size", "expires", "expiry", "expiration", "at", "in", "ttl", "url", "uri",
	"endpoint", "enabled", "required", "policy", "hint", "format", "duration", "method", "mode", "status", "provider",
}

// shortNames are secrets or not, by their values: a code of a coupon or of a
// login.
var shortNames = []string{"key", "sid", "pin", "code", "sig", "nonce", "state", "pass", "hash"}

// wordsOf are the words of a name: userSessionID is user, session, id.
func wordsOf(name string) []string {
	var words []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
		}
		word = nil
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r):
			end()
			continue
		case i > 0 && unicode.IsUpper(r) && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			end()
		}
		word = append(word, r)
	}
	end()
	return words
}

// secretName reports whether a header, parameter or field of that name holds a
// secret, whatever its value.
func secretName(name string) bool {
	words := wordsOf(name)
	if len(words) == 0 || slices.Contains(aboutWords, words[len(words)-1]) && len(words) > 1 {
		return false
	}
	for i, w := range words {
		if slices.Contains(secretWords, w) || i > 0 && slices.Contains(secretWords, words[i-1]+" "+w) {
			return true
		}
	}
	return false
}

// secret reports whether the value of that name is one.
func secret(name, value string) bool {
	return secretName(name) || secretValue(value) ||
		slices.Contains(shortNames, strings.ToLower(strings.Trim(name, "-_$"))) && looksDrawn(value)
}

// looksDrawn reports whether a short value seems to be drawn at random: letters
// and digits mixed, or several digits.
func looksDrawn(v string) bool {
	hasDigit, hasLetter := strings.ContainsAny(v, "0123456789"), strings.ContainsFunc(v, unicode.IsLetter)
	return len(v) >= 4 && hasDigit && (hasLetter && !strings.ContainsAny(v, " -_") || !hasLetter && len(v) >= 4)
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

// transportHeaders are added by browsers, proxies and tools, or describe one
// transfer; also those that begin as transportPrefixes say.
var (
	transportHeaders = []string{
		"host", "connection", "proxy-connection", "keep-alive", "content-length", "transfer-encoding", "te", "trailer", "upgrade",
		"upgrade-insecure-requests", "expect", "accept-encoding", "user-agent", "referer", "origin", "cache-control", "pragma", "dnt", "priority",
		"via", "forwarded", "x-real-ip", "x-request-id", "x-correlation-id", "x-amzn-trace-id", "x-cloud-trace-context", "traceparent",
		"tracestate", "baggage", "sentry-trace", "postman-token", "true-client-ip", "purpose", "save-data", "range",
	}
	transportPrefixes = []string{":", "sec-", "if-", "x-forwarded-", "cf-", "x-b3-", "access-control-"}
)

func isTransport(name string) bool {
	name = strings.ToLower(name)
	return slices.Contains(transportHeaders, name) || slices.ContainsFunc(transportPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// schemes may stand before a credential.
var schemes = []string{"bearer", "basic", "token", "digest", "apikey", "negotiate"}

// header makes a recorded header safe. ok is false for what the browser or a
// proxy added.
func (m masked) header(name, value string) (h Header, ok bool) {
	switch {
	case isTransport(name):
		return h, false
	case strings.EqualFold(name, "Authorization"):
		m["TOKEN"] = true
		if scheme, _, both := strings.Cut(value, " "); both && slices.Contains(schemes, strings.ToLower(scheme)) {
			return Header{"Authorization", scheme + " " + env("TOKEN")}, true
		}
		return Header{"Authorization", env("TOKEN")}, true
	case secret(name, value):
		return Header{name, m.variable(name)}, true
	}
	return Header{name, literal(value)}, true
}

// body makes a recorded body safe: fields of JSON and of forms that may be
// secrets become marks. Of what is no text, or holds a secret, ok is false.
func (m masked) body(text, mime string) (safe string, ok bool) {
	switch {
	case text == "":
		return "", true
	case strings.Contains(mime, "json"):
		return m.json(text)
	case strings.Contains(mime, "x-www-form-urlencoded"):
		return m.form(text)
	}
	return literal(text), utf8.ValidString(text) && !strings.ContainsFunc(text, isBinary) && !slices.ContainsFunc(strings.Fields(text), secretValue)
}

func isBinary(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\t\n\r", r) }

func (m masked) form(text string) (string, bool) {
	var pairs []string
	for pair := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		plainName, err1 := url.QueryUnescape(name)
		plainValue, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			return "", false
		}
		if secret(plainName, plainValue) {
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
		if secret(name, t) {
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
