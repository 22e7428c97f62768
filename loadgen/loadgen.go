// Package loadgen drives one endpoint at a time: a block of exactly n requests
// by vegeta's library, closed-loop (a fixed number of workers, each waiting for
// its answer) or open-loop (a constant rate). It counts what landed.
//
// vegeta paces, hands out targets and collects results; the requests
// themselves go over a small HTTP/1.1 transport of this package, because
// net/http's costs more processor time than the target beside it can spare and
// sends a GET again, uncounted, when a kept connection closes under it.
package loadgen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/leakcheck/leakcheck/loadgen/rows"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// What a zero field of Options stands for.
const (
	DefaultWorkers = 10
	DefaultTimeout = 10 * time.Second
)

// Request is the load of one endpoint. Path, the values of Headers, and Body
// are templates.
type Request struct {
	Name    string
	Method  string // "" is GET
	Path    string // from the root, with its query
	Headers map[string]string
	Body    []byte
	BodyRaw bool // Body is sent as it is
	Content
	// Steps are a flow, which is sent in order as one unit of the load, instead
	// of Method, Path, Headers, Body and Expect.
	Steps []Step
	// Driver performs the endpoint's operations instead; of the rest, Timeout and
	// Workers hold for it.
	Driver Driver
	// Targets is a vegeta targets file to send in turn, instead of Method, Path
	// and Body. Hosts in it are replaced by that of the base URL, body files are
	// relative to it, and Headers are added where a target has none of the name.
	Targets       string
	TargetsFormat string // "http" (also "") or "json"
	// Data, when there is some, gives each request (or flow) a row, which
	// {{data "column"}} refers to.
	Data      *rows.Table
	DataOrder Order
	Expect    func(status int) bool // nil: 200 to 399
	// AbortAfter is how long after sending begins the client gives up on
	// purpose and closes the connection; 0 never.
	AbortAfter time.Duration
	Timeout    time.Duration  // 0: that of Options
	Workers    int            // 0: that of Options
	OpenRate   unit.PerSecond // 0: closed loop
	Shape      Shape          // of OpenRate
	Client     Client
}

// Options are what the endpoints of one target have in common.
type Options struct {
	BaseURL   string // "http://127.0.0.1:3000", or https; a path is put before every endpoint's
	Workers   int    // 0: DefaultWorkers
	Timeout   time.Duration
	Seed      uint64                      // of the templates' random values
	LookupEnv func(string) (string, bool) // nil: nothing is set
	// TLS is how a target that is reached by https is trusted; nil: by the
	// machine's authorities.
	TLS        *tls.Config
	SetupHTTP2 bool // the setup is sent over HTTP/2
}

// Loader sends load to one target. It may be used by several goroutines.
type Loader struct {
	opts   Options
	host   string // of the Host header
	addr   string // to dial
	prefix string // the base URL's path, without a slash at its end
	tls    *tls.Config
	seq    atomic.Uint64
	setup  setup
	closed context.Context
	close  context.CancelFunc
}

// New returns a Loader for the target at o.BaseURL. It sends nothing yet.
func New(o Options) (*Loader, error) {
	base, err := parseBase(o.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("parse base URL %q: %w", o.BaseURL, err)
	}
	if o.Workers == 0 {
		o.Workers = DefaultWorkers
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.LookupEnv == nil {
		o.LookupEnv = func(string) (string, bool) { return "", false }
	}
	l := &Loader{opts: o, host: base.Host, addr: dialAddr(base), prefix: strings.TrimRight(base.EscapedPath(), "/")}
	if base.Scheme == "https" {
		l.tls = tlsConfig(o.TLS, base.Hostname())
	}
	l.closed, l.close = context.WithCancel(context.Background())
	return l, nil
}

// Close ends the blocks that still run, and refuses new ones.
func (l *Loader) Close() { l.close() }

func parseBase(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("scheme %q is not http or https", u.Scheme)
	case u.Hostname() == "":
		return nil, errors.New("no host")
	case u.User != nil:
		return nil, errors.New("user and password are not supported: set an Authorization header")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("a query or fragment has no meaning here")
	}
	return u, nil
}

func dialAddr(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func tlsConfig(given *tls.Config, host string) *tls.Config {
	config := &tls.Config{}
	if given != nil {
		config = given.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = host
	}
	config.NextProtos = []string{"http/1.1"}
	return config
}
