package loadgen

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBlockSendsExactlyN(t *testing.T) {
	for _, n := range []int{0, 1, 3, 4, 1000} {
		s := serve(t, ok)
		load := block(t, s.URL, Request{}, n)
		s.waitClosed()
		if got := int(s.hits.Load()); got != n || load.Landed != n {
			t.Errorf("n = %d: target saw %d, landed %d", n, got, load.Landed)
		}
		if got, most := s.connections(), min(n, 4); got > most {
			t.Errorf("n = %d: %d connections, want at most %d (kept alive, one a worker)", n, got, most)
		}
	}
}

func TestBlockCounts(t *testing.T) {
	s := serve(t, ok)
	load := block(t, s.URL, Request{Method: "POST", Body: []byte("abc")}, 20)
	if diff := cmp.Diff(map[string]int{"200": 20}, load.Statuses); diff != "" {
		t.Error(diff)
	}
	if load.Workers != 4 || load.Rate <= 0 || load.Saturated || load.Errors != nil {
		t.Errorf("got workers %d, rate %v, saturated %v, errors %v", load.Workers, load.Rate, load.Saturated, load.Errors)
	}
	lat := load.Latency
	if lat.Mean <= 0 || lat.P50 > lat.P95 || lat.P95 > lat.P99 || lat.P99 > lat.Max {
		t.Errorf("latency out of order: %+v", lat)
	}
	if int(load.BytesIn) < 20*len("HTTP/1.1 200 OK\r\n\r\nhello") || int(load.BytesOut) < 20*len("POST / HTTP/1.1\r\n\r\nabc") {
		t.Errorf("got %d bytes in and %d out", load.BytesIn, load.BytesOut)
	}
}

// A target that ends each third connection without an answer: net/http's
// client would send some of these GETs twice.
func TestBlockNeverRetries(t *testing.T) {
	var turn sync.Mutex
	count := 0
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		turn.Lock()
		count++
		bad := count%3 == 0
		turn.Unlock()
		if bad {
			panic(http.ErrAbortHandler)
		}
		ok(w, r)
	})
	load := block(t, s.URL, Request{}, 150)
	if got := s.hits.Load(); got != 150 || load.Landed != 100 || load.Failed != 50 {
		t.Errorf("target saw %d, landed %d, failed %d; want 150, 100, 50: %v", got, load.Landed, load.Failed, load.Errors)
	}
}

// A target that closes each connection after its answer without saying so.
func TestBlockReplacesClosedConnections(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(newReader(c)); err != nil {
				t.Error(err)
			}
			_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			_ = c.Close()
		}
	})
	l, e := prepared(t, "http://"+ln.Addr().String(), Request{Workers: 1, OpenRate: 100})
	load, err := l.Block(t.Context(), e, 10)
	if err != nil || load.Landed != 10 {
		t.Errorf("landed %d, errors %v, %v", load.Landed, load.Errors, err)
	}
	_ = ln.Close()
	served.Wait()
}

func TestBlockFailures(t *testing.T) {
	release := make(chan struct{})
	gone := httptest.NewServer(http.HandlerFunc(ok))
	gone.Close()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc // nil: nothing listens
		request Request
		n       int
		landed  int
		failed  int // all for one reason
		reason  string
		status  string
	}{
		"refused":         {n: 8, failed: 8, reason: "connection refused", status: "0"},
		"500":             {handler: status(500), n: 8, failed: 8, reason: "unexpected status 500", status: "500"},
		"expected 404":    {handler: status(404), request: Request{Expect: func(c int) bool { return c == 404 }}, n: 8, landed: 8, status: "404"},
		"200 for 404":     {handler: ok, request: Request{Expect: func(c int) bool { return c == 404 }}, n: 8, failed: 8, reason: "unexpected status 200", status: "200"},
		"redirect":        {handler: http.RedirectHandler("/x", 302).ServeHTTP, n: 8, landed: 8, status: "302"},
		"head":            {handler: ok, request: Request{Method: "HEAD"}, n: 8, landed: 8, status: "200"},
		"cut in the body": {handler: cutOff, n: 8, failed: 8, reason: "answer cut off: the target closed the connection", status: "0"},
		"hangs": {
			handler: func(http.ResponseWriter, *http.Request) { <-release }, request: Request{Timeout: time.Second},
			n: 4, failed: 4, reason: "no answer within 1s", status: "0",
		},
		"nothing lands from the first": {handler: status(500), request: Request{Workers: 1}, n: 500, failed: 50, reason: "unexpected status 500", status: "500"},
	} {
		t.Run(name, func(t *testing.T) {
			url, hits := gone.URL, func() int { return c.n }
			if c.handler != nil {
				s := serve(t, c.handler)
				t.Cleanup(s.waitClosed)
				url, hits = s.URL, func() int { return int(s.hits.Load()) }
			}
			if name == "hangs" {
				t.Cleanup(func() { close(release) })
			}
			load := block(t, url, c.request, c.n)
			if load.Landed != c.landed || load.Failed < c.failed || load.Failed > c.failed+1 {
				t.Errorf("landed %d, failed %d; want %d, %d", load.Landed, load.Failed, c.landed, c.failed)
			}
			if c.failed > 0 && load.Errors[c.reason] < c.failed {
				t.Errorf("got errors %v, want %d x %q", load.Errors, c.failed, c.reason)
			}
			if load.Statuses[c.status] < c.landed+c.failed {
				t.Errorf("got statuses %v, want %s", load.Statuses, c.status)
			}
			if c.handler != nil && hits() < c.landed+c.failed {
				t.Errorf("target saw %d requests", hits())
			}
		})
	}
}

func cutOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = w.Write([]byte("only this"))
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// Half of many: the first requests land, then every one fails.
func TestBlockGivesUpOnMostlyFailing(t *testing.T) {
	var s *target
	s = serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if s.hits.Load() > 150 {
			w.WriteHeader(503)
		}
	})
	load := block(t, s.URL, Request{Workers: 1}, 10_000)
	// 150 landed, so the 301st is the first at which over half have failed.
	if load.Landed != 150 || load.Failed < 151 || load.Failed > 153 {
		t.Errorf("landed %d, failed %d; want 150 and about 151", load.Landed, load.Failed)
	}
}

func TestAbort(t *testing.T) {
	closed := make(chan struct{}, 12)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/stream" {
			ok(w, r)
			_ = http.NewResponseController(w).Flush()
		}
		if r.URL.Path != "/fast" {
			<-r.Context().Done() // ends when the client closes the connection
			closed <- struct{}{}
		}
	})
	for path, aborted := range map[string]int{"/slow": 6, "/stream": 6, "/fast": 0} {
		s.hits.Store(0)
		after := 100 * time.Millisecond
		if aborted == 0 {
			after = 4 * time.Second
		}
		load := block(t, s.URL, Request{Path: path, AbortAfter: after}, 6)
		for range aborted {
			<-closed
		}
		if got := s.hits.Load(); got != 6 || load.Landed != 6 || load.Aborted != aborted || load.Failed != 0 {
			t.Errorf("%s: target saw %d, landed %d, aborted %d, failed %d; want 6, 6, %d, 0: %v",
				path, got, load.Landed, load.Aborted, load.Failed, aborted, load.Errors)
		}
	}
	s.waitClosed()
}

// What was never sent is not an aborted request.
func TestAbortOfUnsentIsFailure(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(ok))
	s.Close()
	load := block(t, s.URL, Request{AbortAfter: 50 * time.Millisecond}, 5)
	if load.Aborted != 0 || load.Failed != 5 {
		t.Errorf("aborted %d, failed %d; want 0, 5", load.Aborted, load.Failed)
	}
}

func TestCancelIsPrompt(t *testing.T) {
	for name, r := range map[string]Request{
		"in flight": {Path: "/hang"},
		"pacing":    {Path: "/", OpenRate: 0.01},
	} {
		t.Run(name, func(t *testing.T) {
			arrived := make(chan struct{}, 4)
			s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				arrived <- struct{}{}
				<-r.Context().Done()
			})
			l, e := prepared(t, s.URL, r)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var cancelled time.Time
			go func() {
				if r.OpenRate == 0 {
					for range 4 {
						<-arrived
					}
				}
				cancelled = time.Now()
				cancel()
			}()
			load, err := l.Block(ctx, e, 1000)
			if took := time.Since(cancelled); took > time.Second {
				t.Errorf("returned %v after it was cancelled", took)
			}
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want context.Canceled", err)
			}
			if want := int(s.hits.Load()); load.Requests != want {
				t.Errorf("counted %d requests, target saw %d", load.Requests, want)
			}
			checkSums(t, load)
			s.waitClosed()
		})
	}
}

func TestCloseEndsBlocks(t *testing.T) {
	var l *Loader
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		l.Close()
		<-r.Context().Done()
	})
	l, e := prepared(t, s.URL, Request{})
	for range 2 { // the second is refused at once
		if _, err := l.Block(t.Context(), e, 10); !errors.Is(err, errClosed) {
			t.Errorf("got %v, want %v", err, errClosed)
		}
	}
}

func TestOpenLoop(t *testing.T) {
	free := serve(t, ok)
	load := block(t, free.URL, Request{OpenRate: 200}, 60)
	if load.Landed != 60 || load.OpenRate != 200 || load.Rate > 210 {
		t.Errorf("landed %d at %v, asked for %v", load.Landed, load.Rate, load.OpenRate)
	}
	var one sync.Mutex // serves at most 100 requests a second, one at a time
	busy := serve(t, func(http.ResponseWriter, *http.Request) {
		one.Lock()
		defer one.Unlock()
		time.Sleep(10 * time.Millisecond)
	})
	load = block(t, busy.URL, Request{OpenRate: 1000}, 60)
	if !load.Saturated || load.Landed != 60 {
		t.Errorf("saturated %v, landed %d at %v, asked for %v", load.Saturated, load.Landed, load.Rate, load.OpenRate)
	}
}

func TestSaturated(t *testing.T) {
	began := time.Now()
	for name, c := range map[string]struct {
		requests int
		took     time.Duration // from the first answer to the last
		peak     int64         // of 100 workers
		want     bool
	}{
		"on time":        {101, time.Second, 5, false},
		"a little late":  {101, 1100 * time.Millisecond, 5, false}, // 100/1.1 = 90.9 a second
		"late":           {101, 1120 * time.Millisecond, 5, true},  // 100/1.12 = 89.3 a second
		"no worker left": {101, time.Second, 100, true},
		"one request":    {1, 0, 1, false},
	} {
		count := tally{began: began, first: began.Add(time.Second)}
		count.last = count.first.Add(c.took)
		count.load.Requests = c.requests
		tr := new(transport)
		tr.peak.Store(c.peak)
		if got := summarise(&count, tr, &Endpoint{openRate: 100}, 100).Saturated; got != c.want {
			t.Errorf("%s: saturated %v, want %v", name, got, c.want)
		}
	}
}

// A body that is longer than the sockets hold, echoed while it is read.
func TestLongBodies(t *testing.T) {
	body := strings.Repeat("x", 8<<20)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		if n, err := io.Copy(w, r.Body); err != nil || n != int64(len(body)) {
			t.Errorf("echoed %d bytes: %v", n, err)
		}
	})
	load := block(t, s.URL, Request{Method: "POST", Body: []byte(body), BodyRaw: true}, 6)
	if load.Landed != 6 || int(load.BytesIn) < 6*len(body) || int(load.BytesOut) < 6*len(body) {
		t.Errorf("landed %d, %d bytes in, %d out: %v", load.Landed, load.BytesIn, load.BytesOut, load.Errors)
	}
}
