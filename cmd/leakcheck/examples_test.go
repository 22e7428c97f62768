package main

import (
	"encoding/json"
	"encoding/pem"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/scenarios"
)

// shop is a recording of the README's scenario, run on the catalog's quickstart
// app. Latencies, which nothing judges, were left out.
const shop = "testdata/shop.jsonl"

// skeleton is what a fragment of a scenario lacks, by its key.
var skeleton = []struct{ key, text string }{
	{"version:", "version: 1\n"},
	{"name:", "name: fragment\n"},
	{"target:", "target: {command: [node, server.js]}\n"},
	{"endpoints:", "endpoints: [{name: home, request: GET /}]\n"},
}

// complete makes a whole scenario of a fragment: of one endpoint, or of some
// keys of the top.
func complete(fragment string) string {
	if strings.HasPrefix(fragment, "- ") {
		fragment = "endpoints:\n  " + strings.ReplaceAll(strings.TrimSpace(fragment), "\n", "\n  ") + "\n"
	}
	for _, s := range skeleton {
		if !regexp.MustCompile("(?m)^" + s.key).MatchString(fragment) {
			fragment = s.text + fragment
		}
	}
	return fragment
}

// Every scenario that is shown is one that the loader takes.
func TestDocumentedScenarios(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"app/server.js", "order.json", "targets.jsonl", "access.log"} {
		write(t, filepath.Join(dir, name), "")
	}
	write(t, filepath.Join(dir, "users.csv"), "id,tenant\n1,a\n")
	write(t, filepath.Join(dir, "test-ca.pem"), certificate(t))
	for _, document := range []string{readme, scenarioDoc, driversDoc} {
		for _, f := range fencesOf(t, document, "yaml") {
			if name := f.file(); name != "" && name != "scenario.yaml" {
				continue
			}
			if _, err := scenarios.Parse(filepath.Join(dir, "scenario.yaml"), []byte(complete(f.text))); err != nil {
				t.Errorf("%s: %v", filepath.Base(document), err)
			}
		}
	}
}

// certificate is one in PEM form.
func certificate(t *testing.T) string {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
}

// The settings file that is shown is read without complaint.
func TestDocumentedSettingsFile(t *testing.T) {
	for _, f := range fencesOf(t, settingsDoc, "yaml") {
		if f.file() != "leakcheck.yaml" {
			continue
		}
		dir := t.TempDir()
		write(t, filepath.Join(dir, "leakcheck.yaml"), f.text)
		if out := printed(t, dir, "version"); !strings.HasPrefix(out, "leakcheck ") {
			t.Error(out)
		}
		return
	}
	t.Error("docs/settings.md shows no leakcheck.yaml")
}

// What the documents say that commands print is what they print. The run is
// not repeated, but judged again from its recording.
func TestDocumentedOutput(t *testing.T) {
	for _, document := range []string{readme, scenarioDoc} {
		dir := t.TempDir()
		for _, f := range fencesOf(t, document, "yaml") {
			if name := f.file(); name != "" {
				write(t, filepath.Join(dir, name), f.text)
			}
		}
		folder := ".leakcheck/runs/" + readRecording(t).Header.RunID
		write(t, filepath.Join(dir, folder, "recording.jsonl"), read(t, shop))
		for _, f := range fencesOf(t, document, "console") {
			line, _, _ := strings.Cut(f.text, "\n")
			command := strings.Replace(line, "run scenario.yaml", "judge "+folder, 1)
			want := line + "\n" + printed(t, dir, strings.Fields(command)[2:]...)
			if *update {
				write(t, document, strings.Replace(read(t, document), f.text, want, 1))
			} else if diff := cmp.Diff(want, f.text); diff != "" {
				t.Errorf("%s: %s (-printed +documented; -update writes it):\n%s", filepath.Base(document), line, diff)
			}
		}
	}
}

func readRecording(t *testing.T) *recording.Recording {
	t.Helper()
	rec, err := recording.ReadFile(shop)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// The verdict that the README shows is of the scenario that it shows.
func TestDocumentedRun(t *testing.T) {
	s, err := scenarios.Parse("scenario.yaml", []byte(fencesOf(t, readme, "yaml")[0].text))
	if err != nil {
		t.Fatal(err)
	}
	if recorded := readRecording(t).Header.Scenario.Hash; s.Hash != recorded {
		t.Errorf("the scenario's hash is %s, and the recording is of %s", s.Hash, recorded)
	}
}

// docs/scenario.md has every key of the format, and no other.
func TestDocumentedKeys(t *testing.T) {
	text, err := scenarios.JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	var root schema
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, cells := range rows(read(t, scenarioDoc), regexp.MustCompile(`^[a-z_.\[\]]+$`)) {
		got = append(got, cells[0])
	}
	slices.Sort(got)
	if diff := cmp.Diff(slices.Sorted(slices.Values(root.keys(""))), got); diff != "" {
		t.Errorf("keys differ (-schema +documented):\n%s", diff)
	}
}

// schema is as much of a JSON Schema as names keys.
type schema struct {
	Properties map[string]schema
	Items      *schema
}

// keys lists the paths of all properties: "target.ready", "endpoints[].name".
func (s schema) keys(prefix string) []string {
	var all []string
	for name, p := range s.Properties {
		all = append(append(all, prefix+name), p.keys(prefix+name+".")...)
		if p.Items != nil {
			all = append(all, p.Items.keys(prefix+name+"[].")...)
		}
	}
	return all
}
