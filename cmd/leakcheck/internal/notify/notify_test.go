package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// answers is a service that gives these answers, one after the other, and keeps the
// last request.
func answers(t *testing.T, statuses ...int) (address string, body *string, signature *string, calls *int) {
	t.Helper()
	body, signature, calls = new(string), new(string), new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*body, *signature = string(text), r.Header.Get(SignatureHeader)
		w.WriteHeader(statuses[min(*calls, len(statuses)-1)])
		*calls++
	}))
	t.Cleanup(server.Close)
	return server.URL, body, signature, calls
}

var leak = Message{
	Scenario: "shop", Run: "r", Outcome: "leak", Before: "pass",
	Endpoints: []Endpoint{{Name: "cart", Outcome: "leak", Reason: "each request retains <303 B>", Suspect: "server.js:17 in openCart"}},
}

// What is busy is tried again, what is refused is not, and the body is signed.
func TestSend(t *testing.T) {
	tests := []struct {
		name     string
		statuses []int
		calls    int
		fails    string
	}{
		{"at once", []int{200}, 1, ""},
		{"busy at first", []int{503, 429, 204}, 3, ""},
		{"always busy", []int{500}, 3, "it answers 500"},
		{"refused", []int{403}, 1, "it answers 403"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			address, body, signature, calls := answers(t, tt.statuses...)
			err := Sender{Secret: "s3cret", Pause: time.Millisecond}.Send(t.Context(), address+"/hook?token=hidden", leak)
			if (err != nil) != (tt.fails != "") || err != nil && (!strings.Contains(err.Error(), tt.fails) || strings.Contains(err.Error(), "hidden")) {
				t.Errorf("got %v, want %q", err, tt.fails)
			}
			sum := hmac.New(sha256.New, []byte("s3cret"))
			sum.Write([]byte(*body))
			if want := "sha256=" + hex.EncodeToString(sum.Sum(nil)); *calls != tt.calls || *signature != want {
				t.Errorf("%d calls, signature %q; want %d, %q", *calls, *signature, tt.calls, want)
			}
		})
	}
}

// What is not reached is told without the address, which is a secret.
func TestSendNowhere(t *testing.T) {
	err := Sender{Pause: time.Millisecond}.Send(t.Context(), "http://127.0.0.1:1/services/hidden", leak)
	if err == nil || strings.Contains(err.Error(), "hidden") || !strings.Contains(err.Error(), "notify 127.0.0.1:1: ") {
		t.Errorf("got %v", err)
	}
}

// Slack gets a text, in which nothing is taken for its marks.
func TestSlack(t *testing.T) {
	address, body, _, _ := answers(t, 200)
	if err := (Sender{}).Send(t.Context(), address+"/services/slack", leak); err != nil {
		t.Fatal(err)
	}
	var got struct{ Text string }
	if err := json.Unmarshal([]byte(*body), &got); err != nil {
		t.Fatal(err)
	}
	want := "leakcheck: leak of shop (before: pass)\n• cart: each request retains &lt;303 B&gt;, at server.js:17 in openCart"
	if got.Text != want {
		t.Errorf("got %q, want %q", got.Text, want)
	}
}

func TestWorth(t *testing.T) {
	for _, tt := range []struct {
		now, before string
		want        bool
	}{{"leak", "leak", true}, {"leak", "", true}, {"pass", "", false}, {"pass", "pass", false}, {"pass", "leak", true}, {"inconclusive", "pass", true}} {
		if got := (&Message{Outcome: tt.now, Before: tt.before}).Worth(); got != tt.want {
			t.Errorf("%s after %s: got %v", tt.now, tt.before, got)
		}
	}
}
