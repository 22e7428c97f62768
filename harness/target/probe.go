package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// probeTimeout bounds one attempt: a request that an app took in while it was
// loading may never be answered.
const probeTimeout = 5 * time.Second

// probe asks whether the app is ready, and remembers what it found.
type probe struct {
	port      int
	path      string // "" asks only for a connection
	spoken    Reach
	logged    func() bool
	connected bool
	url       string // where it answered
	problem   error  // of the last HTTP attempt
}

// try is true once the app is ready.
func (p *probe) try(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	addr := p.reach(ctx)
	if addr == "" {
		return false
	}
	p.connected = true
	if !p.logged() {
		return false
	}
	p.url = p.spoken.Scheme() + "://" + addr
	p.problem = p.spoken.Answers(ctx, p.url, p.path)
	return p.problem == nil
}

// permanent is why trying again does not help, if so.
func (p *probe) permanent() *Error {
	var e *Error
	errors.As(p.problem, &e)
	return e
}

// reach is the loopback address that takes a connection, "" when none does.
func (p *probe) reach(ctx context.Context) string {
	v4 := net.JoinHostPort(loopbacks[0], strconv.Itoa(p.port))
	v6 := net.JoinHostPort(loopbacks[1], strconv.Itoa(p.port))
	if dial(ctx, v4) {
		return v4
	}
	if !dial(ctx, v6) {
		return ""
	}
	if dial(ctx, v4) { // it began to listen on both just now
		return v4
	}
	return v6
}

// Listens reports whether something takes connections at the URL of an app.
func Listens(ctx context.Context, app string) bool {
	u, err := url.Parse(app)
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	return dial(ctx, net.JoinHostPort(u.Hostname(), strconv.Itoa(portOf(u))))
}

func dial(ctx context.Context, addr string) bool {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// requestContext is the key of a request's own context: net/http goes on dialing
// for a request that was given up, for minutes where nothing answers.
type requestContext struct{}

// local reaches this machine's processes: no proxy, no redirect followed, and
// no connection left behind.
var local = &http.Client{
	Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if own, ok := ctx.Value(requestContext{}).(context.Context); ok {
				ctx = own
			}
			return new(net.Dialer).DialContext(ctx, network, addr)
		},
	},
	CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	},
}

// answer is what a request to this machine gets.
func answer(client *http.Client, req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	return client.Do(req.WithContext(context.WithValue(ctx, requestContext{}, ctx)))
}

// Get fails unless url answers with 2xx or 3xx. It goes through no proxy.
func Get(ctx context.Context, url string) error { return get(ctx, local, url) }

func get(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	resp, err := answer(client, req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 399 {
		return fmt.Errorf("GET %s: answered %s", url, resp.Status)
	}
	return nil
}
