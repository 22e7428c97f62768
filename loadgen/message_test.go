package loadgen

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func newReader(r io.Reader) *bufio.Reader { return bufio.NewReader(r) }

// journal keeps what a server saw of each request.
type journal struct {
	mu   sync.Mutex
	seen []string
}

func (j *journal) handle(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seen = append(j.seen, strings.Join([]string{r.Method, r.Host, r.RequestURI, r.Header.Get("X-A"), string(body)}, "|"))
}

func TestMessages(t *testing.T) {
	env := func(name string) (string, bool) { return "v\r\nX-B: 1", name == "A" }
	for name, c := range map[string]struct {
		base    string
		request Request
		want    string
	}{
		"plain":     {request: Request{Path: "/a?b=c"}, want: "GET|HOST|/a?b=c||"},
		"prefix":    {base: "/api/", request: Request{Path: "/a"}, want: "GET|HOST|/api/a||"},
		"escaped":   {request: Request{Path: "/a b/é#x"}, want: "GET|HOST|/a%20b/%C3%A9%23x||"},
		"templates": {request: Request{Method: "POST", Path: "/{{seq}}", Headers: map[string]string{"x-a": "{{seq}}"}, Body: []byte("n{{seq}}")}, want: "POST|HOST|/1|1|n1"},
		"raw body":  {request: Request{Method: "PUT", Path: "/", Body: []byte("{{seq}}"), BodyRaw: true}, want: "PUT|HOST|/||{{seq}}"},
		"host":      {request: Request{Path: "/", Headers: map[string]string{"host": "example.com"}}, want: "GET|example.com|/||"},
		"env":       {request: Request{Path: "/", Headers: map[string]string{"X-A": `{{env "A"}}`}}, want: "GET|HOST|/|v  X-B: 1|"},
	} {
		t.Run(name, func(t *testing.T) {
			var got journal
			s := serve(t, got.handle)
			l, err := New(Options{BaseURL: s.URL + c.base, LookupEnv: env})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			e, err := l.Prepare(c.request)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := l.Block(t.Context(), e, 1); err != nil {
				t.Fatal(err)
			}
			want := []string{strings.Replace(c.want, "HOST", s.Listener.Addr().String(), 1)}
			if diff := cmp.Diff(want, got.seen); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The number of a request is its own over all blocks and endpoints, and its
// random values depend on nothing else.
func TestSequence(t *testing.T) {
	run := func() []string {
		var got journal
		s := serve(t, got.handle)
		l, a := prepared(t, s.URL, Request{Path: "/{{seq}}/{{uuid}}"})
		b, err := l.Prepare(Request{Path: "/{{seq}}/{{uuid}}"})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range []*Endpoint{a, b, a} {
			if _, err := l.Block(t.Context(), e, 100); err != nil {
				t.Fatal(err)
			}
		}
		uris := make([]string, len(got.seen))
		for i, line := range got.seen {
			uris[i] = strings.Split(line, "|")[2]
		}
		slices.Sort(uris)
		return uris
	}
	first := run()
	if got := len(slices.Compact(slices.Clone(first))); got != 300 {
		t.Errorf("%d different paths, want 300", got)
	}
	if diff := cmp.Diff(first, run()); diff != "" {
		t.Errorf("a second run with the same seed differs: %s", diff)
	}
}

func TestTargetsFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("body.txt", "from a file")
	for format, file := range map[string]string{
		"http": write("t.http", "GET http://elsewhere:1/a?b=1\nX-A: own\n\nPOST /c\n@body.txt\n"),
		"json": write("t.json", `{"method":"GET","url":"http://elsewhere:1/a?b=1","header":{"X-A":["own"],"Host":["elsewhere"]}}`+"\n"+
			`{"method":"POST","url":"/c","body":"ZnJvbSBhIGZpbGU="}`+"\n"),
	} {
		t.Run(format, func(t *testing.T) {
			var got journal
			s := serve(t, got.handle)
			load := block(t, s.URL, Request{Targets: file, TargetsFormat: format, Workers: 1, Headers: map[string]string{"x-a": "{{seq}}"}}, 3)
			host := s.Listener.Addr().String()
			want := []string{"GET|" + host + "|/a?b=1|own|", "POST|" + host + "|/c|1|from a file", "GET|" + host + "|/a?b=1|own|"}
			if diff := cmp.Diff(want, got.seen); diff != "" || load.Landed != 3 {
				t.Errorf("landed %d: %s", load.Landed, diff)
			}
		})
	}
}

func TestPrepareErrors(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, r := range map[string]Request{
		"negative":                    {Path: "/", Workers: -1},
		"does not begin with /":       {Path: "x"},
		"path: ":                      {Path: "/{{nope}}"},
		"body: ":                      {Path: "/", Body: []byte("{{nope}}")},
		"header X: ":                  {Path: "/", Headers: map[string]string{"X": "{{nope}}"}},
		"NOT_SET":                     {Path: `/{{env "NOT_SET"}}`},
		"header X Y: its name is not": {Path: "/", Headers: map[string]string{"X Y": ""}},
		"it is set from the body":     {Path: "/", Headers: map[string]string{"content-length": "1"}},
		`method "G T"`:                {Path: "/", Method: "G T"},
		"no such file":                {Targets: "/nonexistent/file"},
		"no targets":                  {Targets: empty},
		`format "xml" is not`:         {Targets: empty, TargetsFormat: "xml"},
	} {
		l, err := New(Options{BaseURL: "http://127.0.0.1:1"})
		if err != nil {
			t.Fatal(err)
		}
		r.Name = "upload"
		_, err = l.Prepare(r)
		l.Close()
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `"upload"`) {
			t.Errorf("got %v, want %q and the endpoint's name", err, want)
		}
	}
}

func TestNewErrors(t *testing.T) {
	for _, url := range []string{"", "127.0.0.1:80", "ftp://h", "http://", "http://u:p@h", "http://h?x=1"} {
		if _, err := New(Options{BaseURL: url}); err == nil {
			t.Errorf("%q: no error", url)
		}
	}
}
