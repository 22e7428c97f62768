package loadgen

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// mixed is a target that notes the order of paths, and portions for them.
type mixed struct {
	*Loader
	target *target
	mu     sync.Mutex
	order  []string
}

func newMixed(t *testing.T, h http.HandlerFunc) *mixed {
	t.Helper()
	m := &mixed{}
	m.target = serve(t, func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		m.order = append(m.order, r.URL.Path)
		m.mu.Unlock()
		h(w, r)
	})
	l, err := New(Options{BaseURL: m.target.URL, Workers: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	m.Loader = l
	return m
}

func (m *mixed) portion(t *testing.T, r Request, n, workers int) Portion {
	t.Helper()
	e, err := m.Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	return Portion{Endpoint: e, Requests: n, Workers: workers}
}

// Each portion lands whole, and none gets ahead of the others: at any time the
// target has seen about the same part of each.
func TestMixInterleaves(t *testing.T) {
	m := newMixed(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			time.Sleep(2 * time.Millisecond)
		}
		ok(w, r)
	})
	sizes := map[string]int{"/often": 2000, "/slow": 100, "/rare": 20}
	whole, parts, err := m.Mix(t.Context(), []Portion{
		m.portion(t, Request{Path: "/often"}, sizes["/often"], 4),
		m.portion(t, Request{Path: "/slow"}, sizes["/slow"], 2),
		m.portion(t, Request{Path: "/rare"}, sizes["/rare"], 1),
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{2000, 100, 20} {
		if p := parts[i]; p.Requests != want || p.Landed != want {
			t.Errorf("part %d: %d requests, %d landed; want %d", i, p.Requests, p.Landed, want)
		}
	}
	if whole.Requests != 2120 || whole.Landed != 2120 || whole.Workers != 7 || !cmp.Equal(whole.Statuses, map[string]int{"200": 2120}) || whole.Rate <= 0 {
		t.Errorf("whole: %+v", whole)
	}
	if got := m.target.hits.Load(); got != 2120 {
		t.Errorf("target saw %d requests, want 2120", got)
	}
	seen := map[string]float64{}
	for _, path := range m.order {
		seen[path]++
		least, most := 1.0, 0.0
		for p, n := range sizes {
			part := seen[p] / float64(n)
			least, most = min(least, part), max(most, part)
		}
		// The slack, one request of the rarest, and those in flight.
		if most-least > lockstepSlack+1.0/20+4.0/100 {
			t.Fatalf("after %v of %v: one is ahead by %.2f", seen, sizes, most-least)
		}
	}
}

// A portion with a rate of its own, or with nothing to send, holds up nobody.
func TestMixOwnPace(t *testing.T) {
	m := newMixed(t, ok)
	_, parts, err := m.Mix(t.Context(), []Portion{
		m.portion(t, Request{Path: "/fast"}, 500, 0),
		m.portion(t, Request{Path: "/none"}, 0, 0),
		m.portion(t, Request{Path: "/paced", OpenRate: 100}, 20, 0),
		m.portion(t, Request{Driver: driverFunc(func(_ context.Context, j Job, report func(Report)) error {
			report(Report{Done: j.Operations})
			return nil
		})}, 7, 0),
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	got := []int{parts[0].Landed, parts[1].Requests, parts[2].Landed, parts[3].Landed}
	if !cmp.Equal(got, []int{500, 0, 20, 7}) {
		t.Errorf("landed %v, want 500, 0, 20, 7", got)
	}
}

// One that is given up because it cannot land lets the others finish.
func TestMixCannotLand(t *testing.T) {
	m := newMixed(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/broken" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		ok(w, r)
	})
	whole, parts, err := m.Mix(t.Context(), []Portion{
		m.portion(t, Request{Path: "/works"}, 1000, 0),
		m.portion(t, Request{Path: "/broken"}, 1000, 0),
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if parts[0].Landed != 1000 || parts[1].Landed != 0 || parts[1].Requests >= 1000 {
		t.Errorf("works: %+v\nbroken: %+v", parts[0], parts[1])
	}
	if whole.Failed != parts[1].Failed || !cmp.Equal(whole.Errors, parts[1].Errors) {
		t.Errorf("whole: %+v", whole)
	}
}

func TestMixCancelled(t *testing.T) {
	const some = 50 // more than are sent at once, so that one has had its answer
	var stuck sync.Once
	both := make(chan struct{}, 2)
	var works atomic.Int64
	tell := func() { both <- struct{}{} }
	m := newMixed(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/stuck" {
			stuck.Do(tell)
			<-r.Context().Done()
		} else if works.Add(1) == some {
			tell()
		}
		ok(w, r)
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	go func() { <-both; <-both; cancel(why) }()
	_, parts, err := m.Mix(ctx, []Portion{
		m.portion(t, Request{Path: "/works"}, 100000, 0),
		m.portion(t, Request{Path: "/stuck"}, 100, 0),
	}, 0)
	if !errors.Is(err, why) {
		t.Errorf("error = %v, want the cause", err)
	}
	if n := parts[0].Requests; n == 0 || n > 100000*(lockstepSlack+0.05) {
		t.Errorf("%d requests went ahead of a portion that was stuck", n)
	}
	m.target.waitClosed()
}

// Of flows and plain requests together, the whole counts the requests of both.
func TestMixCountsSent(t *testing.T) {
	plain := recording.Load{Requests: 100, Landed: 100}
	flow := recording.Load{Requests: 10, Landed: 10, Sent: 30}
	if got := added([]recording.Load{plain, flow}, time.Second); got.Requests != 110 || got.Sent != 130 {
		t.Errorf("%d requests and flows, %d sent; want 110 and 130", got.Requests, got.Sent)
	}
	if got := added([]recording.Load{plain, plain}, time.Second); got.Sent != 0 {
		t.Errorf("%d sent, want 0: one for each request", got.Sent)
	}
}
