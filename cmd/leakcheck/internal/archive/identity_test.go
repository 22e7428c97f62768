package archive

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/store"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/compare"
	"github.com/leakcheck/leakcheck/verdict/history"
	"github.com/leakcheck/leakcheck/verdict/report"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

const (
	before = `version: 1
name: shop
target: {command: [node, server.js]}
endpoints:
  - {name: cart, request: POST /cart}
  - {name: list, request: GET /list}
`
	after = before + `  - {name: search, request: GET /search}
run: {max_duration: 9m, workers: 4}
`
)

// madeRun is the n-th simulated run of a scenario, whose first endpoint leaks 400 bytes
// for each request.
func madeRun(t *testing.T, scenario string, n int) report.Document {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scenario.yaml")
	if err := os.WriteFile(path, []byte(scenario), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	rec := simulate.Run{
		Seed: uint64(n), Endpoints: len(s.Endpoints), Rounds: 6, PerBlock: 6000, Noise: 4000, Budget: 1,
		Apps: []simulate.Memory{&simulate.Linear{PerRequest: 400}},
	}.Record()
	h := &rec.Header
	h.RunID, h.StartedAt = fmt.Sprintf("20261121-15040%d-ab12cd", n), h.StartedAt.AddDate(0, 0, n)
	h.Scenario = recording.Scenario{Name: s.Name, Hash: s.Hash}
	for i := range h.Endpoints {
		h.Endpoints[i].Name, h.Endpoints[i].Identity = s.Endpoints[i].Name, s.Endpoints[i].Identity
	}
	v, err := verdict.Judge(rec, verdict.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return report.Document{Recording: rec, Verdict: v, Outcome: v.Outcome, ExitCode: 1}
}

// When an endpoint is added and the longest time and the workers change, the other
// endpoints keep one series, are compared, and keep their baseline.
func TestScenarioGrows(t *testing.T) {
	s := settings.Settings{History: filepath.Join(t.TempDir(), "history.db")}
	documents := []report.Document{madeRun(t, before, 1), madeRun(t, before, 2), madeRun(t, after, 3), madeRun(t, after, 4)}
	for i, doc := range documents {
		if i == 0 { // by an older leakcheck
			doc.Recording.Header.Endpoints[0].Identity, doc.Recording.Header.Endpoints[1].Identity = "", ""
		}
		if err := RememberNow(t.Context(), s, doc); err != nil {
			t.Fatal(err)
		}
	}
	runs, err := ReadHistory(t.Context(), s, store.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	groups := history.Groups(runs)
	for name, want := range map[string]int{"cart": 4, "list": 4, "search": 2} {
		if got := len(groups[0].Series(name)); len(groups) != 1 || got != want {
			t.Errorf("%s: %d groups, and a series of %d runs, want %d", name, len(groups), got, want)
		}
	}
	c := compare.Compare(compare.Side{Name: "base", Runs: runs[1:2]}, compare.Side{Name: "head", Runs: runs[2:3]}, compare.Options{})
	var outcomes []compare.Outcome
	for _, e := range c.Endpoints {
		outcomes = append(outcomes, e.Outcome)
	}
	if want := []compare.Outcome{compare.Unchanged, compare.Unchanged, compare.NotCompared}; !slices.Equal(outcomes, want) || c.Outcome != compare.Unchanged {
		t.Errorf("compare: %v, the whole %s, want %v", outcomes, c.Outcome, want)
	}
	base, last := compare.Baseline{}.With(runs[1]), documents[3]
	Tolerate(&base, last.Verdict, last.Recording)
	if e := last.Verdict.Endpoints[0]; e.Waived == nil || last.Verdict.Outcome != verdict.Pass {
		t.Errorf("baseline: cart is waived: %v, the run is %s: %v", e.Waived, last.Verdict.Outcome, last.Verdict.Warnings)
	}
}

// Earlier runs are those that measured the same of an endpoint, whatever else was in the
// scenario.
func TestPreviousRunsByEndpoint(t *testing.T) {
	dir := t.TempDir()
	changed := strings.Replace(before, "GET /list", "GET /all", 1)
	for n, scenario := range []string{before, changed, after} {
		doc := madeRun(t, scenario, n)
		h := &doc.Recording.Header
		if n == 0 { // by an older leakcheck
			h.Endpoints[0].Identity, h.Endpoints[1].Identity = "", ""
		}
		folder := Folder{ID: h.RunID, Dir: filepath.Join(dir, h.RunID)}
		if err := errors.Join(folder.Create(), folder.Store(doc)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		scenario string
		want     []string
	}{
		{after, []string{"2: cart list search", "1: cart"}},
		{before, []string{"2: cart list", "1: cart", "0: cart list"}},
	} {
		var got []string
		for _, p := range PreviousRuns(dir, &madeRun(t, tt.scenario, 3).Recording.Header) {
			line := p.ID[14:15] + ":"
			for _, e := range p.Endpoints {
				line += " " + e.Name
			}
			got = append(got, line)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
