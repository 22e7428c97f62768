package loadgen

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/leakcheck/leakcheck/loadgen/jsonpointer"
	"github.com/leakcheck/leakcheck/sampler/recording"
)

func pointer(t *testing.T, text string) *jsonpointer.Pointer {
	t.Helper()
	p, err := jsonpointer.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// shop sells to whoever has a cart, which a cookie and an id name.
type shop struct {
	mu    sync.Mutex
	carts map[string]int
	wrong atomic.Int64 // requests out of order, or of another user
}

func (s *shop) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path == "/cart" {
		if len(r.Cookies()) > 0 {
			s.wrong.Add(1) // a visit begins without
		}
		id := fmt.Sprint(len(s.carts))
		s.carts[id] = 0
		http.SetCookie(w, &http.Cookie{Name: "cart", Value: id, Path: "/items"})
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"cart": {"id": %s}}`, id)
		return
	}
	c, err := r.Cookie("cart")
	if err != nil || r.URL.Path != "/items/"+c.Value {
		s.wrong.Add(1)
		w.WriteHeader(http.StatusConflict)
		return
	}
	s.carts[c.Value]++
	fmt.Fprintf(w, `{"items": %d}`, s.carts[c.Value])
}

func shopping(t *testing.T) Request {
	one := "1"
	return Request{Name: "shop", Steps: []Step{
		{
			Name: "open", Method: "POST", Path: "/cart", Expect: func(s int) bool { return s == http.StatusCreated },
			Captures: []Capture{{Name: "cart", JSON: pointer(t, "/cart/id")}},
		},
		{Name: "add", Method: "PUT", Path: `/items/{{capture "cart"}}`, Check: Check{JSON: pointer(t, "/items"), Equals: &one}},
		{Name: "see", Path: `/items/{{capture "cart"}}`, Check: Check{Contains: `"items": 2`}},
	}}
}

// Each flow is a visit of its own: its steps in order, with its own cookies
// and captures, all of them counted, on one connection for each worker.
func TestFlow(t *testing.T) {
	s := &shop{carts: map[string]int{}}
	srv := serve(t, s.serve)
	l, e := prepared(t, srv.URL, shopping(t))
	load, err := l.Block(t.Context(), e, 500)
	if err != nil {
		t.Fatal(err)
	}
	srv.waitClosed()
	got := map[string]int{
		"flows": load.Requests, "landed": load.Landed, "failed": load.Failed, "sent": load.Sent, "seen": int(srv.hits.Load()),
		"carts": len(s.carts), "wrong": int(s.wrong.Load()), "connections": srv.connections(),
	}
	want := map[string]int{
		"flows": 500, "landed": 500, "failed": 0, "sent": 1500, "seen": 1500, "carts": 500, "wrong": 0, "connections": 4,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"200": 1000, "201": 500}, load.Statuses); diff != "" {
		t.Errorf("statuses -want +got:\n%s", diff)
	}
}

// A step that fails ends its flow and is named; the steps after it are not sent.
func TestFlowFails(t *testing.T) {
	tests := []struct {
		name  string
		edit  func(*Request)
		why   string
		steps int // sent in each flow
	}{
		{"status", func(r *Request) { r.Steps[1].Path = "/items/none" }, `step "add": unexpected status 409`, 2},
		{"check", func(r *Request) { r.Steps[2].Check.Contains = "sold" }, `step "see": the body does not contain "sold"`, 3},
		{"capture", func(r *Request) { r.Steps[0].Captures[0].JSON = pointer(t, "/id") }, `step "open": capture "cart": the body has nothing at /id`, 1},
		{"no JSON", func(r *Request) { r.Steps[1].Path = "/none"; r.Steps[1].Expect = func(int) bool { return true } }, `step "add": the body is not JSON`, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &shop{carts: map[string]int{}}
			srv := serve(t, s.serve)
			r := shopping(t)
			tt.edit(&r)
			l, e := prepared(t, srv.URL, r)
			load, err := l.Block(t.Context(), e, 20)
			if err != nil {
				t.Fatal(err)
			}
			srv.waitClosed()
			if diff := cmp.Diff(map[string]int{tt.why: 20}, load.Errors); diff != "" {
				t.Errorf("errors -want +got:\n%s", diff)
			}
			if want := 20 * tt.steps; load.Sent != want || int(srv.hits.Load()) != want {
				t.Errorf("sent %d, seen %d, want %d", load.Sent, srv.hits.Load(), want)
			}
		})
	}
}

// bank gives out tokens, each of which holds for some requests.
type bank struct {
	logins, left atomic.Int64
	holds        int64
}

func (b *bank) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/login" {
		b.left.Store(b.holds)
		fmt.Fprintf(w, `{"token": "secret-%d"}`, b.logins.Add(1))
		return
	}
	if r.Header.Get("Authorization") != fmt.Sprintf("Bearer secret-%d", b.logins.Load()) || b.left.Add(-1) < 0 {
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func login(t *testing.T, l *Loader) error {
	t.Helper()
	err := l.PrepareSetup([]Step{{
		Name: "log in", Method: "POST", Path: "/login", Captures: []Capture{{Name: "token", JSON: pointer(t, "/token")}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return l.Setup(t.Context())
}

var authorized = Request{Name: "account", Headers: map[string]string{"Authorization": `Bearer {{capture "token"}}`}}

// Values that expire are renewed: nothing fails, and each request is counted,
// those that were refused and the logins too.
func TestSetupAgain(t *testing.T) {
	b := &bank{holds: 400}
	srv := serve(t, b.serve)
	l, e := prepared(t, srv.URL, authorized)
	if err := login(t, l); err != nil {
		t.Fatal(err)
	}
	before := int(srv.hits.Load())
	load, err := l.Block(t.Context(), e, 1000)
	if err != nil {
		t.Fatal(err)
	}
	srv.waitClosed()
	if load.Landed != 1000 || load.Setups != int(b.logins.Load())-1 || load.Setups < 2 {
		t.Errorf("landed %d with %d setups of %d logins; errors %v", load.Landed, load.Setups, b.logins.Load(), load.Errors)
	}
	if seen := int(srv.hits.Load()) - before; load.Sent != seen || load.Sent != 1000+load.Expired+load.Setups {
		t.Errorf("sent %d, seen %d, expired %d, setups %d", load.Sent, seen, load.Expired, load.Setups)
	}
}

// Values that never work are not renewed, and a refusal is a failure.
func TestSetupNeverWorks(t *testing.T) {
	b := &bank{}
	srv := serve(t, b.serve)
	l, e := prepared(t, srv.URL, authorized)
	if err := login(t, l); err != nil {
		t.Fatal(err)
	}
	load, err := l.Block(t.Context(), e, 20)
	if err != nil {
		t.Fatal(err)
	}
	want := recording.Load{Failed: 20, Sent: 20, Errors: map[string]int{UnexpectedStatus(401): 20}}
	got := recording.Load{Failed: load.Failed, Sent: load.Sent, Setups: load.Setups, Errors: load.Errors}
	if diff := cmp.Diff(want, got); diff != "" || b.logins.Load() != 1 {
		t.Errorf("%d logins; -want +got:\n%s", b.logins.Load(), diff)
	}
}

// A setup that fails says which step, and nothing of what was answered.
func TestSetupFails(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"secret": "s3cret"}`) })
	l, _ := prepared(t, srv.URL, Request{Name: "x"})
	err := login(t, l)
	var step *StepError
	if !errors.As(err, &step) || step.Index != 0 || !errors.As(err, new(*MissingError)) {
		t.Fatalf("got %v, want a missing capture of step 0", err)
	}
	if strings.Contains(err.Error(), "s3cret") {
		t.Errorf("%q quotes the answer", err)
	}
	srv.waitClosed()
}

// A flow that thinks ends with its block.
func TestThinkIsInterrupted(t *testing.T) {
	srv := serve(t, ok)
	l, e := prepared(t, srv.URL, Request{Name: "slow", Steps: []Step{{Name: "read", Path: "/", Think: time.Hour}}})
	time.AfterFunc(200*time.Millisecond, l.Close)
	load, err := l.Block(t.Context(), e, 4)
	if !errors.Is(err, errClosed) || load.Failed != load.Requests {
		t.Errorf("%v, %d of %d failed", err, load.Failed, load.Requests)
	}
	srv.waitClosed()
}

func TestCapture(t *testing.T) {
	r := &reply{header: http.Header{"X-Id": {"7"}, "Set-Cookie": {"sid=abc; Path=/"}}, body: []byte(`{"a": [{"b/c": 12345678901234567890}], "n": null} csrf="t-1"`)}
	tests := []struct {
		capture   Capture
		want, why string
	}{
		{Capture{JSON: pointer(t, "/a/0/b~1c")}, "12345678901234567890", ""},
		{Capture{JSON: pointer(t, "/a/00")}, "", "nothing at /a/00"},
		{Capture{JSON: pointer(t, "/a")}, "", "an object or a list"},
		{Capture{JSON: pointer(t, "/n")}, "", "is null"},
		{Capture{Header: "x-id"}, "7", ""},
		{Capture{Header: "X-None"}, "", "no header X-None"},
		{Capture{Cookie: "sid"}, "abc", ""},
		{Capture{Cookie: "uid"}, "", "no cookie uid"},
	}
	for _, tt := range tests {
		got, err := tt.capture.from(r)
		if got != tt.want || (err == nil) != (tt.why == "") || err != nil && !strings.Contains(err.Error(), tt.why) {
			t.Errorf("%+v: got %q, %v; want %q, %q", tt.capture, got, err, tt.want, tt.why)
		}
	}
}

func TestWithCookies(t *testing.T) {
	tests := []struct{ wire, want string }{
		{"GET / HTTP/1.1\r\nHost: x\r\n\r\nbody", "GET / HTTP/1.1\r\nCookie: a=1\r\nHost: x\r\n\r\nbody"},
		{"GET / HTTP/1.1\r\nHost: x\r\ncookie: b=2\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nCookie: a=1; b=2\r\n\r\n"},
		{"PUT / HTTP/1.1\r\nA: b\r\n\r\ncookie: c\r\n\r\nd", "PUT / HTTP/1.1\r\nCookie: a=1\r\nA: b\r\n\r\ncookie: c\r\n\r\nd"},
	}
	for _, tt := range tests {
		if got := string(withCookies([]byte(tt.wire), []byte("a=1"))); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
