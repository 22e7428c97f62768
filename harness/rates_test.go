package harness

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/scenarios"
)

// The plan's endpoints have production's rates, but for those that give their
// own and those that nothing matches.
func TestCompileAssignsRates(t *testing.T) {
	dir := t.TempDir()
	log := `1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 1` + "\n" +
		`1.2.3.4 - - [20/Nov/2026:10:00:01 +0000] "GET /b HTTP/1.1" 200 1` + "\n"
	if err := os.WriteFile(filepath.Join(dir, "access.log"), []byte(log), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Parse(filepath.Join(dir, "scenario.yaml"), []byte("version: 1\nname: x\ntarget: {command: [node]}\n"+
		"rates: {from: access.log}\nendpoints: [{name: a, request: GET /a}, {name: b, request: GET /b, rate: 7/s}, {name: c, request: GET /c}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Compile(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []unit.PerSecond{.5, 7, scenarios.DefaultRate} { // one request in two seconds
		if e := plan.header.Endpoints[i]; e.Rate != want || e.RateAssumed != (i == 2) {
			t.Errorf("%s: got %v (assumed: %v), want %v", e.Name, e.Rate, e.RateAssumed, want)
		}
	}
	if len(plan.Notes()) != 2 {
		t.Errorf("got notes %q", plan.Notes())
	}
}

// Requests of an endpoint that was not selected are not those of one that was.
func TestCompileAssignsRatesOfSelection(t *testing.T) {
	dir := t.TempDir()
	log := `1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "GET /users/7 HTTP/1.1" 200 1` + "\n" +
		`1.2.3.4 - - [20/Nov/2026:10:00:01 +0000] "GET /users/me HTTP/1.1" 200 1` + "\n"
	if err := os.WriteFile(filepath.Join(dir, "access.log"), []byte(log), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Parse(filepath.Join(dir, "scenario.yaml"), []byte("version: 1\nname: x\ntarget: {command: [node]}\n"+
		"rates: {from: access.log}\nendpoints: [{name: me, request: GET /users/me}, {name: user, request: 'GET /users/{{seq}}'}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Compile(s.Select([]string{"user"}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := &plan.header
	if len(h.Endpoints) != 1 || h.Endpoints[0].Rate != .5 || h.Scenario.Endpoints != 2 {
		t.Errorf("got %+v of %d, want user of 2, at one request in two seconds", h.Endpoints, h.Scenario.Endpoints)
	}
	if len(plan.Notes()) != 1 {
		t.Errorf("got notes %q", plan.Notes())
	}
}
