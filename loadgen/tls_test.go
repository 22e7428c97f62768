package loadgen

import (
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(ok))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of each client that does not trust it
	s.StartTLS()
	defer s.Close()
	l, e := prepared(t, s.URL, Request{})
	load, err := l.Block(t.Context(), e, 20)
	if err != nil {
		t.Fatal(err)
	}
	if load.Failed != 20 || len(load.Errors) != 1 {
		t.Errorf("unknown authority: %d failed for %v, want 20 for one reason", load.Failed, load.Errors)
	}
	l.tls.RootCAs = x509.NewCertPool()
	l.tls.RootCAs.AddCert(s.Certificate())
	if load, err = l.Block(t.Context(), e, 20); err != nil || load.Landed != 20 {
		t.Errorf("landed %d, %v, %v; want 20", load.Landed, load.Errors, err)
	}
}

// A target that refuses a long upload before it has read it: its answer
// counts, not the write that broke.
func TestEarlyAnswer(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	})
	load := block(t, s.URL, Request{
		Method: "POST", Body: []byte(strings.Repeat("x", 32<<20)), BodyRaw: true,
		Expect: func(status int) bool { return status == http.StatusRequestEntityTooLarge },
	}, 8)
	if load.Landed != 8 || s.hits.Load() != 8 {
		t.Errorf("landed %d, target saw %d; want 8, 8: %v", load.Landed, s.hits.Load(), load.Errors)
	}
	s.waitClosed()
}
