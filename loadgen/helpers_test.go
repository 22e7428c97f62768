package loadgen

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// target is a server that counts the requests it sees and the connections it
// has open.
type target struct {
	*httptest.Server
	hits atomic.Int64
	mu   sync.Mutex
	cond *sync.Cond
	open map[net.Conn]bool
	ever int
}

func serve(t *testing.T, h http.HandlerFunc) *target {
	t.Helper()
	s := &target{open: map[net.Conn]bool{}}
	s.cond = sync.NewCond(&s.mu)
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.hits.Add(1)
		h(w, r)
	}))
	s.Config.ConnState = s.track
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetHTTP1(true)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func (s *target) track(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case http.StateNew:
		s.open[c] = true
		s.ever++
	case http.StateClosed, http.StateHijacked:
		delete(s.open, c)
	}
	s.cond.Broadcast()
}

// waitClosed returns when the server has seen every connection end; a
// connection that stays open hangs the test.
func (s *target) waitClosed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.open) > 0 {
		s.cond.Wait()
	}
}

func (s *target) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ever
}

func ok(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }

// block runs one block with 4 workers and checks what holds for every load.
func block(t *testing.T, url string, r Request, n int) recording.Load {
	t.Helper()
	l, e := prepared(t, url, r)
	load, err := l.Block(t.Context(), e, n)
	if err != nil {
		t.Fatal(err)
	}
	checkSums(t, load)
	return load
}

func prepared(t *testing.T, url string, r Request) (*Loader, *Endpoint) {
	t.Helper()
	l, err := New(Options{BaseURL: url, Workers: 4, Timeout: 5 * time.Second, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	if r.Path == "" && r.Targets == "" {
		r.Path = "/"
	}
	e, err := l.Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	return l, e
}

func checkSums(t *testing.T, l recording.Load) {
	t.Helper()
	var statuses, errors, buckets int
	for _, n := range l.Statuses {
		statuses += n
	}
	for _, n := range l.Errors {
		errors += n
	}
	for _, b := range l.Latency.Buckets {
		buckets += b.Count
	}
	if l.Requests != l.Landed+l.Failed || l.Requests != statuses || l.Failed != errors {
		t.Errorf("sums differ: requests %d, landed %d, failed %d, statuses %d, errors %d",
			l.Requests, l.Landed, l.Failed, statuses, errors)
	}
	if want := l.Requests - l.Statuses["0"]; buckets != want {
		t.Errorf("latency of %d answers, want %d", buckets, want)
	}
}
