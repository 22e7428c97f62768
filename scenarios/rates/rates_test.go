package rates

import (
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// at is a line of an access log, s seconds after ten o'clock.
func at(s int, request string, status int) string {
	return fmt.Sprintf("203.0.113.7 - - [20/Nov/2026:10:00:%02d +0000] %q %d 12 \"-\" \"curl/8\"\n", s, request, status)
}

func TestParseLine(t *testing.T) {
	day := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	get := func(path string) *Line { return &Line{Hit{"GET", path, 200, 1}, day} }
	tests := []struct {
		text string
		want *Line // nil for what is no request
	}{
		{`1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 200 12`, get("/a?b=c")},
		{`1.2.3.4 - ann [20/Nov/2026:12:00:00 +0200] "GET /a HTTP/1.1" 200 - "http://x/" "Mozilla \"x\""`, get("/a")},
		{`shop.test:443 1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "GET /a HTTP/2.0" 200 12 "-" "-"`, get("/a")},
		{`::1 - - [20/Nov/2026:10:00:00 +0000] "GET http://shop.test/a?b HTTP/1.1" 200 12`, get("/a?b")},
		{`1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "GET /a" 200 12`, get("/a")},
		{`1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "-" 408 0`, nil},
		{`1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "\x16\x03\x01" 400 0`, nil},
		{`1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "OPTIONS * HTTP/1.1" 200 0`, nil},
		{`1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 99 0`, nil},
		{`1.2.3.4 - - [2026-11-20 10:00] "GET /a HTTP/1.1" 200 0`, nil},
		{`{"method": "GET"}`, nil},
		{``, nil},
	}
	for _, tt := range tests {
		got, ok := ParseLine(tt.text)
		if ok != (tt.want != nil) {
			t.Errorf("%s: got %v", tt.text, ok)
		} else if ok && (got.Hit != tt.want.Hit || !got.Time.Equal(tt.want.Time)) {
			t.Errorf("%s: got %v, want %v", tt.text, got, *tt.want)
		}
	}
}

// Structured logs, as each tool writes them: one request each.
func TestJSONLogs(t *testing.T) {
	tests := []struct{ name, text string }{
		{"pino, as Fastify logs", `{"level":30,"time":1782302564000,"reqId":"req-1","req":{"method":"GET","url":"/a?b=1"},"msg":"incoming request"}
{"level":30,"time":1782302565000,"reqId":"req-1","res":{"statusCode":404},"responseTime":3.1,"msg":"request completed"}`},
		{"pino-http", `{"level":30,"time":1782302564000,"req":{"id":1,"method":"GET","url":"/a?b=1","headers":{}},"res":{"statusCode":404},"msg":"request completed"}`},
		{"Caddy", `{"level":"info","ts":1646861401.52,"request":{"proto":"HTTP/2.0","method":"GET","host":"x","uri":"/a?b=1"},"status":404}`},
		{"nginx with its fields", `{"time_iso8601":"2026-11-20T10:00:00+00:00","request_method":"GET","request_uri":"/a?b=1","status":"404"}`},
		{"nginx with its request", `{"time_local":"20/Nov/2026:10:00:00 +0000","request":"GET /a?b=1 HTTP/1.1","status":404}`},
		{"Elastic's fields", `{"@timestamp":"2026-11-20T10:00:00.000Z","http":{"request":{"method":"GET"},"response":{"status_code":404}},"url":{"original":"/a?b=1"}}`},
		{"Google's fields", `{"timestamp":"2026-11-20T10:00:00Z","httpRequest":{"requestMethod":"GET","requestUrl":"https://x/a?b=1","status":404}}`},
		{"an AWS load balancer", `h2 2026-11-20T10:00:00.186641Z app/lb/50dc 192.0.2.1:2817 10.0.0.1:80 0.000 0.001 0.000 404 404 34 366 "GET https://www.example.com:443/a?b=1 HTTP/2.0" "curl/8" - - arn:aws:x "Root=1" "x" "-" 0`},
		{"a time in ISO 8601", `1.2.3.4 - ann [2026-04-21T14:23:05+00:00] "GET /a?b=1 HTTP/1.1" 404 12 rt=0.042`},
	}
	for _, tt := range tests {
		var got []Hit
		c, err := Read(file(t, "x.log", tt.text+"\n"), Options{Over: time.Second}, func(h Hit) { got = append(got, h) })
		if diff := cmp.Diff([]Hit{{"GET", "/a?b=1", 404, 1}}, got); err != nil || diff != "" || c.Skipped > 0 {
			t.Errorf("%s: %v, %d lines skipped, -want +got:\n%s", tt.name, err, c.Skipped, diff)
		}
		if !IsLog([]byte(tt.text)) {
			t.Errorf("%s: it is said to be no log", tt.name)
		}
	}
	for _, text := range []string{`{"level":30,"msg":"started"}`, `{"method":"GET","url":"/a"}`, `{"openapi":"3.0.0"}`, `{`, ``} {
		if IsLog([]byte(text)) {
			t.Errorf("%s is said to be a log", text)
		}
	}
}

// A request without an answer in the log counts, by its own status.
func TestWaitingRequests(t *testing.T) {
	text := `{"time":1782302564000,"reqId":"1","req":{"method":"GET","url":"/a"}}
{"time":1782302574000,"reqId":"2","req":{"method":"GET","url":"/b"}}
{"time":1782302575000,"reqId":"2","res":{"statusCode":200}}
{"time":1782302576000,"msg":"other"}
`
	var got []Hit
	c, err := Read(file(t, "x.log", text), Options{}, func(h Hit) { got = append(got, h) })
	if diff := cmp.Diff([]Hit{{"GET", "/b", 200, 1}, {"GET", "/a", 0, 1}}, got); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	if c.Over != 11*time.Second || c.Skipped != 1 {
		t.Errorf("got %+v", c)
	}
}

// A slash at the end makes another request, and what always fails is no value
// of a route.
func TestSlashesAndFailures(t *testing.T) {
	var g Grouper
	g.Add(Hit{"GET", "/docs/intro/", 200, 1})
	g.Add(Hit{"GET", "/docs/intro", 301, 1})
	for i := range 40 {
		g.Add(Hit{"GET", fmt.Sprintf("/page%c%c", 'a'+i/10, 'a'+i%10), 200, 1})
		g.Add(Hit{"GET", fmt.Sprintf("/scan%c%c.php", 'a'+i/10, 'a'+i%10), 404, 1})
	}
	g.Add(Hit{"GET", "/items/7", 200, 1})
	g.Add(Hit{"GET", "/items/9999?deep=1", 404, 1})
	routes := g.Routes()
	if n := names(routes); n != "GET /{text}, GET /{text}, GET /items/{number}, GET /docs/intro, GET /docs/intro/" {
		t.Fatalf("got %s", n)
	}
	for _, r := range routes[:2] {
		failing := strings.HasPrefix(r.Segments[0].Values.Seen[0], "scan")
		if (r.Failed == r.Count) != failing || r.Count != 40 {
			t.Errorf("got %v of %v failed: %v", r.Failed, r.Count, r.Segments[0].Values.Seen)
		}
	}
	if v := routes[2].Segments[1].Values; v.High != 7 || v.Low != 7 || len(routes[2].Query) > 0 {
		t.Errorf("got %+v, %v", v, routes[2].Query)
	}
}

func FuzzParseLine(f *testing.F) {
	f.Add(`1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 200 12`)
	f.Fuzz(func(t *testing.T, text string) {
		l, ok := ParseLine(text)
		if ok && (!strings.HasPrefix(l.Path, "/") || l.Method == "" || l.Status < 100 || l.Status > 599) {
			t.Errorf("%q is read as %v", text, l)
		}
		if ok {
			new(Grouper).Add(l.Hit)
		}
	})
}

var endpoints = []Endpoint{
	{"GET", "/users/{{randInt 1 500}}"},
	{"GET", "/users/me"},
	{"POST", "/users"},
	{"GET", "/search?q={{pick \"a/b\" \"c?d\"}}"},
	{"GET", "/files/{{randString 8}}.txt"},
	{"", ""}, // a targets file
	{"GET", "/never"},
}

// 20 seconds, from the first to the end of the last.
func accessLog() string {
	return at(0, "GET /users/17 HTTP/1.1", 200) +
		at(1, "GET /users/0b5ad6ba-9c2e-4b0a-8b65-7c1f3f1f8a10 HTTP/1.1", 200) +
		at(2, "GET /users/me HTTP/1.1", 200) +
		at(3, "GET /users/me/ HTTP/1.1", 200) +
		at(4, "GET /users/settings HTTP/1.1", 200) + // no id: another route
		at(5, "POST /users HTTP/1.1", 201) +
		at(6, "GET /search?q=x HTTP/1.1", 200) +
		at(7, "GET /files/a%20b.txt HTTP/1.1", 200) +
		at(8, "DELETE /users/17 HTTP/1.1", 204) +
		"garbage\n" +
		at(19, "GET /users/18 HTTP/1.1", 200)
}

func TestAssignAccessLog(t *testing.T) {
	path := file(t, "access.log", accessLog())
	got, err := Assign(path, Options{}, endpoints)
	if err != nil {
		t.Fatal(err)
	}
	want := []unit.PerSecond{3. / 20, 2. / 20, 1. / 20, 1. / 20, 1. / 20, 0, 0}
	if diff := cmp.Diff(want, got.Rates); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got.Over != 20*time.Second || got.Requests != 10 || got.Matched != 8 || got.Skipped != 1 {
		t.Errorf("got %+v", got.Coverage)
	}
	if n := names(got.Unmatched); n != "DELETE /users/{number}, GET /users/settings" {
		t.Errorf("got %s unmatched", n)
	}
	if got, err = Assign(path, Options{Over: time.Hour}, endpoints); err != nil || got.Rates[0] != 3./3600 {
		t.Errorf("got %v, %v", got.Rates, err)
	}
}

func names(routes []*Route) string {
	var all []string
	for _, r := range routes {
		all = append(all, r.Name())
	}
	return strings.Join(all, ", ")
}

func TestCompressedLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log.gz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if _, err := z.Write([]byte(accessLog())); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	got, err := Assign(path, Options{}, endpoints)
	if err != nil || got.Matched != 8 {
		t.Errorf("got %+v, %v", got, err)
	}
}

const snapshot = `# HELP process_start_time_seconds Start time of the process since unix epoch in seconds.
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1000
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{method="GET",route="/users/:id",status_code="200",le="+Inf"} 600
http_request_duration_seconds_sum{method="GET",route="/users/:id",status_code="200"} 3
http_request_duration_seconds_count{method="GET",route="/users/:id",status_code="200"} 600
http_request_duration_seconds_bucket{method="GET",route="/users/me",status_code="200",le="+Inf"} 30
http_request_duration_seconds_sum{method="GET",route="/users/me",status_code="200"} 3
http_request_duration_seconds_count{method="GET",route="/users/me",status_code="200"} 30
http_request_duration_seconds_bucket{method="post",route="/users",status_code="201",le="+Inf"} 60
http_request_duration_seconds_sum{method="post",route="/users",status_code="201"} 3
http_request_duration_seconds_count{method="post",route="/users",status_code="201"} 60
http_request_duration_seconds_bucket{method="GET",route="/carts/:id",status_code="200",le="+Inf"} 6
http_request_duration_seconds_sum{method="GET",route="/carts/:id",status_code="200"} 3
http_request_duration_seconds_count{method="GET",route="/carts/:id",status_code="200"} 6
`

func TestAssignSnapshot(t *testing.T) {
	got, err := Assign(file(t, "metrics.prom", snapshot), Options{Over: time.Minute}, endpoints)
	if err != nil {
		t.Fatal(err)
	}
	want := []unit.PerSecond{10, .5, 1, 0, 0, 0, 0}
	if diff := cmp.Diff(want, got.Rates); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if n := names(got.Unmatched); n != "GET /carts/:id" {
		t.Errorf("got %s unmatched", n)
	}
}

// A parameter in production is matched by one value in the scenario, where no
// template is.
func TestParameterMatchesOneValue(t *testing.T) {
	got, err := Assign(file(t, "metrics.prom", snapshot), Options{Over: time.Minute}, []Endpoint{{"GET", "/users/7"}, {"GET", "/users/me"}})
	if err != nil || got.Rates[0] != 10 || got.Rates[1] != .5 {
		t.Errorf("got %v, %v", got, err)
	}
}

// Samples with times say how long the process had counted.
func TestSnapshotWithTimes(t *testing.T) {
	text := "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds 1000\n" +
		"# TYPE requests_total counter\nrequests_total{method=\"GET\",path=\"/users/me\"} 50 1100000\n"
	got, err := Assign(file(t, "metrics.prom", text), Options{}, endpoints)
	if err != nil || got.Over != 100*time.Second || got.Rates[1] != .5 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// What OpenTelemetry and prom-client print: exemplars, a counter beside a
// histogram, names of OpenMetrics.
func TestOpenMetrics(t *testing.T) {
	text := `# TYPE process_start_time_seconds gauge
process_start_time_seconds 1000
# HELP http_requests n
# TYPE http_requests counter
http_requests_total{method="GET",route="/users/me",status="200"} 30 # {traceId="abc"} 1 1060.5
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="+Inf",method="GET",route="/users/me",status_code="200"} 30 # {traceId="abc"} 0.01 1060.5
http_request_duration_seconds_sum{method="GET",route="/users/me",status_code="200"} 1
http_request_duration_seconds_count{method="GET",route="/users/me",status_code="200"} 30
# EOF
`
	got, err := Assign(file(t, "metrics.prom", text), Options{}, endpoints)
	if err != nil || got.Requests != 30 || got.Over != 60500*time.Millisecond {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestErrors(t *testing.T) {
	two := "# TYPE a_total counter\na_total{method=\"GET\",path=\"/\"} 1\n# TYPE b_total counter\nb_total{method=\"GET\",path=\"/\"} 2\n"
	tests := []struct {
		text string
		o    Options
		want string
	}{
		{"", Options{}, ErrEmpty.Error()},
		{"\n\n", Options{}, ErrEmpty.Error()},
		{"hello\n", Options{}, `neither an access log (common or combined format, JSON lines, or of an AWS load balancer) nor a metrics snapshot: line 1: "hello"`},
		{at(0, "GET / HTTP/1.1", 200), Options{}, ErrNoSpan.Error()},
		{at(0, "GET / HTTP/1.1", 200), Options{Metric: "x"}, "metric is for snapshots, and this is none"},
		{snapshot, Options{}, ErrNoSpan.Error()},
		{"# TYPE a gauge\na 1\n", Options{}, "no counter or histogram in it has labels for method and route"},
		{two, Options{Over: 1}, "several metrics count by method and route; name one as metric: a_total, b_total"},
		{two, Options{Over: 1, Metric: "c"}, `metric "c" is no counter or histogram by method and route in it`},
		{"# TYPE a counter\na{\n", Options{}, "read metrics: "},
		{"\x1f\x8bxx", Options{}, "read gzip: "},
	}
	for _, tt := range tests {
		_, err := Read(file(t, "x", tt.text), tt.o, func(Hit) {})
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%q: got %v, want %s", tt.text, err, tt.want)
		}
	}
}

// Words are routes until they are a crowd.
func TestCrowd(t *testing.T) {
	var g Grouper
	for i := range 30 {
		g.Add(Hit{"GET", fmt.Sprintf("/products/%c-shoes/reviews?page=%d", 'A'+i, i), 200, 1})
	}
	for _, page := range []string{"about", "help", "terms"} {
		g.Add(Hit{"GET", "/" + page, 200, 1})
	}
	got := g.Routes()
	if n := names(got); n != "GET /products/{text}/reviews, GET /about, GET /help, GET /terms" {
		t.Fatalf("got %s", n)
	}
	if v := got[0].Segments[1].Values; got[0].Count != 30 || v.Count != 30 || len(v.Seen) != maxSeen {
		t.Errorf("got %+v", got[0])
	}
	if q := got[0].Query["page"]; q == nil || q.Kind != Number || q.Low != 0 || q.High != 29 || q.Count != 30 {
		t.Errorf("got %+v", q)
	}
}

// A log of paths that are all different is held in bounded memory.
func TestManyRoutes(t *testing.T) {
	var g Grouper
	for i := range 3 * maxRoutes {
		g.Add(Hit{"GET", "/p/" + strings.Map(func(r rune) rune { return r - '0' + 'a' }, fmt.Sprint(i)), 200, 1})
		if len(g.routes) > maxRoutes {
			t.Fatalf("%d routes are held", len(g.routes))
		}
	}
	if got := g.Routes(); len(got) != 1 || got[0].Count != 3*maxRoutes {
		t.Errorf("got %d routes, the first of %v requests", len(got), got[0].Count)
	}
}
