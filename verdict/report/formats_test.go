package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// suites are what the formats are tested with: each document alone, all of
// them together with a part missing, and one that tries to break out.
func suites() map[string]report.Suite {
	all := map[string]report.Suite{}
	docs := documents()
	var runs []report.Document
	for _, name := range []string{"leak", "inconclusive", "pass", "died", "never"} {
		all[name] = report.Of(docs[name])
		runs = append(runs, docs[name])
	}
	all["suite"] = report.Join(runs, []string{"shard 3 of 5 left no result"})
	all["hostile"] = report.Of(hostile())
	return all
}

func written(t *testing.T, format string, s report.Suite) []byte {
	t.Helper()
	f, err := report.FindFormat(format)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Every format but the page, whose numbers are tested in a browser, has a
// golden file for a run and for a suite.
func TestFormats(t *testing.T) {
	extensions := map[string]string{
		"text": "txt", "json": "json", "markdown": "md", "comment": "comment.md", "junit": "xml", "sarif": "sarif", "gitlab": "gitlab.json",
		"annotations": "annotations.txt", "prometheus": "prom", "openmetrics": "om",
	}
	for _, f := range report.Formats {
		if f.Name == "html" {
			continue
		}
		for _, name := range []string{"leak", "never", "suite", "hostile"} {
			t.Run(f.Name+"/"+name, func(t *testing.T) {
				golden(t, name+"."+extensions[f.Name], written(t, f.Name, suites()[name]))
			})
		}
	}
}

func TestFindFormat(t *testing.T) {
	if f, err := report.FindFormat("md"); err != nil || f.Name != "markdown" {
		t.Errorf("got %q, %v", f.Name, err)
	}
	if _, err := report.FindFormat("pdf"); err == nil || !strings.Contains(err.Error(), "want one of text, json, html") {
		t.Errorf("got %v, want an error that lists the formats", err)
	}
}

func TestFormatWriteError(t *testing.T) {
	full := brokenWriter{fmt.Errorf("no space left on device")}
	for _, f := range report.Formats {
		if err := f.Write(full, suites()["leak"]); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("%s: got %v, want the writer's error", f.Name, err)
		}
	}
}

// The worst run is the suite's outcome, and one that lacks a part never passes.
func TestJoin(t *testing.T) {
	docs := documents()
	tests := []struct {
		runs     []string
		problems []string
		outcome  verdict.Outcome
		code     int
	}{
		{runs: []string{"pass"}, outcome: verdict.Pass, code: 0},
		{runs: []string{"pass", "inconclusive"}, outcome: verdict.Inconclusive, code: 3},
		{runs: []string{"inconclusive", "died", "pass"}, outcome: report.Failed, code: 4},
		{runs: []string{"died", "leak", "never"}, outcome: verdict.Leak, code: 1},
		{runs: nil, outcome: report.Failed, code: 4},
		{runs: []string{"pass"}, problems: []string{"shard 2 of 2"}, outcome: report.Failed, code: 4},
		{runs: []string{"leak"}, problems: []string{"shard 2 of 2"}, outcome: verdict.Leak, code: 1},
	}
	for _, tt := range tests {
		var runs []report.Document
		for _, name := range tt.runs {
			runs = append(runs, docs[name])
		}
		if s := report.Join(runs, tt.problems); s.Outcome != tt.outcome || s.ExitCode != tt.code {
			t.Errorf("%v with %v: got %s and %d, want %s and %d", tt.runs, tt.problems, s.Outcome, s.ExitCode, tt.outcome, tt.code)
		}
	}
}

// GitHub drops a summary above 1,024 KiB and refuses a comment above 65,536
// characters, so a large suite is cut between runs, and says so.
func TestMarkdownLimits(t *testing.T) {
	var runs []report.Document
	for range 1000 {
		runs = append(runs, documents()["inconclusive"], documents()["pass"], documents()["leak"])
	}
	for format, most := range map[string]int{"markdown": 1 << 20, "comment": 65536} {
		got := written(t, format, report.Join(runs, nil))
		if len(got) > most || len(got) < most/2 {
			t.Errorf("%s: %d bytes, want at most %d and no waste", format, len(got), most)
		}
		if !bytes.Contains(got, []byte("runs not shown here: see report.html.")) {
			t.Errorf("%s: does not say what was left out", format)
		}
	}
}

// A comment is found again by its first line, whatever the outcome.
func TestCommentMarker(t *testing.T) {
	first := func(name string) string {
		line, _, _ := strings.Cut(string(written(t, "comment", suites()[name])), "\n")
		return line
	}
	if first("leak") != first("pass") || first("leak") != "<!-- leakcheck:checkout -->" {
		t.Errorf("got %q and %q, want the scenario's marker", first("leak"), first("pass"))
	}
	if strings.Count(first("hostile"), "-->") != 1 {
		t.Errorf("a name breaks out of the marker: %q", first("hostile"))
	}
}

// At most 10, and each stays on a line of its own.
func TestAnnotationsLimit(t *testing.T) {
	var runs []report.Document
	for range 4 {
		runs = append(runs, documents()["leak"], hostile())
	}
	got := strings.Split(strings.TrimSuffix(string(written(t, "annotations", report.Join(runs, nil))), "\n"), "\n")
	if len(got) != 10 || !strings.Contains(got[9], "more findings are in the report") {
		t.Errorf("got %d annotations, the last %q", len(got), got[len(got)-1])
	}
	for _, line := range got {
		if !strings.HasPrefix(line, "::error ") && !strings.HasPrefix(line, "::warning ") && !strings.HasPrefix(line, "::notice ") {
			t.Errorf("not a workflow command: %q", line)
		}
	}
}

// No format has a character that controls a terminal, or a line that a CI system
// takes for a command, whatever the names and messages are.
func TestFormatsArePrintable(t *testing.T) {
	d := hostile()
	d.Failure = &report.Failure{Message: "::error::x\r\n  ::add-mask::y", Detail: "##[error]z\n\u202e\x1b]0;title\a\n::debug::"}
	for _, f := range report.Formats {
		text := string(written(t, f.Name, report.Of(d)))
		if i := strings.IndexAny(text, "\x1b\a\r\u202e"); i >= 0 {
			t.Errorf("%s: has %q", f.Name, text[max(0, i-20):min(len(text), i+20)])
		}
		for line := range strings.Lines(text) {
			own := f.Name == "annotations" && (strings.HasPrefix(line, "::error file=") || strings.HasPrefix(line, "::warning ") || strings.HasPrefix(line, "::notice "))
			if strings.HasPrefix(strings.TrimSpace(line), "::") && !own || strings.Contains(line, "##[") && f.Name != "annotations" {
				t.Errorf("%s: a command: %q", f.Name, line)
			}
		}
	}
}
