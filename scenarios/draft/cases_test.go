package draft

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/scenarios"
)

// Nothing of a request is dropped without a word: each file holds what some
// tool writes, and has what must be in its draft, and what must not.
func TestNothingIsDropped(t *testing.T) {
	tests := []struct {
		file      string
		o         Options
		want, not []string
	}{
		{"slash.log", Options{}, []string{"GET /docs/intro/"}, []string{"request: GET /docs/intro\n"}},
		{"openapi-version-number.yaml", Options{}, []string{"GET /items"}, nil},
		{"openapi-servers.yaml", Options{}, []string{
			"GET /internal/items/{{pick \"", "filter%5Bcolor%5D={{pick \"red\" \"blue\"}}", "ids={{randInt 1 100}},{{randInt 1 100}}",
			`sort=%7B%22by%22%3A+%22price%22%7D`, `Cookie: 'sid={{env "SID"}}'`, `X-Tenant: '{{pick "red" "blue"}}'`, "POST /api/v2/orders",
			"{name: photo, size: 10 KiB, filename: photo.bin}", "{name: title, value: '{{randString 8}}'}", "<root><a>{{randString 8}}</a></root>",
			`"author_name": "ann"`, `"businessName": "Acme"`, `"className": "{{randString 8}}"`, `"code": "SUMMER"`, `"countryCode": "DE"`,
			`"footprint": "{{randString 8}}"`, `"max_tokens": 100`, `"spotPrice": {{randInt 1 100}}`, `"phone": "{{pick`,
		}, []string{"CLASSNAME", "BUSINESSNAME", "MAX_TOKENS"}},
		{"spa-dev-server.har", Options{}, []string{"Recorded from localhost:3000", "10 requests to localhost:5173 left out", "CORS preflight", "X-Tenant-Id: red"}, []string{"/src/"}},
		{"forms.har", Options{}, []string{
			"POST /graphql Items", "POST /graphql Cart", "POST /graphql AddItem", "X-Tenant-Id: red", "Accept-Language: de", "X-Requested-With: XMLHttpRequest",
			"apollo-require-preflight: 'true'", `body: 'title=hi&password={{env "PASSWORD"}}'`, "{name: photo, size: 10 KiB, filename: a.jpg, type: image/jpeg}",
			"1 request that opened a WebSocket left out", "CORS preflight", "No answer was recorded", "Authorization: 'Basic {{env \"TOKEN\"}}'", "name=Ann+Smith",
		}, []string{"socket.io", "OPTIONS", "hunter2", "If-None-Match: "}},
		{"pino.log", Options{}, []string{"GET /api/items/{{randInt 1 2}}", "rate: 10.9/min"}, nil},
		{"caddy.log", Options{}, []string{"GET /api/items/1", "--over 24h"}, nil},
		{"caddy.log", Options{Over: time.Minute}, []string{"rate: 1/min"}, []string{"--over"}},
		{"iso.log", Options{}, []string{"GET /api/v1/comics", "rate: 10.9/min"}, nil},
		{"crowd-of-404s.log", Options{}, []string{`GET /{{pick "pageaa"`, "5 requests were left out"}, []string{"wp-login", ".env"}},
		{"targets-first-line-comment.txt", Options{}, []string{"X-Account-ID: '99'", "X-Tenant: red", "Accept-Language: de", `Authorization: 'Token {{env "TOKEN"}}'`, "PUT /blob", "body_file: sends a", "GET /v6"}, []string{"abcdef0123456789"}},
		{"metrics-no-span.prom", Options{}, []string{"GET /users/{{randString 8}}", "--over 24h"}, nil},
		{"metrics-no-span.prom", Options{Over: time.Minute}, []string{"rate: 30/min"}, nil},
		{"metrics-two-metrics.prom", Options{Over: time.Minute}, []string{"'GET /users/:id'"}, nil},
		{"metrics-openmetrics-exemplars.prom", Options{}, []string{"'GET /users/:id'", "rate: "}, []string{"--over"}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			tt.o.All = true
			d, err := From(filepath.Join("testdata", "cases", tt.file), "", "testdata", tt.o)
			if err != nil {
				t.Fatal(err)
			}
			text := string(d.YAML()) + strings.Join(d.Notes, "\n")
			for _, w := range tt.want {
				if !strings.Contains(text, w) {
					t.Errorf("%q is not in the draft:\n%s", w, text)
				}
			}
			for _, n := range tt.not {
				if strings.Contains(text, n) {
					t.Errorf("%q is in the draft:\n%s", n, text)
				}
			}
			if _, err := scenarios.Parse("testdata/scenario.yaml", d.YAML()); err != nil {
				t.Errorf("the draft is no scenario: %v\n%s", err, text)
			}
		})
	}
}

// Names are secrets by their words, and values by what they look like.
func TestSecret(t *testing.T) {
	for name, want := range map[string]bool{
		"businessName": false, "footprint": false, "author_name": false, "className": false, "spotPrice": false, "max_tokens": false,
		"countryCode": false, "monkey": false, "token_type": false, "passwordHint": false, "session_count": false, "compass": false,
		"password": true, "userPassword": true, "X-Api-Key": true, "API_KEY": true, "accessToken": true, "refresh_token": true, "PHPSESSID": true,
		"sessionID": true, "client-secret": true, "Cookie": true, "XSRF-TOKEN": true, "cardNumber": true, "otp": true, "connect.sid": true,
	} {
		if got := secretName(name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	for _, tt := range []struct {
		name, value string
		want        bool
	}{
		{"code", "SUMMER", false},
		{"code", "DE", false},
		{"code", "4/0AdQt8qh", true},
		{"key", "name", false},
		{"key", "k3y9x2", true},
		{"pin", "4711", true},
		{"note", "hello world", false},
		{"x", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", true},
		{"x", "AKIAIOSFODNN7EXAMPLE", true},
		{"id", "6f1ed002ab5595859014ebf0951522d9", true},
		{"state", "open", false},
	} {
		if got := secret(tt.name, tt.value); got != tt.want {
			t.Errorf("%s=%s: got %v, want %v", tt.name, tt.value, got, tt.want)
		}
	}
}
