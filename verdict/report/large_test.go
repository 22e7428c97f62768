package report_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// large is a run of 100 endpoints: e07 leaks, e20, e21 and e22 are not decided for one
// reason, and the others pass, e50 nearest to its budget.
func large() report.Document {
	d := fixture()
	h := &d.Recording.Header
	h.Endpoints, d.Recording.Observations, d.Recording.Events, d.Previous, d.Diagnosis = nil, nil, nil, nil, nil
	v := d.Verdict
	leak := v.Endpoints[0]
	v.Endpoints, v.Resources = nil, nil
	for i := range 100 {
		e := passing(i)
		switch i {
		case 7:
			e = leak
			e.Name = "e07"
		case 20, 21, 22:
			e.Outcome, e.Reason = verdict.Inconclusive, "4 of 6 rounds were measured"
		case 50:
			e.Retained.High, e.PerHour.High = 20, 0.72
			e.Warnings = append(e.Warnings, verdict.Warning{Code: "requests-failed", Message: "3 of 6,000 requests failed"})
		}
		v.Endpoints = append(v.Endpoints, e)
		h.Endpoints = append(h.Endpoints, recording.Endpoint{Name: e.Name, Request: e.Request, Rate: e.Rate, Budget: e.Budget})
	}
	for round := range 6 {
		d.Recording.Observations = append(d.Recording.Observations, mixedBlock(round))
	}
	return d
}

func passing(i int) verdict.Endpoint {
	name := fmt.Sprintf("e%02d", i)
	high := 1 + float64(i%10)/10
	return verdict.Endpoint{
		Name: name, Request: "GET /" + name, Outcome: verdict.Pass, Rate: 10, Budget: 1, Requests: 600, MinDetectable: 0.04,
		Retained:   verdict.Estimate{Value: 0.2, Low: -0.8, High: unit.BytesPerRequest(high)},
		PerHour:    verdict.HourlyEstimate{Value: 0.0072, Low: -0.0288, High: unit.BytesPerRequest(high).AtRate(10)},
		UntilLimit: -1, Reason: "at most 0.07 MB/h",
		Warnings: []verdict.Warning{{Code: "rate-assumed", Message: "no rate in the scenario: 10/s is assumed"}},
	}
}

// mixedBlock is a round in which all endpoints are loaded at once.
func mixedBlock(round int) recording.Observation {
	o := recording.Observation{Block: recording.Block{
		Phase: recording.Measure, Round: round, Endpoint: recording.Mixed, Start: time.Duration(10+5*round) * time.Second, Elapsed: 4 * time.Second,
	}}
	for range 100 {
		o.Block.Parts = append(o.Block.Parts, recording.Load{Requests: 100, Landed: 100})
	}
	o.Block.Load = recording.Load{Requests: 10000, Landed: 10000}
	o.Sample = recording.Sample{At: o.Block.Start + o.Block.Elapsed, Settled: true, Heap: recording.Heap{Used: 20e6 + unit.Bytes(10e3*round)}}
	return o
}

func textOf(t *testing.T, d report.Document, s report.Style) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Text(&b, d, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What does not pass comes first, and the passes are one line.
func TestTextOfManyEndpoints(t *testing.T) {
	got := textOf(t, large(), report.Style{Width: 100})
	for _, want := range []string{
		"  MB/h  budget  detectable\n  e07           leak ",
		"  96 endpoints  pass               ≤ 20 B          ≤ 0.72    1.00      ≤ 0.04  2,3\n",
		"  96 endpoints pass; nearest to its budget is e50, with at most 0.72 of 1.00 MB/h (--all shows them)\n",
		"  e20, e21 and e22: 4 of 6 rounds were measured\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	if lines := strings.Count(got, "\n"); lines > 40 {
		t.Errorf("%d lines, want no more than fit a screen", lines)
	}
	all := textOf(t, large(), report.Style{All: true})
	for i := range 100 {
		if name := fmt.Sprintf("\n  e%02d ", i); strings.Count(all, name) != 1 {
			t.Errorf("--all: %d rows of e%02d", strings.Count(all, name), i)
		}
	}
	if strings.Index(all, "\n  e50 ") > strings.Index(all, "\n  e00 ") {
		t.Error("--all: what is nearest to its budget is not the first of the passes")
	}
}

// Twelve endpoints have a row each, in the order of the scenario.
func TestTextOfTwelveEndpoints(t *testing.T) {
	d := large()
	d.Verdict.Endpoints, d.Recording.Header.Endpoints = d.Verdict.Endpoints[:12], d.Recording.Header.Endpoints[:12]
	got := textOf(t, d, report.Style{})
	if at := strings.Index(got, "\n  e07 "); at < strings.Index(got, "\n  e06 ") || at > strings.Index(got, "\n  e08 ") || strings.Contains(got, "--all") {
		t.Errorf("want e00 to e11 in order:\n%s", got)
	}
}

// Of many that are not decided, the last line names some.
func TestConclusionOfManyEndpoints(t *testing.T) {
	d := large()
	d.Outcome = verdict.Inconclusive
	for i := range d.Verdict.Endpoints {
		d.Verdict.Endpoints[i].Outcome, d.Verdict.Endpoints[i].Reason = verdict.Inconclusive, "4 of 6 rounds were measured"
		d.Verdict.Endpoints[i].Metrics = nil
	}
	got := textOf(t, d, report.Style{Width: 100})
	for _, want := range []string{
		"\nInconclusive: e00, e01, e02, e03, e04, e05 and 94 others are not decided\n",
		"\n  e00, e01, e02, e03, e04, e05 and 94 others: 4 of 6 rounds were measured\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}

func TestMarkdownOfManyEndpoints(t *testing.T) {
	var b bytes.Buffer
	if err := report.Comment(&b, report.Of(large())); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	for _, want := range []string{
		"|:--|:--|--:|--:|--:|--:|\n| `e07`",
		"\n| 96 endpoints<sup>2,3</sup> | pass | ≤ 20 B | ≤ 0.72 | 1.00 | ≤ 0.04 |\n",
		"\n- **e20, e21 and e22**: 4 of 6 rounds were measured\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	if len(got) > 4000 {
		t.Errorf("the comment has %d bytes", len(got))
	}
}

// JUnit has a test case for each endpoint, whatever the table folds.
func TestJUnitOfManyEndpoints(t *testing.T) {
	var b bytes.Buffer
	if err := report.JUnit(&b, report.Of(large())); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Suites []struct {
			Cases []struct {
				Class string `xml:"classname,attr"`
				Name  string `xml:"name,attr"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, c := range got.Suites[0].Cases {
		named[c.Class] = true
	}
	for _, e := range large().Verdict.Endpoints {
		found := false
		for class := range named {
			found = found || strings.HasSuffix(class, e.Name)
		}
		if !found {
			t.Errorf("no test case of %s", e.Name)
		}
	}
}

// A run of a selection says in each form that it measured a part.
func TestSelectionInEveryForm(t *testing.T) {
	d := large()
	d.Recording.Header.Scenario.Endpoints, d.Outcome, d.Verdict.Outcome = 140, verdict.Pass, verdict.Pass
	for name, want := range map[string]string{
		"text": "; 40 other endpoints were not measured", "html": "; 40 other endpoints were not measured.", "markdown": "; 40 other endpoints were not measured",
		"comment": "; 40 other endpoints were not measured", "json": `"selected_of": 140`, "junit": `name="selection" value="100 of 140 endpoints"`,
	} {
		f, err := report.FindFormat(name)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := f.Write(&b, report.Of(d)); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(strings.Fields(b.String()), " "); !strings.Contains(got, want) {
			t.Errorf("%s: no %q", name, want)
		}
	}
}

// Beside the last runs, a hundred columns would be unreadable: what passes has none.
func TestPreviousRunsOfManyEndpoints(t *testing.T) {
	d := large()
	d.Previous = fixturePrevious()
	d.Previous[0].Endpoints[0].Name = "e07"
	var b bytes.Buffer
	if err := report.HTML(&b, report.Of(d)); err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(b.String(), ">Beside the last runs<")
	head, _, _ := strings.Cut(table, "</thead>")
	if got := strings.Count(head, `<th scope="col" class="n">`); got != 4 || !strings.Contains(table, "15.8 B/request") {
		t.Errorf("%d columns, want those of 4 endpoints with what they were:\n%s", got, head)
	}
}

// The page shows what does not pass, and the rest when it is asked for.
func TestHTMLOfManyEndpoints(t *testing.T) {
	var b bytes.Buffer
	if err := report.HTML(&b, report.Of(large())); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	shown, folded, found := strings.Cut(got, `<details class="folded"><summary>96 endpoints pass; nearest to its budget is e50`)
	if !found || strings.Count(shown, `href="#run1-e`) != 4 || strings.Count(folded, `href="#run1-e`) != 96 {
		t.Errorf("%d rows shown and %d folded, want 4 and 96", strings.Count(shown, `href="#run1-e`), strings.Count(folded, `href="#run1-e`))
	}
	const most = 200e3 // bytes; 75e3 on 2026-12-01
	if len(got) > most {
		t.Errorf("the page has %d bytes, want at most %.0f", len(got), most)
	}
}
