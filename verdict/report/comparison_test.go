package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/compare"
	"github.com/leakcheck/leakcheck/verdict/history"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// sideOf is a side of runs that retain so many bytes of each endpoint's request.
func sideOf(name string, rates map[string]unit.BytesPerRequest) compare.Side {
	r := history.Run{ID: name, Outcome: verdict.Pass, Scenario: "shop"}
	for _, e := range []string{"upload", "list", "mended"} {
		mean := rates[e]
		r.Endpoints = append(r.Endpoints, history.Endpoint{
			Name: e, Outcome: verdict.Pass, Rate: 10, Budget: 50,
			Retained: verdict.Estimate{Value: mean, Low: mean - 3, High: mean + 3}, Fit: verdict.Fit{Mean: mean, StdErr: 0.3, DoF: 8},
		})
	}
	return compare.Side{Name: name, Runs: []history.Run{r, r}}
}

// compared is one endpoint that became worse, with a suspect, one as before, and one
// that is mended.
func compared() report.Comparison {
	c := compare.Compare(sideOf("main", map[string]unit.BytesPerRequest{"upload": 2, "list": 1, "mended": 90}),
		sideOf("HEAD", map[string]unit.BytesPerRequest{"upload": 42, "list": 1}), compare.Options{})
	looked := fixture()
	return report.Comparison{
		Comparison: &c, ExitCode: 1, ScenarioFile: "load/scenario.yaml", Looked: []*report.Document{&looked},
		Again: "leakcheck compare main HEAD load/scenario.yaml --run --endpoint upload",
	}
}

// Each format names the endpoint that became worse, both rates, and the line.
func TestComparisonFormats(t *testing.T) {
	wants := map[string][]string{
		"text":        {"Regressed: upload", "Suspect of upload: server.js:12"},
		"json":        {`"outcome": "regressed"`, `"exit_code": 1`, `"line": 12`},
		"markdown":    {"## leakcheck: regressed", "| `upload` | 2.0 | 42.0 | +40.0 |", "| improved |", "suspect: server.js:12", "--run --endpoint upload"},
		"comment":     {"<!-- leakcheck:compare-shop -->\n## leakcheck: regressed", "suspect: server.js:12"},
		"junit":       {`failures="1"`, `no regression from main to HEAD`, `server.js:12`, "base 2.0, head 42.0, change +40.0"},
		"sarif":       {`"ruleId": "memory-regression"`, `server.js`, `"startLine": 12`},
		"gitlab":      {`"severity": "critical"`, `server.js"`, `"begin": 12`},
		"annotations": {"::error file=", "server.js,line=12,title=Regressed%3A upload::"},
	}
	for name, all := range wants {
		f, err := report.FindFormat(name)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := f.WriteComparison(&out, compared()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, want := range all {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %q in\n%s", name, want, out.String())
			}
		}
		wellFormed(t, name, out.Bytes())
	}
}

func wellFormed(t *testing.T, name string, text []byte) {
	t.Helper()
	var doc any
	switch name {
	case "json", "sarif", "gitlab":
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	case "junit":
		if err := xml.Unmarshal(text, new(struct{})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A format without a form for comparisons says which have one.
func TestComparisonWithoutForm(t *testing.T) {
	f, err := report.FindFormat("prometheus")
	if err != nil {
		t.Fatal(err)
	}
	err = f.WriteComparison(new(bytes.Buffer), compared())
	if err == nil || !strings.Contains(err.Error(), "a comparison has no prometheus report: want one of text, json, markdown") {
		t.Errorf("got %v", err)
	}
}
