package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/tools/accuracy/series"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// TestSimulatedDoesNotDependOnParallel: the tables are the same however many
// runs are judged at a time.
func TestSimulatedDoesNotDependOnParallel(t *testing.T) {
	var tables []string
	for _, parallel := range []int{1, 3} {
		var b strings.Builder
		o := options{cases: regexp.MustCompile("white noise/1"), simulated: 3, parallel: parallel}
		if err := writeSimulated(t.Context(), &b, o); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, b.String())
	}
	if diff := cmp.Diff(tables[0], tables[1]); diff != "" {
		t.Errorf("tables (-one +three at a time):\n%s", diff)
	}
	for _, want := range []string{
		"| white noise | 1 | 0/3 = 0 % [0, 70.8] | 0 | 6 |", // binom.test(0, 3): 1 - 0.025^(1/3)
		"| leakcheck: leak | 0 % | 100 % | 100 % | 100 % | 100 % | 100 % |",
	} {
		if !strings.Contains(tables[0], want) {
			t.Errorf("no %q in:\n%s", want, tables[0])
		}
	}
}

func TestRecorded(t *testing.T) {
	dir := t.TempDir()
	keep := func(file string, leak float64) {
		rec := simulate.Run{
			Seed: 1, Endpoints: 2, Rounds: 6, PerBlock: 12000, Noise: 5e3, Budget: 1,
			Apps: []simulate.Memory{&simulate.Linear{Endpoint: 1, PerRequest: leak}},
		}.Record()
		var b bytes.Buffer
		if err := series.Write(&b, series.Strip(rec)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	keep("clean.jsonl.gz", 0)
	keep("leaky.jsonl.gz", 200)
	entries := []series.Entry{
		{File: "clean.jsonl.gz", App: "app/fixed", Node: "v24.0.0"},
		{File: "leaky.jsonl.gz", App: "app/leaky", Node: "v24.0.0", Leaky: "b"},
	}
	for _, tt := range []struct {
		leaky    string // what the index says of the second
		allRight bool
		want     []string
	}{
		{"b", true, []string{
			"| app/leaky | v24.0.0 | b | leak | right | ", "Not right: 0/2",
			"| leakcheck: leak | 0 % | 100 % |", "| prisma: least-squares slope over 10 B/iteration | 0 % | 100 % |",
		}},
		{"a", false, []string{"| app/leaky | v24.0.0 | a | leak | WRONG ENDPOINT |", "Not right: 1/2"}},
	} {
		entries[1].Leaky = tt.leaky
		if err := series.WriteIndex(dir, entries); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		allRight, err := writeRecorded(&b, dir)
		if err != nil {
			t.Fatal(err)
		}
		if allRight != tt.allRight {
			t.Errorf("leaky %s: all right = %t, want %t", tt.leaky, allRight, tt.allRight)
		}
		for _, want := range tt.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("leaky %s: no %q in:\n%s", tt.leaky, want, b.String())
			}
		}
	}
}

// TestKeptSeries: every real run that is kept gets the verdict that is known to
// be right, so that a change of a rule shows here before it does live.
func TestKeptSeries(t *testing.T) {
	var b strings.Builder
	allRight, err := writeRecorded(&b, filepath.Join("testdata", "series"))
	if err != nil {
		t.Fatal(err)
	}
	if !allRight {
		t.Errorf("not all right:\n%s", b.String())
	}
}
