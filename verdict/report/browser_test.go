package report_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// browser is a tab of a headless Chromium, spoken to by the DevTools protocol.
// What the page does wrong is collected as it happens.
type browser struct {
	t       *testing.T
	conn    *websocket.Conn
	session string
	loaded  chan struct{}

	mu       sync.Mutex
	last     int
	waiting  map[int]chan json.RawMessage
	wrong    []string // console errors, exceptions, dialogs
	requests []string // what the page asked the network for
}

// browserWithin bounds one test's use of the browser.
const browserWithin = 2 * time.Minute

func openBrowser(t *testing.T) *browser {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), browserWithin)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, tool(t, "chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--disable-background-networking", "--remote-debugging-port=0", "--user-data-dir="+t.TempDir(), "about:blank")
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// Its helpers hold the pipe open, and outlive it where it is killed.
	context.AfterFunc(ctx, func() { _ = said.Close() })
	b := &browser{t: t, loaded: make(chan struct{}, 8), waiting: map[int]chan json.RawMessage{}}
	url := devtoolsURL(t, said)
	if b.conn, _, err = websocket.Dial(ctx, url, nil); err != nil {
		t.Fatal(err)
	}
	b.conn.SetReadLimit(-1)
	joined := make(chan struct{})
	go func() { defer close(joined); b.read(ctx) }()
	t.Cleanup(func() {
		b.call("Browser.close", nil, nil)
		_ = cmd.Wait()
		_ = b.conn.CloseNow()
		<-joined
	})
	b.attach()
	return b
}

// devtoolsURL is what Chromium prints when it listens; the rest of its output
// is read to its end, so that it does not stand still.
func devtoolsURL(t *testing.T, said io.Reader) string {
	t.Helper()
	lines := bufio.NewScanner(said)
	var output strings.Builder
	for lines.Scan() {
		if _, url, found := strings.Cut(lines.Text(), "DevTools listening on "); found {
			go func() { _, _ = io.Copy(io.Discard, said) }()
			return url
		}
		output.WriteString(lines.Text() + "\n")
	}
	t.Fatalf("chromium did not start:\n%s", output.String())
	return ""
}

func (b *browser) attach() {
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var session struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &session)
	b.session = session.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil, nil)
	}
}

// call sends one command and decodes its result.
func (b *browser) call(method string, params map[string]any, result any) {
	b.t.Helper()
	b.mu.Lock()
	b.last++
	id, answer := b.last, make(chan json.RawMessage, 1)
	b.waiting[id] = answer
	b.mu.Unlock()
	text, err := json.Marshal(map[string]any{"id": id, "method": method, "params": params, "sessionId": b.session})
	if err != nil {
		b.t.Fatal(err)
	}
	if b.session == "" {
		text = []byte(strings.Replace(string(text), `,"sessionId":""`, "", 1))
	}
	if err := b.conn.Write(context.Background(), websocket.MessageText, text); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	select {
	case m, ok := <-answer:
		if ok && result != nil {
			if err := json.Unmarshal(m, result); err != nil {
				b.t.Fatalf("%s: %v in %s", method, err, m)
			}
		}
	case <-time.After(browserWithin):
		b.t.Fatalf("%s: no answer", method)
	}
}

func (b *browser) read(ctx context.Context) {
	defer b.closeAll()
	for {
		_, data, err := b.conn.Read(ctx)
		if err != nil {
			return
		}
		var m struct {
			ID     int
			Method string
			Result json.RawMessage
			Error  *struct{ Message string }
			Params json.RawMessage
		}
		if err := json.Unmarshal(data, &m); err != nil {
			b.note(err.Error())
			continue
		}
		if m.Method != "" {
			b.event(m.Method, m.Params)
			continue
		}
		if m.Error != nil {
			b.note(m.Error.Message)
		}
		b.mu.Lock()
		b.waiting[m.ID] <- m.Result
		delete(b.waiting, m.ID)
		b.mu.Unlock()
	}
}

// closeAll lets go whoever waits for an answer that will not come.
func (b *browser) closeAll() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.waiting {
		close(c)
	}
	b.waiting = map[int]chan json.RawMessage{}
}

func (b *browser) event(method string, params json.RawMessage) {
	switch method {
	case "Page.loadEventFired":
		b.loaded <- struct{}{}
	case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded", "Page.javascriptDialogOpening":
		b.note(method + " " + string(params))
	case "Network.requestWillBeSent":
		var p struct{ Request struct{ URL string } }
		_ = json.Unmarshal(params, &p)
		b.mu.Lock()
		b.requests = append(b.requests, p.Request.URL)
		b.mu.Unlock()
	}
}

func (b *browser) note(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wrong = append(b.wrong, what)
}

// evaluate decodes the value of an expression in the page.
func (b *browser) evaluate(expression string, value any) {
	b.t.Helper()
	var out struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &out)
	if out.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, out.ExceptionDetails)
	}
	if err := json.Unmarshal(out.Result.Value, value); err != nil {
		b.t.Fatalf("%s: %v in %s", expression, err, out.Result.Value)
	}
}
