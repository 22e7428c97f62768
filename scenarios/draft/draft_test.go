package draft

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/scenarios"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// sources are drafted from, and have their drafts beside them.
var sources = []string{"shop.har", "shop.targets", "access.log", "express", "shop.postman.json", "shop.insomnia.json", "shop.artillery.yml"}

// marked is what the sources hold and no draft may.
const marked = "S3CRET"

// Each source gives the draft that stands beside it, which the loader takes,
// with and without what changes data.
func TestDrafts(t *testing.T) {
	for _, name := range sources {
		t.Run(name, func(t *testing.T) {
			source := filepath.Join("testdata", name)
			for suffix, o := range map[string]Options{".golden": {}, ".all.golden": {All: true}} {
				d, err := From(source, "", "testdata", o)
				if err != nil {
					t.Fatal(err)
				}
				got := d.YAML()
				compare(t, source+suffix, got)
				if strings.Contains(string(got), marked) || strings.Contains(strings.Join(d.Notes, "\n"), marked) {
					t.Errorf("a secret was copied:\n%s", got)
				}
				if _, err := scenarios.Parse("testdata/scenario.yaml", got); err != nil {
					t.Errorf("%s is no scenario: %v", source, err)
				}
			}
		})
	}
}

// What is commented out is a scenario as well, once the marks are taken away.
func TestWhatIsOffLoadsWhenSwitchedOn(t *testing.T) {
	for _, name := range sources {
		d, err := From(filepath.Join("testdata", name), "", "testdata", Options{})
		if err != nil {
			t.Fatal(err)
		}
		var on []string
		for line := range strings.Lines(string(d.YAML())) {
			if rest, off := strings.CutPrefix(line, "  # "); off && !strings.HasPrefix(rest, "Off: ") && !strings.HasPrefix(rest, Blank) {
				line = "  " + rest
				if strings.HasPrefix(rest, "- ") || strings.HasPrefix(rest, "  ") || strings.HasPrefix(rest, "# ") {
					on = append(on, line)
				}
				continue
			}
			on = append(on, line)
		}
		s, err := scenarios.Parse("testdata/scenario.yaml", []byte(strings.Join(on, "")))
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, strings.Join(on, ""))
			continue
		}
		if len(s.Endpoints) != len(d.Endpoints) {
			t.Errorf("%s: got %d endpoints, want %d", name, len(s.Endpoints), len(d.Endpoints))
		}
	}
}

func compare(t *testing.T, golden string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; -update writes it):\n%s", golden, diff)
	}
}

// Files of other tools are told apart, with what to do.
func TestOtherTools(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"load.js":        {"import http from 'k6/http';\nexport default function () { http.get('http://x/') }\n", "a k6 script"},
		"plan.jmx":       {"<?xml version=\"1.0\"?>\n<jmeterTestPlan version=\"1.2\">", "a JMeter test plan"},
		"events.yaml":    {"asyncapi: 3.0.0\ninfo: {title: x}\n", "an AsyncAPI document"},
		"a.heapprofile":  {"{\"head\": {}}", "a heap profile"},
		"a.heapsnapshot": {"{\"snapshot\": {}}", "a heap snapshot"},
		"locustfile.py":  {"from locust import HttpUser\n", "a Locust file"},
		"env.json":       {`{"name": "x", "values": [], "_postman_variable_scope": "environment"}`, "a Postman environment"},
		"schema.graphql": {"type Query {\n  items: [Item]\n}\n", "a GraphQL schema"},
		"insomnia.yaml":  {"type: collection.insomnia.rest/5.0\nname: x\n", "an Insomnia export in format 5"},
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(tt.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := From(path, "", t.TempDir(), Options{}); err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), ": ") {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

func TestBadSources(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty.log", "", "no request is recorded in it"},
		{"empty.har", `{"log": {"entries": []}}`, "has no entries"},
		{"not.har", `{"entries": []}`, "log is missing"},
		{"broken.har", `{"log":`, "read HAR"},
		{"fonts.har", `{"log": {"entries": [{"request": {"method": "GET", "url": "http://x/a.js"}}]}}`, "no request that a scenario could send"},
		{"words.txt", "some words\n", "is none of what init reads"},
		{"package.json", `{"scripts":`, "read package.json"},
	}
	for _, tt := range tests {
		path := filepath.Join(t.TempDir(), tt.name)
		if err := os.WriteFile(path, []byte(tt.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := From(path, "", t.TempDir(), Options{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
	if _, err := From("testdata/missing", "", ".", Options{}); err == nil {
		t.Error("a missing file gives a draft")
	}
}
