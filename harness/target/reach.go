package target

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
)

// Reach is how an app is spoken to. The zero value is plain HTTP/1.1.
type Reach struct {
	TLS   *tls.Config // nil: plain
	HTTP2 bool        // nothing else, where there is no TLS to agree on it
}

// Scheme is that of the app's URL.
func (r Reach) Scheme() string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

// Answers fails unless the app at the base URL is trusted, and answers a GET of
// path with 2xx or 3xx; "" asks for nothing more. The error is an *Error when
// trying again does not mend it.
func (r Reach) Answers(ctx context.Context, base, path string) error {
	if r.TLS != nil {
		if err := r.shake(ctx, strings.TrimPrefix(base, "https://")); err != nil {
			return err
		}
	}
	if path == "" {
		return nil
	}
	return r.get(ctx, base+path)
}

// shake makes a TLS connection and ends it.
func (r Reach) shake(ctx context.Context, addr string) error {
	if host, _, found := strings.Cut(addr, "/"); found {
		addr = host
	}
	if _, _, err := net.SplitHostPort(addr); err != nil {
		addr = net.JoinHostPort(addr, "443")
	}
	config := r.TLS.Clone()
	config.NextProtos = []string{"h2", "http/1.1"}
	conn, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", addr)
	if err == nil {
		return conn.Close()
	}
	return explainTLS(err)
}

// TLSHint is for an app that is asked in plain HTTP, and speaks HTTPS.
const TLSHint = "the app speaks HTTPS: set target.tls, as {insecure: true} for a certificate that nobody trusts"

// SpeaksTLS reports whether what serves at a URL without TLS takes TLS connections.
func SpeaksTLS(ctx context.Context, url string) bool {
	addr, plain := strings.CutPrefix(url, "http://")
	if !plain {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, inspectorTimeout)
	defer cancel()
	config := &tls.Config{InsecureSkipVerify: true} //nolint:gosec // nothing is sent
	conn, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

// explainTLS gives an error of a handshake its hint, where one is known.
func explainTLS(err error) error {
	const ca = "target.tls.ca names a file with the certificate of the authority that signed it; insecure: true trusts any"
	var name x509.HostnameError
	var trust *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &name):
		return &Error{Kind: NotReady, Err: fmt.Errorf("the app's certificate is for another name: %w", name), Hint: "target.tls.server_name says which name it is for, as localhost"}
	case errors.As(err, &trust):
		return &Error{Kind: NotReady, Err: fmt.Errorf("the app's certificate is not trusted: %w", trust.Err), Hint: ca}
	case errors.As(err, &plain):
		return &Error{Kind: NotReady, Err: errors.New("the app does not speak TLS"), Hint: "leave target.tls away, or let the app serve HTTPS"}
	}
	return fmt.Errorf("begin TLS: %w", err)
}

// get fails unless url answers with 2xx or 3xx. It goes through no proxy.
func (r Reach) get(ctx context.Context, url string) error {
	if r.TLS == nil && !r.HTTP2 {
		return Get(ctx, url)
	}
	transport := local.Transport.(*http.Transport).Clone()
	transport.TLSClientConfig = r.TLS.Clone()
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetHTTP1(!r.HTTP2)
	transport.Protocols.SetHTTP2(true)
	transport.Protocols.SetUnencryptedHTTP2(r.HTTP2)
	err := get(ctx, &http.Client{Transport: transport, CheckRedirect: local.CheckRedirect}, url)
	if err != nil && strings.Contains(err.Error(), "looked like an HTTP/1.1 header") { // the library has no value for it
		return &Error{
			Kind: NotReady, Err: errors.New("the app answers in HTTP/1.1, and all endpoints ask for HTTP/2"),
			Hint: "leave client.http away, or let the app serve HTTP/2, by http2.createServer()",
		}
	}
	return err
}
