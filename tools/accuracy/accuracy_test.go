package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/scenarios/catalog"
	"github.com/leakcheck/leakcheck/tools/accuracy/packages"
)

func TestGrade(t *testing.T) {
	tests := []struct {
		outcome string
		named   []string
		leaking string
		want    Grade
	}{
		{"pass", nil, "", Right},
		{"leak", []string{"list"}, "", FalseAlarm},
		{"leak", []string{"list"}, "list", Right},
		{"leak", []string{"list", "get"}, "list", WrongEndpoint},
		{"leak", []string{"get"}, "list", WrongEndpoint},
		{"leak", nil, "list", WrongEndpoint},
		{"pass", nil, "list", Miss},
		{"inconclusive", nil, "list", Undecided},
		{"inconclusive", nil, "", Undecided},
		{"failed", nil, "list", Failed},
		{"", nil, "", Failed},
	}
	for _, tt := range tests {
		if got := grade(tt.outcome, tt.named, tt.leaking); got != tt.want {
			t.Errorf("grade(%q, %q, %q) = %s, want %s", tt.outcome, tt.named, tt.leaking, got, tt.want)
		}
	}
}

func TestDocumentResult(t *testing.T) {
	const doc = `{"outcome": "leak", "exit_code": 1,
		"run": {"tool": "v1", "load_share": 0.8}, "environment": {"node": "v24.1.0"},
		"endpoints": [
			{"name": "get", "outcome": "pass", "bytes_per_request": 900, "interval": null},
			{"name": "list", "outcome": "leak", "bytes_per_request": 16, "interval": [12, 20], "min_detectable_mb_per_hour": 2}],
		"background": {"outcome": "leak"}}`
	d, err := parseDocument([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	k := key{Case: "tiny", Variant: "leaky", Node: 24, Seed: 1}
	bytes, limit, share := 16.0, 2.0, 0.8
	want := Result{
		key: k, Tool: "v1", NodeFull: "v24.1.0", Expected: "list", Outcome: "leak",
		Leaking: []string{"list", "background"}, Grade: WrongEndpoint, Endpoint: "list",
		BytesPerRequest: &bytes, Interval: &[2]float64{12, 20}, MinDetectable: &limit, LoadShare: &share,
		Endpoints: d.Endpoints,
	}
	if diff := cmp.Diff(want, d.result(k, "list"), cmp.AllowUnexported(Result{})); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	// Of an healthy, the endpoint that grew most is shown.
	if got := d.shown("").Name; got != "get" {
		t.Errorf("shown = %q, want get", got)
	}
}

func TestStoreResumes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.jsonl")
	a := Result{key: key{Case: "b", Variant: "leaky", Node: 24, Seed: 1}, Grade: Right, Leaking: []string{"list"}}
	b := Result{key: key{Case: "a", Variant: "fixed", Node: 20, Seed: 2}, Grade: Miss, Leaking: []string{}}
	for _, r := range []Result{a, b} {
		s, err := openStore(path) // anew for each, as a resumed campaign does
		if err != nil {
			t.Fatal(err)
		}
		if s.has(r.key) {
			t.Errorf("%s is done before it ran", r.key)
		}
		if err := s.add(r); err != nil {
			t.Fatal(err)
		}
	}
	s, err := openStore(path)
	if err != nil {
		t.Fatal(err)
	}
	if !s.has(a.key) || !s.has(b.key) {
		t.Error("a finished run would be done again")
	}
	if diff := cmp.Diff([]Result{b, a}, s.results(), cmp.AllowUnexported(Result{})); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

func TestStoreRefusesABrokenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.jsonl")
	if err := os.WriteFile(path, []byte("{}\n{\"case\": 1}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := openStore(path); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("openStore = %v, want an error in line 2", err)
	}
}

// TestShards: every job is in one shard, and in one only.
func TestShards(t *testing.T) {
	o, err := parseOptions([]string{"-nodes", "20,24", "-seeds", "1,2,3", "-cases", "^(a|b)/"})
	if err != nil {
		t.Fatal(err)
	}
	cases := []catalog.Case{{Name: "a", Variant: "leaky"}, {Name: "a", Variant: "fixed"}, {Name: "b", Variant: "leaky"}, {Name: "c"}}
	jobs := planJobs(cases, o)
	if want := 3 * 2 * 3; len(jobs) != want { // cases x nodes x seeds, c is not asked for
		t.Fatalf("planned %d jobs, want %d", len(jobs), want)
	}
	seen := map[key]int{}
	for i := 1; i <= 4; i++ {
		for _, j := range (shard{index: i, count: 4}).of(jobs) {
			seen[j.key()]++
		}
	}
	for _, j := range jobs {
		if seen[j.key()] != 1 {
			t.Errorf("%s is in %d shards, want 1", j.key(), seen[j.key()])
		}
	}
}

// TestSets: no name is in both sets, so that a result's key tells them apart.
func TestSets(t *testing.T) {
	seen := map[key]bool{}
	for set, want := range map[string]int{"catalog": len(catalog.Cases()), "packages": len(packages.Cases())} {
		o, err := parseOptions([]string{"-set", set})
		if err != nil {
			t.Fatal(err)
		}
		jobs := planJobs(o.set(), o)
		if len(jobs) != want {
			t.Errorf("-set %s: %d jobs, want %d", set, len(jobs), want)
		}
		for _, j := range jobs {
			if seen[j.key()] {
				t.Errorf("%s is in two sets", j.key())
			}
			seen[j.key()] = true
		}
	}
	if all := len(allCases()); all != len(seen) {
		t.Errorf("-set all has %d cases, the others %d", all, len(seen))
	}
}

func TestParseOptions(t *testing.T) {
	o, err := parseOptions([]string{"-nodes", "20, 24=/opt/node", "-seeds", "7", "-shard", "2/3"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]nodeChoice{{20, ""}, {24, "/opt/node"}}, o.nodes, cmp.AllowUnexported(nodeChoice{})); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
	if o.shard != (shard{2, 3}) {
		t.Errorf("shard = %v, want 2/3", o.shard)
	}
	for _, bad := range []string{
		"-nodes=x", "-nodes=", "-seeds=-1", "-seeds=0", "-cases=(", "-shard=0/2", "-shard=3/2", "-shard=2", "-parallel=0", "-table", "extra",
		"-set=all,packages", "-series=dir",
	} {
		if _, err := parseOptions([]string{bad}); err == nil {
			t.Errorf("parseOptions(%s) was accepted", bad)
		}
	}
}

// TestClopperPearson: with k = n the lower end solves p^n = 0.025, and with
// k = 0 the upper end solves (1-p)^n = 0.025. The middle row is R's
// binom.test(8, 10).
func TestClopperPearson(t *testing.T) {
	tests := []struct {
		k, n   int
		lo, hi float64
	}{
		{10, 10, math.Pow(0.025, 0.1), 1},
		{0, 20, 0, 1 - math.Pow(0.025, 0.05)},
		{8, 10, 0.4439045, 0.9747893},
	}
	for _, tt := range tests {
		lo, hi := clopperPearson(tt.k, tt.n, 0.95)
		if math.Abs(lo-tt.lo) > 1e-6 || math.Abs(hi-tt.hi) > 1e-6 {
			t.Errorf("clopperPearson(%d, %d) = %.7f, %.7f, want %.7f, %.7f", tt.k, tt.n, lo, hi, tt.lo, tt.hi)
		}
	}
}

func TestReport(t *testing.T) {
	bytes, share := 16.04, 0.8
	results := []Result{
		{
			key: key{Case: "tiny", Variant: "leaky", Node: 24, Seed: 1}, NodeFull: "v24.1.0", Expected: "list", Outcome: "leak", Leaking: []string{"list"},
			Grade: Right, Seconds: 40, BytesPerRequest: &bytes, Interval: &[2]float64{12, 20}, LoadShare: &share,
			Named: &Named{Line: "server.js:3", Pattern: "timer", WantLine: "server.js:3", WantPattern: "closure-retention"},
		},
		{key: key{Case: "tiny", Variant: "fixed", Node: 24, Seed: 1}, NodeFull: "v24.1.0", Outcome: "pass", Grade: Right, Seconds: 50, LoadShare: &share},
		{key: key{Case: "lru", Variant: "healthy", Node: 20, Seed: 1}, Outcome: "failed", Grade: Failed, Seconds: 3, Error: "no | node\nhint"},
	}
	var b strings.Builder
	if err := writeReport(&b, results); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| tiny | leaky | v24.1.0 | 1 | leak: list | leak: list | right | 16.0 [12.0, 20.0] | 40 | right line, timer |",
		"| tiny | fixed | v24.1.0 | 1 | pass | pass | right | – | 50 | – |",
		`| lru | healthy | 20 | 1 | pass | failed: no \| node | FAILED | – | 3 | – |`,
		"| 20 | – | – | 0 | 1 | – | – | – | – |",
		"| 24 | 1/1 = 100 % [2.5, 100] | 0/1 = 0 % [0, 97.5] | 0 | 0 | 45 | 80 % | 0/1 = 0 % [0, 97.5] | 1/1 = 100 % [2.5, 100] |",
		"| all | 1/1 = 100 % [2.5, 100] | 0/1 = 0 % [0, 97.5] | 0 | 1 | 45 | 80 % | 0/1 = 0 % [0, 97.5] | 1/1 = 100 % [2.5, 100] |",
	} {
		if !strings.Contains(b.String(), want+"\n") {
			t.Errorf("no line %q in:\n%s", want, b.String())
		}
	}
}

// TestExecute runs a stand-in for leakcheck, which only a whole campaign with
// real servers could replace; it checks what leakcheck is given.
func TestExecute(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "leakcheck")
	script := "#!/bin/sh\n" + `echo "{\"outcome\": \"pass\", \"environment\": {\"node\": \"$(node)\"}, \"run\": {\"tool\": \"$*$LEAKCHECK_SEED\"}}"; exit 0` + "\n"
	if err := os.WriteFile(program, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	nodeDir := filepath.Join(dir, "node24")
	if err := os.Mkdir(nodeDir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(nodeDir, "node"), []byte("#!/bin/sh\necho first on PATH\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("LEAKCHECK_SEED", "1") // default settings are meant, whoever runs the campaign
	l := &lab{dir: dir, program: program, nodeDirs: map[int]string{24: nodeDir}}
	j := job{Case: catalog.Case{Name: "lru", Variant: "healthy"}, node: nodeChoice{major: 24}, seed: 7}
	got, err := l.execute(t.Context(), j, dir, "scenario.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := Result{
		key: j.key(), Tool: "run --json --seed 7 scenario.yaml", NodeFull: "first on PATH",
		Outcome: "pass", Leaking: []string{}, Grade: Right, Seconds: got.Seconds,
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Result{})); diff != "" {
		t.Errorf("execute (-want +got):\n%s", diff)
	}
}

// TestExecuteWithoutAVerdict: a crash is a failed run, and bad usage is a
// mistake of the campaign; both hold leakcheck's last words.
func TestExecuteWithoutAVerdict(t *testing.T) {
	tests := []struct {
		name, script string
		grade        Grade // "" when it is an error
	}{
		{"crash", "echo goroutine 1 >&2; exit 70", Failed},
		{"killed", "echo goroutine 1 >&2; kill -9 $$", Failed},
		{"bad usage", "echo goroutine 1 >&2; exit 2", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			program := filepath.Join(dir, "leakcheck")
			if err := os.WriteFile(program, []byte("#!/bin/sh\n"+tt.script+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			l := &lab{dir: dir, program: program, nodeDirs: map[int]string{}}
			got, err := l.execute(t.Context(), job{}, dir, "scenario.yaml")
			if got.Grade != tt.grade || (err != nil) != (tt.grade == "") {
				t.Errorf("execute = %q, %v, want grade %q", got.Grade, err, tt.grade)
			}
			if words := got.Error + fmt.Sprint(err); !strings.Contains(words, "goroutine 1") {
				t.Errorf("leakcheck's last words are missing: %s", words)
			}
		})
	}
}
