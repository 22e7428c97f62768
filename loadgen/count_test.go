package loadgen

import (
	"flag"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

var requests = flag.Int("requests", 500, "how many TestExactCounts sends for each kind of load")

// countedKind is one kind of load, and the target that counts it.
type countedKind struct {
	request Request
	each    int // requests of one unit
	serve   http.HandlerFunc
}

func countedKinds(t *testing.T) []countedKind {
	t.Helper()
	upload := Request{Method: "POST", Body: []byte(strings.Repeat("x", 40_000)), BodyRaw: true}
	as := func(name string, r Request, c Client) countedKind {
		r.Name, r.Client = name, c
		return countedKind{r, 1, swallow}
	}
	return []countedKind{
		{Request{Name: "plain", Path: "/{{seq}}"}, 1, ok},
		{Request{Name: "open loop", OpenRate: 50_000}, 1, ok},
		{Request{Name: "ramp", OpenRate: 10_000, Shape: Shape{RampTo: 90_000}}, 1, ok},
		{authorized, 1, (&bank{holds: int64(*requests / 3)}).serve},
		{shopping(t), 3, (&shop{carts: map[string]int{}}).serve},
		as("new connections", Request{}, Client{NewConnection: true}),
		as("pipelined", Request{Path: "/{{seq}}"}, Client{Pipeline: 8}),
		as("aborted when sent", Request{}, Client{Abort: AbortSent}),
		as("aborted at the first byte", Request{}, Client{Abort: AbortFirstByte}),
		as("aborted in mid-upload", upload, Client{Abort: AbortUpload}),
		as("throttled", upload, Client{ReadRate: 100e6, WriteRate: 100e6}),
		as("http2", Request{Path: "/{{seq}}"}, Client{HTTP2: true}),
		as("http2, uploads", upload, Client{HTTP2: true}),
		as("http2, new connections", Request{}, Client{HTTP2: true, NewConnection: true}),
		as("http2, aborted when sent", Request{}, Client{HTTP2: true, Abort: AbortSent}),
		as("http2, aborted at the first byte", Request{}, Client{HTTP2: true, Abort: AbortFirstByte}),
		as("http2, aborted in mid-upload", upload, Client{HTTP2: true, Abort: AbortUpload}),
	}
}

// swallow reads the request's body to its end, or to the client's.
func swallow(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	ok(w, r)
}

// TestExactCounts holds what is counted as sent against what the target saw.
func TestExactCounts(t *testing.T) {
	for _, kind := range countedKinds(t) {
		t.Run(kind.request.Name, func(t *testing.T) {
			srv := serve(t, kind.serve)
			l, e := prepared(t, srv.URL, kind.request)
			if len(e.visits) > 0 && !e.flow {
				if err := login(t, l); err != nil {
					t.Fatal(err)
				}
			}
			before := srv.hits.Load()
			load, err := l.Block(t.Context(), e, *requests/kind.each)
			if err != nil {
				t.Fatal(err)
			}
			srv.waitClosed()
			sent := sentBy(load)
			if seen := int(srv.hits.Load() - before); sent != seen || load.Landed != *requests/kind.each {
				t.Errorf("sent %d, seen %d, landed %d: %v", sent, seen, load.Landed, load.Errors)
			}
			aborts := 0
			if kind.request.Client.Abort != "" {
				aborts = load.Requests
			}
			if load.Aborted != aborts {
				t.Errorf("%d aborted, want %d", load.Aborted, aborts)
			}
			t.Logf("%d sent and seen, %.0f/s; %d units landed, %d aborted, %d sent again, %d setups",
				sent, float64(load.Rate), load.Landed, load.Aborted, load.Expired, load.Setups)
		})
	}
}

// sentBy is how many requests a load took.
func sentBy(l recording.Load) int {
	if l.Sent > 0 {
		return l.Sent
	}
	return l.Requests
}
