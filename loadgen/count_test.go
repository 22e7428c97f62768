package loadgen

import (
	"flag"
	"net/http"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

var requests = flag.Int("requests", 3000, "how many TestExactCounts sends for each kind of load")

// TestExactCounts holds what is counted as sent against what the target saw.
func TestExactCounts(t *testing.T) {
	kinds := []struct {
		request Request
		each    int // requests of one unit
		serve   http.HandlerFunc
	}{
		{Request{Name: "plain", Path: "/{{seq}}"}, 1, ok},
		{Request{Name: "open loop", OpenRate: 50_000}, 1, ok},
		{authorized, 1, (&bank{holds: 1000}).serve},
		{shopping(t), 3, (&shop{carts: map[string]int{}}).serve},
	}
	for _, kind := range kinds {
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
			t.Logf("%d sent and seen; %d units landed, %d sent again, %d setups", sent, load.Landed, load.Expired, load.Setups)
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
