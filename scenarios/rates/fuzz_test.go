package rates

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzRead: whatever a file says, be it taken for an access log or for metrics,
// what is read of it is counted, or there is an error. Of a log, no more than a line
// and the routes are held in memory.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		`1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 200 12` + "\n" +
			`1.2.3.4 - - [20/Nov/2026:10:00:09 +0000] "POST /a HTTP/1.1" 500 -` + "\n",
		"# TYPE http_requests_total counter\n" + `http_requests_total{method="GET",route="/a",code="200"} 12` + "\nprocess_start_time_seconds 1\n",
		"\x1f\x8b\x08\x00",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		g := new(Grouper)
		hits := 0
		c, err := Read(path, Options{}, func(h Hit) {
			hits++
			g.Add(h)
		})
		if err == nil && (c.Requests <= 0 || c.Over <= 0 || hits == 0) {
			t.Errorf("got %+v of %d hits, and no error", c, hits)
		}
	})
}
