package report_test

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// quickstart is a recorded run of the catalog's quickstart app.
func quickstart(t *testing.T) report.Document {
	t.Helper()
	rec, err := recording.ReadFile("testdata/quickstart.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	v, err := verdict.Judge(rec, verdict.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := report.Document{
		Outcome: v.Outcome, ExitCode: 1, Verdict: v, Recording: rec, Source: ".leakcheck/runs/" + rec.Header.RunID,
		Diagnosis: fixtureDiagnosis(), Previous: fixturePrevious(),
	}
	d.Diagnosis.Findings[0].Endpoint = "cart"
	for i := range d.Previous {
		d.Previous[i].Endpoints[0].Name = "cart"
	}
	return d
}

// look is a way in which the page is looked at.
type look struct {
	name          string
	width, height int
	scheme        string
}

var looks = []look{
	{"desktop-light", 1200, 900, "light"},
	{"desktop-dark", 1200, 900, "dark"},
	{"phone-light", 390, 844, "light"},
	{"phone-dark", 390, 844, "dark"},
}

// visit opens a page that a server of its own serves, so that a request for
// anything else would be seen.
func (b *browser) visit(s report.Suite, l look) {
	b.t.Helper()
	text := written(b.t, "html", s)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/report.html" {
			b.note("asked the server for " + r.URL.Path)
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write(text)
	}))
	b.t.Cleanup(server.Close)
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{
		"width": l.width, "height": l.height, "deviceScaleFactor": 1, "mobile": l.width < 500,
	}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{
		"features": []map[string]string{{"name": "prefers-color-scheme", "value": l.scheme}},
	}, nil)
	b.call("Page.navigate", map[string]any{"url": server.URL + "/report.html"}, nil)
	<-b.loaded
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, url := range b.requests {
		if url != server.URL+"/report.html" && !strings.HasPrefix(url, "data:") {
			b.t.Errorf("%s: the page asked for %s", l.name, url)
		}
	}
	b.requests = nil
}

// clean fails on what the console, a dialog or an exception told.
func (b *browser) clean() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.wrong {
		b.t.Error(w)
	}
}

// screenshot is kept where LEAKCHECK_ARTIFACTS says; it must show something.
func (b *browser) screenshot(name string) {
	b.t.Helper()
	var shot struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true}, &shot)
	image, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil || len(image) < 20_000 {
		b.t.Errorf("%s: a screenshot of %d bytes, want a page with charts (%v)", name, len(image), err)
	}
	dir := os.Getenv("LEAKCHECK_ARTIFACTS")
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "report-"+name+".png"), image, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// The page shows its charts at each size and in each scheme, asks the network
// for nothing, fits its window, and says nothing on the console.
func TestHTMLInBrowser(t *testing.T) {
	b := openBrowser(t)
	backgrounds := map[string]string{}
	for _, l := range looks {
		b.visit(report.Of(quickstart(t)), l)
		// Of the fit: drawn across the plot, and visible.
		var fits []float64
		b.evaluate(`[...document.querySelectorAll('.endpoint[open] path.fit')].map(p => p.getBoundingClientRect().width)`, &fits)
		if len(fits) != 2 || slices.Min(fits) < 150 {
			t.Errorf("%s: fits are drawn %v wide, want 2 of at least 150", l.name, fits)
		}
		var charts, dots int
		b.evaluate(`[...document.querySelectorAll('svg.chart')].filter(c => c.checkVisibility()).length`, &charts)
		b.evaluate(`document.querySelectorAll('.endpoint[open] circle').length`, &dots)
		// Memory over the run; level, increments, latency, loop and GC of the
		// leaking endpoint. Its 6 blocks: 7 levels, 6 increments, 4 lines of 6.
		if charts != 6 || dots != 7+6+4*6 {
			t.Errorf("%s: got %d charts and %d dots, want 6 and 37", l.name, charts, dots)
		}
		var overflow int
		b.evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &overflow)
		if overflow > 0 {
			t.Errorf("%s: the page is %d pixels wider than its window", l.name, overflow)
		}
		var background string
		b.evaluate(`getComputedStyle(document.body).backgroundColor`, &background)
		backgrounds[l.scheme] = background
		b.screenshot(l.name)
	}
	if backgrounds["light"] == backgrounds["dark"] {
		t.Errorf("light and dark are both %s", backgrounds["light"])
	}
	b.clean()
}

// All that can be opened or scrolled is reached by the Tab key, in the order of
// the page, and Enter opens what is folded.
func TestHTMLByKeyboard(t *testing.T) {
	b := openBrowser(t)
	b.visit(report.Of(quickstart(t)), looks[0])
	key := func(name, text string, code int) {
		for _, kind := range []string{"keyDown", "keyUp"} {
			p := map[string]any{"type": kind, "key": name, "code": name, "windowsVirtualKeyCode": code}
			if kind == "keyDown" && text != "" {
				p["text"] = text
			}
			b.call("Input.dispatchKeyEvent", p, nil)
		}
	}
	var want, got []string
	const name = `(e => e.tagName + ' ' + (e.getAttribute('aria-label') || e.textContent).trim().slice(0, 40))`
	b.evaluate(`[...document.querySelectorAll('a, summary, [tabindex]')].filter(e => e.checkVisibility()).map(`+name+`)`, &want)
	for range want {
		key("Tab", "", 9)
		var at string
		b.evaluate(name+`(document.activeElement)`, &at)
		got = append(got, at)
	}
	if !slices.Equal(got, want) || len(want) < 8 {
		t.Errorf("Tab reaches\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	b.evaluate(`(document.querySelector('.endpoint:not([open]) > summary').focus(), 0)`, new(int))
	key("Enter", "\r", 13)
	var folded int
	b.evaluate(`document.querySelectorAll('.endpoint:not([open])').length`, &folded)
	if folded != 0 {
		t.Errorf("%d endpoints are still folded after Enter", folded)
	}
	b.clean()
}

// A screen reader is told what each chart shows, and headings descend without
// gaps.
func TestHTMLForScreenReaders(t *testing.T) {
	b := openBrowser(t)
	b.visit(report.Of(quickstart(t)), looks[0])
	type value struct{ Value any }
	var tree struct {
		Nodes []struct {
			Ignored     bool
			Role, Name  value
			Description value
			Properties  []struct{ Name string }
		}
	}
	b.call("Accessibility.getFullAXTree", nil, &tree)
	images := 0
	for _, n := range tree.Nodes {
		if role, _ := n.Role.Value.(string); n.Ignored || role != "image" {
			continue
		}
		images++
		if name, _ := n.Name.Value.(string); !strings.Contains(name, "Memory over the run") && !strings.Contains(name, ", cart") {
			t.Errorf("a chart's name is %q", name)
		}
	}
	if images != 6 {
		t.Errorf("the accessibility tree has %d images, want 6", images)
	}
	var levels []int
	b.evaluate(`[...document.querySelectorAll('h1, h2, h3, h4')].map(h => +h.tagName[1])`, &levels)
	for i, level := range levels {
		if i == 0 && level != 1 || i > 0 && level > levels[i-1]+1 {
			t.Errorf("headings %v leave a level out", levels)
		}
	}
	b.clean()
}

// Nothing of the target's runs or becomes markup.
func TestHTMLHostile(t *testing.T) {
	b := openBrowser(t)
	b.visit(report.Of(hostileRun(t)), looks[0])
	var found []string
	b.evaluate(`[...document.querySelectorAll('*')].flatMap(e => [
		...(['SCRIPT', 'IMG', 'IFRAME', 'OBJECT', 'FORM'].includes(e.tagName) ? [e.outerHTML] : []),
		...[...e.attributes].filter(a => /^on/.test(a.name) || a.name === 'style' || /^\s*javascript:/.test(a.value)).map(a => a.name + '=' + a.value),
	])`, &found)
	for _, f := range found {
		t.Errorf("the page has %s", f)
	}
	var shown int
	b.evaluate(`document.body.innerText.split('<script>alert(1)</script>').length - 1`, &shown)
	if shown < 10 {
		t.Errorf("the names are shown %d times, want them as text in each place", shown)
	}
	b.clean()
}

// hostileRun is the recorded run with the hostile fixture's names.
func hostileRun(t *testing.T) report.Document {
	d, bad := quickstart(t), hostile()
	d.Diagnosis, d.Previous, d.Failure = bad.Diagnosis, bad.Previous, bad.Failure
	d.Recording.Header.Scenario = bad.Recording.Header.Scenario
	d.Recording.Header.Environment = bad.Recording.Header.Environment
	d.Recording.Events = bad.Recording.Events
	for i := range d.Verdict.Endpoints {
		name := bad.Verdict.Endpoints[0].Name
		e := &d.Verdict.Endpoints[i]
		e.Name, e.Request, e.Reason, e.Warnings = name, bad.Verdict.Endpoints[0].Request, name, bad.Verdict.Endpoints[0].Warnings
		d.Recording.Header.Endpoints[i].Name = name
	}
	d.Verdict.Resources = bad.Verdict.Resources
	return d
}

// The page of a suite links to each run; a policy that forbids everything but
// its own style stands in the page.
func TestHTMLSuite(t *testing.T) {
	b := openBrowser(t)
	suite := suites()["suite"]
	b.visit(suite, looks[2])
	var links, broken int
	b.evaluate(`document.querySelectorAll('main a[href^="#"]').length`, &links)
	b.evaluate(`[...document.querySelectorAll('a[href^="#"]')].filter(a => !document.getElementById(a.hash.slice(1))).length`, &broken)
	if links < len(suite.Runs) || broken > 0 {
		t.Errorf("got %d links, %d of them broken", links, broken)
	}
	var ids int
	b.evaluate(`(ids => ids.length - new Set(ids).size)([...document.querySelectorAll('[id]')].map(e => e.id))`, &ids)
	if ids != 0 {
		t.Errorf("%d ids are given twice", ids)
	}
	if text := written(t, "html", suite); !bytes.Contains(text, []byte(`content="default-src &#39;none&#39;; style-src &#39;sha256-`)) {
		t.Error("no Content-Security-Policy in the page")
	}
	b.clean()
}
