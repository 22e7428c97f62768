package loadgen

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"
)

var answers = []string{
	"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: Sat, 21 Nov 2026 10:00:00 GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 5\r\n\r\nhello",
	"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
	"HTTP/1.1 200\r\nContent-Length:3\r\n\r\nabc",
	"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
	"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
	"HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
	"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n",
	"HTTP/1.1 200 OK\r\nX-Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
	"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\n",
}

// The first three are plain; each of the others has something that
// http.ReadResponse must judge.
func TestPlainAnswer(t *testing.T) {
	for i, a := range answers {
		if _, _, _, ok := plainAnswer([]byte(a)); ok != (i < 3) {
			t.Errorf("plainAnswer(%q) = %v, want %v", a, ok, i < 3)
		}
	}
}

// FuzzPlainAnswer holds what plainAnswer takes against the standard library.
func FuzzPlainAnswer(f *testing.F) {
	for _, a := range answers {
		f.Add([]byte(a))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		status, head, body, ok := plainAnswer(b)
		if !ok {
			return
		}
		r := bufio.NewReader(bytes.NewReader(append(bytes.Clone(b), make([]byte, body)...)))
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatalf("took %q, which is no answer: %v", b, err)
		}
		defer resp.Body.Close()
		n, err := io.Copy(io.Discard, resp.Body)
		if err != nil || resp.StatusCode != status || resp.Close || n != int64(body) {
			t.Fatalf("%q: status %d, body %d; want %d, %d, kept open (close %v, %v)", b, status, body, resp.StatusCode, n, resp.Close, err)
		}
		if rest := len(b) + body - head - body; r.Buffered() != rest {
			t.Fatalf("%q: head of %d bytes leaves %d, want %d", b, head, rest, r.Buffered())
		}
	})
}
