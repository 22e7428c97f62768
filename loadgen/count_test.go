package loadgen

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

var requests = flag.Int("requests", 500, "how many TestExactCounts sends for each kind of load")

// countedKind is one kind of load, and the target that counts it.
type countedKind struct {
	request Request
	each    int              // requests of one unit
	serve   http.HandlerFunc // nil: any will do
}

func countedKinds(t *testing.T) []countedKind {
	t.Helper()
	upload := Request{Method: "POST", Body: []byte(strings.Repeat("x", 40_000)), BodyRaw: true}
	as := func(name string, r Request, c Client) countedKind {
		r.Name, r.Client = name, c
		return countedKind{r, 1, nil}
	}
	kinds := []countedKind{
		{Request{Name: "plain", Path: "/{{seq}}"}, 1, nil},
		{Request{Name: "open loop", OpenRate: 5000}, 1, nil},
		{Request{Name: "ramp", OpenRate: 2000, Shape: Shape{RampTo: 8000}}, 1, nil},
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
	for i := range kinds {
		kinds[i].request.Timeout = time.Minute // a busy machine loses no request
	}
	return kinds
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
			if kind.serve == nil {
				kind.serve = swallow
			}
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
			checkAborts(t, kind, load)
			t.Logf("%d sent and seen, %.0f/s; %d units landed, %d aborted, %d sent again, %d setups",
				sent, float64(load.Rate), load.Landed, load.Aborted, load.Expired, load.Setups)
		})
	}
}

func checkAborts(t *testing.T, kind countedKind, load recording.Load) {
	t.Helper()
	want := 0
	if kind.request.Client.Abort != "" {
		want = load.Requests
	}
	if load.Aborted != want {
		t.Errorf("%d aborted, want %d", load.Aborted, want)
	}
}

// TestExactCountsNode is TestExactCounts with a target of Node.js, which counts
// the clients that went away as well.
func TestExactCountsNode(t *testing.T) {
	c := startCounter(t)
	for _, kind := range countedKinds(t) {
		if kind.serve != nil {
			continue
		}
		t.Run(kind.request.Name, func(t *testing.T) {
			url := c.http1
			if kind.request.Client.HTTP2 {
				url = c.http2
			}
			before := c.count(t)
			load := block(t, url, kind.request, *requests)
			now := c.count(t)
			if seen := now.Seen - before.Seen; seen != *requests || load.Requests != seen || load.Landed != seen {
				t.Errorf("sent %d, seen %d, landed %d: %v", load.Requests, seen, load.Landed, load.Errors)
			}
			checkAborts(t, kind, load)
			gone := now.Gone - before.Gone
			if kind.request.Client.Abort == AbortUpload && gone != load.Aborted {
				t.Errorf("%d aborted in mid-upload, the target saw %d go", load.Aborted, gone)
			}
			t.Logf("%d sent and seen, %.0f/s; %d aborted, %d seen to go", load.Requests, float64(load.Rate), load.Aborted, gone)
		})
	}
}

// counter is a running testdata/counter.js.
type counter struct{ http1, http2, control string }

// counts is what it has seen.
type counts struct{ Seen, Gone int }

func startCounter(t *testing.T) counter {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", "testdata/counter.js")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	var ports [3]int
	if err := json.NewDecoder(out).Decode(&ports); err != nil {
		t.Fatal(err)
	}
	at := func(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) }
	return counter{at(ports[0]), at(ports[1]), at(ports[2])}
}

func (c counter) count(t *testing.T) (n counts) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(c.control)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// sentBy is how many requests a load took.
func sentBy(l recording.Load) int {
	if l.Sent > 0 {
		return l.Sent
	}
	return l.Requests
}
