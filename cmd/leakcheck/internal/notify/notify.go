// Package notify tells others of a verdict: it posts it to an address, as JSON or
// in the form of Slack.
package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Message is what is told. It has names and numbers, and nothing of the app's
// environment, its output or its requests.
type Message struct {
	Schema    int        `json:"schema"`
	Scenario  string     `json:"scenario"`
	Run       string     `json:"run"`
	Commit    string     `json:"commit"`
	Outcome   string     `json:"outcome"`
	Before    string     `json:"before"` // outcome of the run before; "" for none
	Endpoints []Endpoint `json:"endpoints"`
}

// Endpoint is one that leaks or is not decided.
type Endpoint struct {
	Name    string `json:"name"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason"`
	Suspect string `json:"suspect"` // "server.js:17 in openCart"; "" for none
}

// Worth reports whether there is something to tell: a leak, or another outcome than before.
func (m *Message) Worth() bool {
	return m.Outcome == "leak" || m.Before != "" && m.Before != m.Outcome
}

// SignatureHeader has the HMAC-SHA256 of the body, in hexadecimal, where there is a secret.
const SignatureHeader = "X-Leakcheck-Signature-256"

// Sender posts messages. The zero value signs nothing.
type Sender struct {
	Secret string
	Pause  time.Duration // before the second try, twice that before the third; 0: a second
}

// tries is how often one address is tried, and timeout bounds each.
const (
	tries   = 3
	timeout = 10 * time.Second
)

// Send posts the message. An address of Slack gets Slack's form. The error names the
// host alone: addresses of webhooks are secrets.
func (s Sender) Send(ctx context.Context, address string, m Message) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return errors.New("notify: the address is not a URL")
	}
	m.Schema = 1
	var body any = m
	if slack(u) {
		body = map[string]string{"text": m.text()}
	}
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("notify %s: %w", u.Host, err)
	}
	if err := s.post(ctx, address, text); err != nil {
		return fmt.Errorf("notify %s: %w", u.Host, err)
	}
	return nil
}

// slack reports whether an address is one of Slack, or of what takes its form.
func slack(u *url.URL) bool {
	return u.Hostname() == "hooks.slack.com" || strings.HasSuffix(strings.TrimSuffix(u.Path, "/"), "/slack")
}

// post tries several times: a service that is busy, or not reached, may be there soon.
func (s Sender) post(ctx context.Context, address string, text []byte) error {
	pause := s.Pause
	if pause == 0 {
		pause = time.Second
	}
	for try := 1; ; try++ {
		again, err := s.once(ctx, address, text)
		if err == nil || !again || try == tries {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
			pause *= 2
		}
	}
}

// once posts, and says of a failure whether another try may help.
func (s Sender) once(ctx context.Context, address string, text []byte) (again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(text))
	if err != nil {
		return false, errors.New("the address is not a URL")
	}
	req.Header.Set("Content-Type", "application/json")
	if s.Secret != "" {
		sum := hmac.New(sha256.New, []byte(s.Secret))
		sum.Write(text)
		req.Header.Set(SignatureHeader, "sha256="+hex.EncodeToString(sum.Sum(nil)))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err // without the address
		}
		return true, err
	}
	_ = resp.Body.Close() // nothing of it is read
	if resp.StatusCode >= http.StatusMultipleChoices {
		busy := resp.StatusCode >= http.StatusInternalServerError || resp.StatusCode == http.StatusTooManyRequests
		return busy, fmt.Errorf("it answers %s", resp.Status)
	}
	return false, nil
}

// text is the message in Slack's form, whose special characters are escaped.
func (m *Message) text() string {
	lines := []string{fmt.Sprintf("leakcheck: %s of %s", m.Outcome, m.Scenario)}
	if m.Before != "" && m.Before != m.Outcome {
		lines[0] += " (before: " + m.Before + ")"
	}
	for _, e := range m.Endpoints {
		line := "• " + e.Name + ": " + e.Reason
		if e.Suspect != "" {
			line += ", at " + e.Suspect
		}
		lines = append(lines, line)
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(strings.Join(lines, "\n"))
}
