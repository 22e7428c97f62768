package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/scenarios/catalog"
)

// Every case that has no service of its own runs in a container too, by a
// scenario that leakcheck takes, with all but its target as it was.
func TestContainScenario(t *testing.T) {
	o, err := parseOptions([]string{"-container"})
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range planJobs(catalog.Cases(), o) {
		if !j.container {
			continue
		}
		file, err := j.Extract(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		plain, err := scenarios.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := containScenario(file, "node:test"); err != nil {
			t.Fatal(err)
		}
		s, err := scenarios.Load(file)
		if err != nil {
			t.Errorf("%s: %v", j.key(), err)
			continue
		}
		want := []string{"node"}
		for _, word := range plain.Target.Command[1:] {
			want = append(want, appFolder+"/"+word)
		}
		c := s.Target.Container
		if diff := cmp.Diff(want, c.Command); diff != "" || c.Image != "node:test" || c.Mounts[0].Source != filepath.Dir(file) {
			t.Errorf("%s: container %+v, command (-want +got):\n%s", j.key(), c, diff)
		}
		if diff := cmp.Diff(len(plain.Endpoints), len(s.Endpoints)); diff != "" {
			t.Errorf("%s: endpoints (-want +got):\n%s", j.key(), diff)
		}
	}
}

func TestContainScenarioWithoutCommand(t *testing.T) {
	file := filepath.Join(t.TempDir(), "scenario.yaml")
	if err := os.WriteFile(file, []byte("version: 1\ntarget: {attach: {url: x}}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := containScenario(file, "node:test"); err == nil || !strings.Contains(err.Error(), "no target.command") {
		t.Errorf("containScenario = %v, want an error about target.command", err)
	}
}

func TestPairs(t *testing.T) {
	run := func(name string, container bool, grade Grade, low, high float64) Result {
		mean := (low + high) / 2
		return Result{
			key: key{Case: name, Variant: "leaky", Node: 24, Seed: 1, Container: container}, NodeFull: "v24.1.0",
			Outcome: "leak", Leaking: []string{"list"}, Grade: grade, Endpoint: "list",
			Endpoints: []endpoint{{Name: "list", BytesPerRequest: &mean, Interval: &[2]float64{low, high}}},
		}
	}
	same := []Result{run("a", false, Right, 10, 20), run("a", true, Right, 18, 30)}
	apart := []Result{run("b", false, Right, 10, 20), run("b", true, Right, 21, 30)}
	missed := []Result{run("c", false, Right, 10, 20), run("c", true, Miss, 10, 20)}
	alone := run("d", true, Right, 1, 2)

	pairs := containers.pairUp(append(append(append(same, apart...), missed...), alone))
	var b strings.Builder
	if err := containers.write(&b, pairs); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| a | leaky | v24.1.0 | 1 | leak: list | 15.0 [10.0, 20.0] | leak: list | 24.0 [18.0, 30.0] | yes |",
		"| b | leaky | v24.1.0 | 1 | leak: list | 15.0 [10.0, 20.0] | leak: list | 25.5 [21.0, 30.0] | no |",
		"Right in both: 2 of 3. Leak rates of all endpoints within each other's intervals: 2 of 3.",
	} {
		if !strings.Contains(b.String(), want+"\n") {
			t.Errorf("no line %q in:\n%s", want, b.String())
		}
	}
	for name, tt := range map[string]struct {
		results []Result
		want    bool
	}{"same": {same, true}, "apart": {apart, false}, "missed": {missed, false}, "none": {nil, false}} {
		if got := allAlike(containers.pairUp(tt.results)); got != tt.want {
			t.Errorf("%s: allAlike = %v, want %v", name, got, tt.want)
		}
	}
}

// Every case with two endpoints or more runs in mixed mode too.
func TestMixScenario(t *testing.T) {
	o, err := parseOptions([]string{"-mixed"})
	if err != nil {
		t.Fatal(err)
	}
	mixed := 0
	for _, j := range planJobs(catalog.Cases(), o) {
		file, err := j.Extract(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if !j.mixed {
			continue
		}
		mixed++
		if err := mixScenario(file); err != nil {
			t.Fatal(err)
		}
		s, err := scenarios.Load(file)
		if err != nil {
			t.Errorf("%s: %v", j.key(), err)
			continue
		}
		if s.Run.Mode != scenarios.ModeMixed {
			t.Errorf("%s: mode %q", j.key(), s.Run.Mode)
		}
		if plain, other := modes.counterpart(j.key()); !other || plain.Mixed {
			t.Errorf("%s: counterpart %s, %v", j.key(), plain, other)
		}
	}
	if mixed < 40 {
		t.Errorf("%d cases run in mixed mode, want most", mixed)
	}
}
