package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
	"github.com/leakcheck/leakcheck/verdict/report"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got), -update writes it:\n%s", path, diff)
	}
}

// documents are the fixture and what becomes of it on the other ways out.
func documents() map[string]report.Document {
	inconclusive := fixture()
	inconclusive.Outcome, inconclusive.ExitCode = verdict.Inconclusive, 3
	inconclusive.Verdict.Endpoints = inconclusive.Verdict.Endpoints[1:3]
	inconclusive.Verdict.Resources = nil
	keep(inconclusive.Recording, 1, 3)

	pass := fixture()
	pass.Outcome, pass.ExitCode = verdict.Pass, 0
	pass.Verdict.Endpoints = pass.Verdict.Endpoints[1:2]
	pass.Verdict.Resources, pass.Verdict.Warnings = nil, nil
	keep(pass.Recording, 1, 2)

	died := inconclusive
	died.Outcome, died.ExitCode = report.Failed, 4
	died.Failure = &report.Failure{Message: "target ended during the run: exit code 7", Hint: "its last output is above", Detail: "Error: \x1b[31mboom\x1b[0m\n    at server.js:12:5"}

	never := report.Document{
		Outcome: report.Failed, ExitCode: 4,
		Failure: &report.Failure{Message: "start target: node: not found", Hint: "install Node 18 or newer"},
	}
	return map[string]report.Document{
		"leak": fixture(), "inconclusive": inconclusive, "pass": pass, "died": died, "never": never,
	}
}

// keep leaves the endpoints from i up to j in a recording.
func keep(rec *recording.Recording, i, j int) {
	rec.Header.Endpoints = rec.Header.Endpoints[i:j]
	var kept []recording.Observation
	for _, o := range rec.Observations {
		if o.Block.Endpoint -= i; o.Block.Endpoint >= 0 && o.Block.Endpoint < j-i {
			kept = append(kept, o)
		}
	}
	rec.Observations = kept
}

func TestText(t *testing.T) {
	for name, d := range documents() {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := report.Text(&b, d, report.Style{}); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", b.Bytes())
			for line := range strings.Lines(b.String()) {
				line = strings.TrimRight(line, "\n")
				// A command to paste stays on its line.
				if n := utf8.RuneCountInString(line); n > 80 && !strings.HasPrefix(line, "Judge again:") {
					t.Errorf("line of %d columns, want at most 80: %q", n, line)
				}
			}
		})
	}
}

// Colour adds escape codes and changes nothing else.
func TestTextColor(t *testing.T) {
	var plain, color bytes.Buffer
	if err := errors.Join(
		report.Text(&plain, fixture(), report.Style{}),
		report.Text(&color, fixture(), report.Style{Color: true}),
	); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plain.String(), "\x1b") {
		t.Error("plain text has escape codes")
	}
	if !strings.Contains(color.String(), "\x1b[31mleak\x1b[0m") {
		t.Error("a leak is not red")
	}
	stripped := regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(color.String(), "")
	if diff := cmp.Diff(plain.String(), stripped); diff != "" {
		t.Errorf("colour changed the text (-plain +stripped):\n%s", diff)
	}
}

func TestJSON(t *testing.T) {
	schema := resolved(t)
	for name, d := range documents() {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := report.JSON(&b, d); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".json", b.Bytes())
			var value any
			if err := json.Unmarshal(b.Bytes(), &value); err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); err != nil {
				t.Errorf("document does not match its schema: %v", err)
			}
		})
	}
}

func resolved(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	text, err := report.JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "verdict.schema.json", text)
	var s jsonschema.Schema
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	out, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// diagnosis.json is what its schema says.
func TestDiagnosisSchema(t *testing.T) {
	text, err := report.DiagnosisSchema()
	if err != nil {
		t.Fatal(err)
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	schema, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := report.DiagnosisJSON(&b, fixture().Diagnosis); err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(b.Bytes(), &value); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Error(err)
	}
	delete(value.(map[string]any), "findings")
	if schema.Validate(value) == nil {
		t.Error("the schema takes a diagnosis without findings: it validates nothing")
	}
}

// A stored document tells what was suspected.
func TestStoredSuspects(t *testing.T) {
	var document, text bytes.Buffer
	if err := report.JSON(&document, fixture()); err != nil {
		t.Fatal(err)
	}
	if err := report.StoredSuspects(&text, document.Bytes()); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(text.String()), " ")
	if want := "Suspect of upload: server.js:12 in addToCart: closure retention, high confidence"; !strings.HasPrefix(got, want) {
		t.Errorf("got %s\nwant %s first", got, want)
	}
}

// A kept document of version 1 tells it as well, of the interaction too.
func TestStoredSuspectsOfVersion1(t *testing.T) {
	document, err := os.ReadFile("testdata/version1.json")
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := report.StoredSuspects(&text, document); err != nil {
		t.Fatal(err)
	}
	if got, want := text.String(), "shop.js:7 in keep"; !strings.Contains(got, want) {
		t.Errorf("got %q, want %q in it", got, want)
	}
}

type brokenWriter struct{ error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.error }

func TestWriteError(t *testing.T) {
	full := errors.New("no space left on device")
	if err := report.Text(brokenWriter{full}, fixture(), report.Style{}); !errors.Is(err, full) {
		t.Errorf("Text: got %v, want %v", err, full)
	}
	if err := report.JSON(brokenWriter{full}, fixture()); !errors.Is(err, full) {
		t.Errorf("JSON: got %v, want %v", err, full)
	}
}

// What could not be estimated is not printed as no growth, with a limit of 0.
func TestNothingEstimated(t *testing.T) {
	d := fixture()
	d.Verdict = &verdict.Verdict{
		Outcome:    verdict.Inconclusive,
		Endpoints:  []verdict.Endpoint{{Name: "upload", Outcome: verdict.Inconclusive, Budget: 1, Rate: 10}},
		Background: verdict.Background{Outcome: verdict.NotJudged},
	}
	var text, doc bytes.Buffer
	if err := errors.Join(report.Text(&text, d, report.Style{}), report.JSON(&doc, d)); err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^  upload +inconclusive +\? +\? +1\.00 +\?$`)
	if !row.MatchString(text.String()) {
		t.Errorf("want a row of question marks, got:\n%s", text.String())
	}
	var got struct {
		Endpoints []map[string]any
	}
	if err := json.Unmarshal(doc.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"bytes_per_request", "interval", "mb_per_hour", "min_detectable_mb_per_hour"} {
		if v := got.Endpoints[0][key]; v != nil {
			t.Errorf("%s: got %v, want null", key, v)
		}
	}
}

// However much is known of it, the advice for the first suspect of a leak is shown
// whole, at the width of a narrow terminal too.
func TestAdviceIsWhole(t *testing.T) {
	for _, p := range diagnose.Patterns {
		for _, width := range []int{60, 80} {
			d := fixture()
			d.Diagnosis.Findings = d.Diagnosis.Findings[:1]
			first := &d.Diagnosis.Findings[0].Suspects[0]
			first.Pattern = p
			for range 30 {
				first.Reasons = append(first.Reasons, "seen once more in a block of three thousand requests that had nothing else to do")
			}
			var b bytes.Buffer
			if err := report.Text(&b, d, report.Style{Width: width}); err != nil {
				t.Fatal(err)
			}
			_, text, _ := strings.Cut(b.String(), "Where ")
			text, _, _ = strings.Cut(text, "\n\n")
			_, before, some := strings.Cut(strings.Join(strings.Fields(text), " "), " instead of: ")
			before, after, both := strings.Cut(before, " write: ")
			about := p.Advice()
			squeeze := func(s string) string { return strings.Join(strings.Fields(s), " ") }
			if !some || !both || before != squeeze(about.Before) || !strings.HasPrefix(after, squeeze(about.After)+" ") || !strings.Contains(after, "more: docs/patterns/") {
				t.Errorf("%s at %d columns: got\n%s\nwant all of its advice", p, width, text)
			}
			if lines := strings.Count(text, "\n") + 1; lines > 25 {
				t.Errorf("%s at %d columns: got %d lines, want the reasons cut", p, width, lines)
			}
		}
	}
}

// What is only inferred is said to be so, without what to write instead; and a
// part of the growth is not taken for all of it.
func TestDiagnosisIsModest(t *testing.T) {
	d := fixture()
	first := &d.Diagnosis.Findings[0].Suspects[0]
	first.Confidence, first.Bytes = diagnose.Low, 8.1 // of 16.2 B per request
	for _, format := range []string{"text", "html", "markdown"} {
		text := strings.Join(strings.Fields(string(written(t, format, report.Of(d)))), " ")
		if !strings.Contains(text, "probably server.js:12") || !strings.Contains(text, "50 % of the growth") || strings.Contains(text, "hooks.push") {
			t.Errorf("%s: got %s\nwant a probable line, 50 %% of the growth, and no recipe", format, text)
		}
	}
}

// The code of a suspect is shown as it stands, and is no markup.
func TestCodeIsShown(t *testing.T) {
	d := fixture()
	d.Diagnosis.Findings[0].Suspects[0].Excerpt = &evidence.Excerpt{
		File: "server.js", Line: 12, First: 11, Lines: []string{"function add(cart) {", "  carts.push('</span>' + `~~~`)", "}"},
	}
	for format, want := range map[string]string{
		"text":     "  >   12 |   carts.push('</span>' + `~~~`)\n",
		"markdown": "    >  12 |   carts.push('</span>' + `~~~`)\n",
		"html":     `<span class="marked"><span class="no">12</span>  carts.push(&#39;&lt;/span&gt;&#39; &#43; ` + "`~~~`)\n",
		"sarif":    `"text": "  carts.push('\u003c/span\u003e' + ` + "`~~~`)" + `"`,
	} {
		if text := string(written(t, format, report.Of(d))); !strings.Contains(text, want) {
			t.Errorf("%s: got %s\nwant %s in it", format, text, want)
		}
	}
}
