package loadgen

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQuery(t *testing.T) {
	tricky := "a&b=c #é+%/?\r\n\x00"
	for name, c := range map[string]struct {
		path  string
		query map[string]string
		want  map[string][]string
	}{
		"new":       {"/a", map[string]string{"q": "{{seq}} & {{seq}}", "n m": "1"}, map[string][]string{"q": {"1 & 1"}, "n m": {"1"}}},
		"more":      {"/a?b=c", map[string]string{"q": tricky}, map[string][]string{"b": {"c"}, "q": {tricky}}},
		"templated": {`/a?{{pick "b=c"}}`, map[string]string{"q": "x"}, map[string][]string{"b": {"c"}, "q": {"x"}}},
	} {
		t.Run(name, func(t *testing.T) {
			var got map[string][]string
			s := serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.URL.Query() })
			load := block(t, s.URL, Request{Path: c.path, Content: Content{Query: c.query}}, 1)
			if diff := cmp.Diff(c.want, got); diff != "" || load.Landed != 1 {
				t.Errorf("landed %d: %s", load.Landed, diff)
			}
		})
	}
}

// upload is what a server understood of a form.
type upload struct{ Title, FileName, Type, File, Blob string }

func readForm(t *testing.T, r *http.Request) (u upload) {
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		t.Error(err)
		return u
	}
	u.Title = r.FormValue("title")
	file := func(name string) string {
		f, head, err := r.FormFile(name)
		if err != nil {
			t.Error(err)
			return ""
		}
		defer f.Close()
		u.FileName, u.Type = head.Filename, head.Header.Get("Content-Type")
		content, _ := io.ReadAll(f)
		return string(content)
	}
	u.Blob = file("blob")
	u.File = file("photo")
	return u
}

func TestMultipart(t *testing.T) {
	var mu sync.Mutex
	var got []upload
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, readForm(t, r))
	})
	png := "\x89PNG\r\n\x1a\n{{seq}}--\r\n"
	load := block(t, s.URL, Request{Method: "POST", Workers: 1, Content: Content{Multipart: []FormPart{
		{Name: "title", Value: "no. {{seq}}"},
		{Name: "photo", File: []byte(png), FileName: "a\"{{seq}}\".png", Type: "image/png"},
		{Name: "blob", Size: 70_000, FileName: "generated.bin"},
	}}}, 2)
	if load.Landed != 2 || len(got) != 2 {
		t.Fatalf("landed %d, seen %d: %v", load.Landed, len(got), load.Errors)
	}
	if len(got[0].Blob) != 70_000 || got[0].Blob != got[1].Blob {
		t.Errorf("generated %d and %d bytes, want the same 70,000", len(got[0].Blob), len(got[1].Blob))
	}
	got[1].Blob = ""
	if diff := cmp.Diff(upload{"no. 2", "a%222%22.png", "image/png", png, ""}, got[1]); diff != "" {
		t.Error(diff)
	}
}

func TestGzip(t *testing.T) {
	for name, r := range map[string]Request{
		"text":      {Body: []byte(strings.Repeat("hello ", 1000))},
		"templates": {Body: []byte(strings.Repeat("{{seq}} ", 1000))},
		"generated": {Content: Content{BodySize: 6000}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []byte
			var encoded int64
			s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Content-Encoding") != "gzip" {
					t.Error("no Content-Encoding: gzip")
				}
				encoded = r.ContentLength
				z, err := gzip.NewReader(r.Body)
				if err != nil {
					t.Error(err)
					return
				}
				got, _ = io.ReadAll(z)
			})
			plain := r
			var want []byte
			p := serve(t, func(_ http.ResponseWriter, r *http.Request) { want, _ = io.ReadAll(r.Body) })
			plain.Method = "POST"
			block(t, p.URL, plain, 1)
			r.Method, r.Gzip = "POST", true
			block(t, s.URL, r, 1)
			if !bytes.Equal(want, got) || len(got) == 0 || encoded >= int64(len(got)) {
				t.Errorf("got %d bytes of %d on the wire, want %d", len(got), encoded, len(want))
			}
		})
	}
}
