package loadgen

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

func TestConnections(t *testing.T) {
	for name, c := range map[string]struct {
		client Client
		want   int
	}{
		"new":        {Client{NewConnection: true}, 40},
		"new, http2": {Client{NewConnection: true, HTTP2: true}, 40},
		"http2":      {Client{HTTP2: true}, 1},
		"pipelined":  {Client{Pipeline: 8}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, ok)
			load := block(t, s.URL, Request{Client: c.client}, 40)
			s.waitClosed()
			got := s.connections()
			if c.client.Pipeline > 0 { // a burst may find one that another has just left
				got = max(got, c.want)
			}
			if load.Landed != 40 || got != c.want || load.BytesIn == 0 || load.BytesOut == 0 {
				t.Errorf("landed %d on %d connections, %d bytes in, %d out; want 40 on %d: %v", load.Landed, got, load.BytesIn, load.BytesOut, c.want, load.Errors)
			}
		})
	}
}

// A client without keep-alive says so, and one of HTTP/2 must not.
func TestConnectionHeader(t *testing.T) {
	for _, c := range []struct {
		client Client
		want   string
	}{
		{Client{}, "HTTP/1.1 "},
		{Client{NewConnection: true}, "HTTP/1.1 close"},
		{Client{HTTP2: true, NewConnection: true}, "HTTP/2.0 "},
	} {
		var got atomic.Value
		s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			said := ""
			if r.Close {
				said = "close"
			}
			got.Store(r.Proto + " " + said)
		})
		block(t, s.URL, Request{Client: c.client}, 1)
		if got.Load() != c.want {
			t.Errorf("%+v: target saw %q, want %q", c.client, got.Load(), c.want)
		}
	}
}

// What is cut off in mid-upload arrives half, and ends in an error on the
// target's side.
func TestAbortUpload(t *testing.T) {
	const size = 100_000
	for name, client := range map[string]Client{"http1": {Abort: AbortUpload}, "http2": {Abort: AbortUpload, HTTP2: true}} {
		t.Run(name, func(t *testing.T) {
			var whole, halves atomic.Int64
			s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				switch n, err := io.Copy(io.Discard, r.Body); {
				case err == nil:
					whole.Add(1)
				case n == size/2:
					halves.Add(1)
				}
			})
			load := block(t, s.URL, Request{Method: "POST", Content: Content{BodySize: size}, Client: client}, 20)
			s.waitClosed()
			if load.Aborted != 20 || whole.Load() != 0 || halves.Load() == 0 {
				t.Errorf("%d aborted; target read %d whole, %d half: %v", load.Aborted, whole.Load(), halves.Load(), load.Errors)
			}
		})
	}
}

// A client that goes away when it has sent is seen to be gone before the
// answer.
func TestAbortSent(t *testing.T) {
	for name, client := range map[string]Client{"http1": {Abort: AbortSent}, "http2": {Abort: AbortSent, HTTP2: true}} {
		t.Run(name, func(t *testing.T) {
			var gone atomic.Int64
			s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				select {
				case <-r.Context().Done():
					gone.Add(1)
				case <-time.After(10 * time.Second):
				}
			})
			load := block(t, s.URL, Request{Client: client}, 20)
			s.waitClosed()
			if load.Aborted != 20 || load.Landed != 20 || gone.Load() != 20 {
				t.Errorf("%d landed, %d aborted, %d seen to be gone; want 20, 20, 20: %v", load.Landed, load.Aborted, gone.Load(), load.Errors)
			}
		})
	}
}

// No first byte within the timeout is a failure, and no abort.
func TestAbortFirstByte(t *testing.T) {
	for name, client := range map[string]Client{"http1": {Abort: AbortFirstByte}, "http2": {Abort: AbortFirstByte, HTTP2: true}} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/never" {
					<-r.Context().Done()
				}
			})
			never := block(t, s.URL, Request{Path: "/never", Timeout: 100 * time.Millisecond, Client: client}, 4)
			if never.Landed > 0 || never.Aborted > 0 || never.Errors["no answer within 100ms"] == 0 {
				t.Errorf("landed %d, aborted %d, want none: %v", never.Landed, never.Aborted, never.Errors)
			}
			if soon := block(t, s.URL, Request{Client: client}, 8); soon.Aborted != 8 {
				t.Errorf("aborted %d of 8: %v", soon.Aborted, soon.Errors)
			}
			s.waitClosed()
		})
	}
}

// An abort behind a login is one as well.
func TestAbortWithCaptures(t *testing.T) {
	s := serve(t, (&bank{holds: 1000}).serve)
	r := authorized
	r.Client = Client{Abort: AbortSent}
	l, e := prepared(t, s.URL, r)
	if err := login(t, l); err != nil {
		t.Fatal(err)
	}
	load, err := l.Block(t.Context(), e, 20)
	if err != nil || load.Aborted != 20 || load.Sent != 20 || load.Statuses["0"] != 20 {
		t.Errorf("%d aborted of %d, statuses %v, %v", load.Aborted, load.Sent, load.Statuses, err)
	}
}

// Each direction takes as long as its rate says: 50,000 bytes at 100,000 a
// second are half a second, less what a piece may be early.
func TestThrottle(t *testing.T) {
	const size, least = 50_000, 450 * time.Millisecond
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, strings.Repeat("x", size))
		}
	})
	rate := unit.BytesPerSecond(100_000)
	for name, r := range map[string]Request{
		"reads":         {Client: Client{ReadRate: rate}},
		"writes":        {Method: "POST", Content: Content{BodySize: size}, Client: Client{WriteRate: rate}},
		"reads, http2":  {Client: Client{ReadRate: rate, HTTP2: true, NewConnection: true}},
		"writes, http2": {Method: "POST", Content: Content{BodySize: size}, Client: Client{WriteRate: rate, HTTP2: true, NewConnection: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			load := block(t, s.URL, r, 4)
			if load.Landed != 4 || load.Latency.P50 < least {
				t.Errorf("landed %d in %v, want 4 in %v: %v", load.Landed, load.Latency.P50, least, load.Errors)
			}
		})
	}
}

// A burst is on the wire before the first answer.
func TestBurst(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var group sync.WaitGroup
	group.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { answerBursts(c, 4) })
		}
	})
	load := block(t, "http://"+listener.Addr().String(), Request{Client: Client{Pipeline: 4}}, 40)
	if load.Landed != 40 {
		t.Errorf("landed %d of 40: %v", load.Landed, load.Errors)
	}
	listener.Close()
	group.Wait()
}

// answerBursts answers when so many requests have come, to all of them.
func answerBursts(c net.Conn, n int) {
	defer c.Close()
	br := newReader(c)
	for {
		for range n {
			if _, err := http.ReadRequest(br); err != nil {
				return
			}
		}
		if _, err := io.WriteString(c, strings.Repeat("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", n)); err != nil {
			return
		}
	}
}

// The last burst of a block is as small as it must be, and a target that closes
// in the middle of one fails the rest of it.
func TestBurstRest(t *testing.T) {
	s := serve(t, ok)
	if load := block(t, s.URL, Request{Client: Client{Pipeline: 8}}, 21); load.Landed != 21 || s.hits.Load() != 21 {
		t.Errorf("landed %d, target saw %d; want 21: %v", load.Landed, s.hits.Load(), load.Errors)
	}
	closing := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") })
	load := block(t, closing.URL, Request{Client: Client{Pipeline: 4}, Workers: 1}, 40)
	if load.Landed != 10 || load.Failed != 30 {
		t.Errorf("landed %d, failed %d; want the first of each 4: %v", load.Landed, load.Failed, load.Errors)
	}
}

// A target that speaks only HTTP/1.1, plain or with TLS, is told by name.
func TestNoHTTP2(t *testing.T) {
	http1 := func(secure bool) *httptest.Server {
		s := httptest.NewUnstartedServer(http.HandlerFunc(ok))
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		if secure {
			s.TLS = &tls.Config{NextProtos: []string{"http/1.1"}}
			s.StartTLS()
		} else {
			s.Start()
		}
		t.Cleanup(s.Close)
		return s
	}
	for _, s := range []*httptest.Server{http1(false), http1(true)} {
		l, e := preparedTLS(t, s, Request{Client: Client{HTTP2: true}})
		load, err := l.Block(t.Context(), e, 20)
		if err != nil {
			t.Fatal(err)
		}
		if len(load.Errors) == 0 || load.Failed != 20 {
			t.Errorf("%s: failed %d for %v, want 20", s.URL, load.Failed, load.Errors)
		}
		for why := range load.Errors {
			if !strings.HasPrefix(why, NoHTTP2) {
				t.Errorf("%s: %q does not begin with %q", s.URL, why, NoHTTP2)
			}
		}
	}
}

func TestHTTP2OverTLS(t *testing.T) {
	var other atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			other.Add(1)
		}
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	l, e := preparedTLS(t, s, Request{Client: Client{HTTP2: true}})
	load, err := l.Block(t.Context(), e, 20)
	if err != nil || load.Landed != 20 || other.Load() != 0 {
		t.Errorf("landed %d, %d of another version, %v: %v", load.Landed, other.Load(), err, load.Errors)
	}
}

// preparedTLS trusts the server's certificate, where it has one.
func preparedTLS(t *testing.T, s *httptest.Server, r Request) (*Loader, *Endpoint) {
	t.Helper()
	o := Options{BaseURL: s.URL, Workers: 4, Timeout: 5 * time.Second}
	if cert := s.Certificate(); cert != nil {
		o.TLS = &tls.Config{RootCAs: x509.NewCertPool()}
		o.TLS.RootCAs.AddCert(cert)
	}
	l, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	r.Path = "/"
	e, err := l.Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	return l, e
}

// A target that closes the connection for its limit of resets, as Node.js does
// after 1,000, is not brought to it.
func TestHTTP2Resets(t *testing.T) {
	s := serve(t, ok)
	load := block(t, s.URL, Request{Client: Client{HTTP2: true, Abort: AbortFirstByte}}, 3*maxResets)
	s.waitClosed()
	if got := s.connections(); load.Aborted != 3*maxResets || got < 3 {
		t.Errorf("%d aborted on %d connections, want %d on 3 or more", load.Aborted, got, 3*maxResets)
	}
}

func TestImpossibleClients(t *testing.T) {
	l, err := New(Options{BaseURL: "http://localhost"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, r := range map[string]Request{
		"unknown abort":     {Client: Client{Abort: "soon"}},
		"two aborts":        {Client: Client{Abort: AbortSent}, AbortAfter: time.Second},
		"no body":           {Client: Client{Abort: AbortUpload}},
		"aborted flow":      {Client: Client{Abort: AbortSent}, Steps: []Step{{Path: "/"}}},
		"pipelined http2":   {Client: Client{Pipeline: 2, HTTP2: true}},
		"pipelined aborts":  {Client: Client{Pipeline: 2, Abort: AbortSent}},
		"pipelined capture": {Client: Client{Pipeline: 2}, Headers: map[string]string{"A": `{{capture "a"}}`}},
		"negative":          {Client: Client{ReadRate: -1}},
		"sine above":        {OpenRate: 5, Shape: Shape{Amplitude: 5, Period: time.Second}},
		"sine alone":        {Shape: Shape{Amplitude: 5, Period: time.Second}},
		"ramp alone":        {Shape: Shape{RampTo: 5}},
		"no period":         {OpenRate: 5, Shape: Shape{Amplitude: 4}},
		"both":              {OpenRate: 5, Shape: Shape{Amplitude: 4, Period: 1, RampTo: 5}},
	} {
		r.Path = "/"
		if _, err := l.Prepare(r); err == nil {
			t.Errorf("%s: prepared, want an error", name)
		}
	}
}
