package scenariocmd

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/loadgen/jsonpointer"
	"github.com/leakcheck/leakcheck/loadgen/template"
	"github.com/leakcheck/leakcheck/scenarios/draft"
)

// tryout asks the running app what a draft cannot know: whether its requests are
// answered, and whether it describes itself.
type tryout struct {
	base     string
	client   http.Client
	all      bool // requests that change data are sent as well
	captures map[string]string
	seq      uint64
}

// descriptions are where frameworks serve OpenAPI documents.
var descriptions = []string{
	"/openapi.json", "/api-json", "/docs/json", "/documentation/json", "/swagger.json", "/docs-json", "/api-docs.json", "/api/docs-json",
	"/api/openapi.json", "/v3/api-docs", "/api-docs/swagger.json", "/docs/openapi.json", "/swagger/json", "/openapi", "/doc",
}

// tryOut starts the app of the draft, sends each of its requests once, and marks
// those that are not answered with success. A description that the app serves
// adds its endpoints.
func (o initOptions) tryOut(ctx context.Context, d *draft.Draft, home string) error {
	app := &d.App
	if !app.Known {
		return fmt.Errorf("start the app: its command is not known; write it into the scenario, or leave --run away")
	}
	p, err := target.Start(ctx, target.Options{
		Command: app.Command, Dir: filepath.Join(home, app.Dir), Env: app.Env, Port: app.Port,
		Expand: func(text string, port int) string { return strings.ReplaceAll(text, "{{port}}", fmt.Sprint(port)) },
		Ready:  target.Ready{Path: app.Ready},
	})
	if err != nil {
		return fmt.Errorf("start the app: %w", err)
	}
	t := tryout{base: p.URL(), all: o.draft.All, captures: map[string]string{}}
	t.client.Timeout = 10 * time.Second
	t.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.describe(ctx, d)
	t.setup(ctx, d)
	answered := 0
	for i := range d.Endpoints {
		if t.endpoint(ctx, &d.Endpoints[i]) {
			answered++
		}
	}
	d.Notes = append(d.Notes, fmt.Sprintf("the app was started, and %d of %d requests were answered with success when they were tried", answered, len(d.Endpoints)))
	return p.Stop(context.WithoutCancel(ctx))
}

// describe adds the endpoints of an OpenAPI document that the app serves, which
// know more of their parameters than its code tells.
func (t *tryout) describe(ctx context.Context, d *draft.Draft) {
	for _, path := range descriptions {
		status, body := t.send(ctx, &draft.Endpoint{Method: http.MethodGet, Path: path})
		if status != http.StatusOK || !strings.Contains(body[:min(len(body), 4000)], `"openapi"`) && !strings.Contains(body[:min(len(body), 4000)], `"swagger"`) {
			continue
		}
		if n := d.AddDescription([]byte(body), path); n > 0 {
			return
		}
	}
}

// setup logs in, as the run will.
func (t *tryout) setup(ctx context.Context, d *draft.Draft) {
	for i := range d.Setup {
		s := &d.Setup[i]
		status, body := t.send(ctx, &s.Endpoint)
		if status < 200 || status >= 400 {
			s.Blanks = append(s.Blanks, fmt.Sprintf("it was answered with %s when it was tried", said(status)))
			continue
		}
		for _, c := range s.Capture {
			pointer, err := jsonpointer.Parse(c.JSON)
			if err != nil {
				continue
			}
			if value, why := pointer.Find([]byte(body)); why == "" {
				t.captures[c.Name] = value
			} else {
				s.Blanks = append(s.Blanks, "where its answer has "+c.Name+": "+why)
			}
		}
	}
}

// endpoint tries one request and marks it; it reports whether it succeeded.
func (t *tryout) endpoint(ctx context.Context, e *draft.Endpoint) bool {
	if e.Off != "" || len(e.Flow) > 0 || !t.all && e.Method != http.MethodGet && e.Method != http.MethodHead {
		return false
	}
	status, _ := t.send(ctx, e)
	switch {
	case status >= 200 && status < 400:
		e.Comments = append(e.Comments, fmt.Sprintf("It was answered with %d when it was tried.", status))
		return true
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		e.Off = fmt.Sprintf("it was answered with %d when it was tried: it needs a login, as setup: can do", status)
	case len(e.Blanks) > 0:
		e.Off = fmt.Sprintf("it was answered with %s when it was tried, before its blanks were filled in", said(status))
	default:
		e.Off = fmt.Sprintf("it was answered with %s when it was tried", said(status))
	}
	return false
}

func said(status int) string {
	if status == 0 {
		return "nothing"
	}
	return fmt.Sprint(status)
}

// send sends one request; status 0 is no answer.
func (t *tryout) send(ctx context.Context, e *draft.Endpoint) (status int, body string) {
	r, err := http.NewRequestWithContext(ctx, e.Method, t.base+t.render(e.Path), strings.NewReader(t.render(e.Body)))
	if err != nil {
		return 0, ""
	}
	for _, h := range e.Headers {
		r.Header.Set(h.Name, t.render(h.Value))
	}
	answer, err := t.client.Do(r)
	if err != nil {
		return 0, ""
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, 10e6))
	if closeErr := answer.Body.Close(); err != nil || closeErr != nil {
		return 0, ""
	}
	return answer.StatusCode, string(text)
}

// render is a text as a request of the run would have it.
func (t *tryout) render(text string) string {
	parsed, err := template.Parse(text)
	if err != nil {
		return text
	}
	if err := parsed.Bind(os.LookupEnv); err != nil {
		return text
	}
	t.seq++
	return string(parsed.Append(nil, &template.Vars{Seq: t.seq, Rand: rand.New(rand.NewPCG(t.seq, 1)), Captures: t.captures}))
}
