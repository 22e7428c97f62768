package loadgen

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// room is a server of WebSockets: who joins is greeted, and each text comes back
// after two messages that nobody waits for.
type room struct {
	joined, left, polite atomic.Int64
	wrong                atomic.Int64
}

func (r *room) serve(w http.ResponseWriter, req *http.Request) {
	if req.URL.Path != "/room" || req.Header.Get("X-User") == "" {
		http.Error(w, "no", http.StatusForbidden)
		return
	}
	c, err := websocket.Accept(w, req, nil)
	if err != nil {
		r.wrong.Add(1)
		return
	}
	r.joined.Add(1)
	defer r.left.Add(1)
	ctx := req.Context()
	for {
		_, text, err := c.Read(ctx)
		if err != nil {
			if websocket.CloseStatus(err) == websocket.StatusNormalClosure {
				r.polite.Add(1)
			}
			_ = c.CloseNow()
			return
		}
		for _, m := range []string{"noise", `{"type": "noise"}`, fmt.Sprintf(`{"type": "echo", "id": %q}`, text)} {
			if err := c.Write(ctx, websocket.MessageText, []byte(m)); err != nil {
				return
			}
		}
	}
}

func talking(t *testing.T, last ...Step) Request {
	steps := []Step{
		{Name: "join", Socket: Connect, Path: "/room", Headers: map[string]string{"X-User": "{{seq}}"}},
		{Name: "say", Socket: Send, Body: []byte("{{seq}}")},
		{Name: "hear", Socket: Receive, Check: Check{JSON: pointer(t, "/id")}, Captures: []Capture{{Name: "id", JSON: pointer(t, "/id")}}},
		{Name: "again", Socket: Send, Body: []byte(`again {{capture "id"}}`)},
		{Name: "hear again", Socket: Receive, Check: Check{Contains: "again "}},
	}
	return Request{Name: "room", Steps: append(steps, last...)}
}

// A flow joins, talks and leaves: politely where it says so, else as a client
// that goes away. Nothing stays open after the block.
func TestWebSocketFlow(t *testing.T) {
	for _, polite := range []bool{true, false} {
		r := &room{}
		srv := serve(t, r.serve)
		flow := talking(t)
		if polite {
			flow = talking(t, Step{Name: "leave", Socket: Close})
		}
		l, e := prepared(t, srv.URL, flow)
		load, err := l.Block(t.Context(), e, 40)
		if err != nil {
			t.Fatal(err)
		}
		if load.Landed != 40 || load.Statuses["101"] != 40 || r.joined.Load() != 40 || r.wrong.Load() > 0 {
			t.Errorf("got %d landed, %v, %d joined: %v", load.Landed, load.Statuses, r.joined.Load(), load.Errors)
		}
		deadline := time.Now().Add(10 * time.Second)
		for r.left.Load() < 40 && time.Now().Before(deadline) {
			time.Sleep(5 * time.Millisecond) // for the server to see the last of them go
		}
		if got, want := r.polite.Load(), int64(0); polite && got != 40 || !polite && got != want || r.left.Load() != 40 {
			t.Errorf("polite %v: got %d closed by a message, %d gone", polite, got, r.left.Load())
		}
		if load.BytesIn == 0 || load.BytesOut == 0 {
			t.Errorf("got %v in and %v out", load.BytesIn, load.BytesOut)
		}
	}
}

// What goes wrong with a WebSocket fails its flow, by the step's name.
func TestWebSocketFails(t *testing.T) {
	srv := serve(t, (&room{}).serve)
	tests := []struct {
		name, want string
		steps      []Step
	}{
		{"refused", `step "join": open WebSocket: answered 403`, []Step{{Name: "join", Socket: Connect, Path: "/room"}}},
		{"not open", `step "say": no WebSocket is open`, []Step{{Name: "say", Socket: Send, Body: []byte("x")}}},
		{"silence", `step "hear": `, append(talking(t).Steps[:2:2], Step{Name: "hear", Socket: Receive, Check: Check{Contains: "never"}})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, e := prepared(t, srv.URL, Request{Name: "x", Steps: tt.steps, Timeout: 300 * time.Millisecond})
			load, err := l.Block(t.Context(), e, 2)
			if err != nil {
				t.Fatal(err)
			}
			for text := range load.Errors {
				if !strings.Contains(text, tt.want) {
					t.Errorf("got %q, want %q", text, tt.want)
				}
			}
			if load.Failed != 2 {
				t.Errorf("got %d failed, want 2", load.Failed)
			}
		})
	}
}

// Of a stream of events that never ends, as many are read as the step says.
func TestExpectEvents(t *testing.T) {
	var gone atomic.Int64
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/short" {
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprint(w, "data: 1\n\n")
			return
		}
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		for i := 1; ; i++ {
			fmt.Fprintf(w, ": comment\nevent: tick\nid: %d\ndata: {\"n\":\ndata: %d}\n\n", i, i)
			if err := http.NewResponseController(w).Flush(); err != nil || r.Context().Err() != nil {
				gone.Add(1)
				return
			}
			time.Sleep(time.Millisecond)
		}
	})
	steps := []Step{{Name: "watch", Path: "/events", Events: 3, Captures: []Capture{{Name: "n", JSON: pointer(t, "/n")}}}, {Name: "next", Path: `/events?after={{capture "n"}}`, Events: 1}}
	l, e := prepared(t, srv.URL, Request{Name: "events", Steps: steps})
	load, err := l.Block(t.Context(), e, 10)
	if err != nil {
		t.Fatal(err)
	}
	if load.Landed != 10 || load.Sent != 20 {
		t.Errorf("got %d landed, %d sent: %v", load.Landed, load.Sent, load.Errors)
	}
	srv.waitClosed()
	l, e = prepared(t, srv.URL, Request{Name: "short", Steps: []Step{{Name: "watch", Path: "/short", Events: 2}}})
	if load, err = l.Block(t.Context(), e, 1); err != nil || load.Failed != 1 || !strings.Contains(fmt.Sprint(load.Errors), "the stream ended after 1 of 2 events") {
		t.Errorf("got %+v, %v", load.Errors, err)
	}
}
