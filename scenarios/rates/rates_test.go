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

func TestErrors(t *testing.T) {
	two := "# TYPE a_total counter\na_total{method=\"GET\",path=\"/\"} 1\n# TYPE b_total counter\nb_total{method=\"GET\",path=\"/\"} 1\n"
	tests := []struct {
		text string
		o    Options
		want string
	}{
		{"", Options{}, ErrEmpty.Error()},
		{"\n\n", Options{}, ErrEmpty.Error()},
		{"hello\n", Options{}, `neither an access log in common or combined format nor a metrics snapshot: line 1: "hello"`},
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
