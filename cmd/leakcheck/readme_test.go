package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/scenarios/catalog"
)

// shop is a recording of the README's scenario, run on the catalog's quickstart
// app. Latencies and heap spaces, which nothing judges, were left out.
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
	for _, name := range []string{"app/server.js", "order.json", "targets.jsonl"} {
		write(t, filepath.Join(dir, name), "")
	}
	for _, document := range []string{readme, scenarioDoc} {
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

// The settings file that is shown is read without complaint.
func TestDocumentedSettingsFile(t *testing.T) {
	for _, f := range fencesOf(t, readme, "yaml") {
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
	t.Error("the README shows no leakcheck.yaml")
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

// The exit codes of the README are the constants.
func TestDocumentedExitCodes(t *testing.T) {
	want := exitConstants(t)
	signal := want["Signal"]
	delete(want, "Signal")
	documented := map[int]string{}
	for _, cells := range rows(read(t, readme), regexp.MustCompile(`^[0-9]+(, [0-9]+)*$`)) {
		for code := range strings.SplitSeq(cells[0], ", ") {
			n, err := strconv.Atoi(code)
			if err != nil {
				t.Fatal(err)
			}
			documented[n] = cells[1]
		}
	}
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		if !strings.Contains(documented[signal+int(sig)], "signal") {
			t.Errorf("no exit code %d for %s", signal+int(sig), sig)
		}
	}
	for name, code := range want {
		if !strings.Contains(documented[code], strings.ToLower(name)) {
			t.Errorf("exit code %d: got %q, want what exit%s is", code, documented[code], name)
		}
	}
	if len(documented) != len(want)+2 {
		t.Errorf("got %v, want as many as %v and two signals", documented, want)
	}
}

// exitConstants are the command's, by their names without "exit".
func exitConstants(t *testing.T) map[string]int {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "internal/cli/exit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]int{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "exit") {
			n, err := strconv.Atoi(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			codes[strings.TrimPrefix(spec.Names[0].Name, "exit")] = n
		}
		return true
	})
	return codes
}

var flagName = regexp.MustCompile(`--([a-z][a-z-]*)`)

// flagsOf lists the flags in the help of a command.
func flagsOf(t *testing.T, command ...string) []string {
	t.Helper()
	var names []string
	for _, m := range flagName.FindAllStringSubmatch(printed(t, t.TempDir(), append(command, "--help")...), -1) {
		names = append(names, m[1])
	}
	return names
}

// The table of settings is that of the command.
func TestDocumentedSettings(t *testing.T) {
	want := map[string]bool{}
	for _, name := range flagsOf(t) {
		want[name] = true
	}
	delete(want, "help")
	got := map[string]bool{}
	for _, cells := range rows(read(t, readme), regexp.MustCompile(`^--[a-z]`)) {
		name := strings.TrimPrefix(cells[0], "--")
		got[name] = true
		if v := "LEAKCHECK_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_")); cells[1] != v {
			t.Errorf("--%s: got variable %s, want %s", name, cells[1], v)
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("settings differ (-command +documented):\n%s", diff)
	}
}

// Every command line that is shown has a command, flags and a demo that exist.
func TestDocumentedCommandLines(t *testing.T) {
	known := map[string][]string{}
	for _, line := range commandLines(t) {
		words := strings.Fields(line)
		name := words[1]
		if known[name] == nil {
			known[name] = flagsOf(t, name)
		}
		if !slices.Contains(known[name], "help") {
			t.Errorf("%s: no such command", line)
		}
		for _, m := range flagName.FindAllStringSubmatch(line, -1) {
			if !slices.Contains(known[name], m[1]) {
				t.Errorf("%s: no flag --%s", line, m[1])
			}
		}
		if name == "demo" && words[2] != "NAME" {
			if _, err := catalog.Find(words[2]); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
}

var commandLine = regexp.MustCompile(`^(?:\$ |\s*- run: )?(leakcheck [a-z].*)$`)

// commandLines lists what stands in code and begins with leakcheck and a
// command, without the shell's comments and redirections.
func commandLines(t *testing.T) []string {
	t.Helper()
	var code, found []string
	for _, document := range []string{readme, scenarioDoc} {
		code = append(code, spans(read(t, document))...)
		for _, f := range fencesOf(t, document, "sh", "console", "yaml") {
			code = append(code, strings.Split(f.text, "\n")...)
		}
	}
	for _, text := range code {
		if m := commandLine.FindStringSubmatch(text); m != nil {
			found = append(found, regexp.MustCompile(`\s+[#>].*`).ReplaceAllString(m[1], ""))
		}
	}
	if len(found) == 0 {
		t.Fatal("no command line found")
	}
	return found
}

// others are flags of Node and of the apps, which the documents name too.
var others = []string{"expose-gc", "inspect-brk", "inspect-wait"}

// A flag that is named in a sentence is one of some command.
func TestDocumentedFlags(t *testing.T) {
	known := slices.Clone(others)
	for _, command := range []string{"run", "judge", "demo"} {
		known = append(known, flagsOf(t, command)...)
	}
	for _, document := range []string{readme, scenarioDoc} {
		for _, span := range spans(read(t, document)) {
			m := flagName.FindStringSubmatch(span)
			if m != nil && strings.HasPrefix(span, "--") && !slices.Contains(known, m[1]) {
				t.Errorf("%s: no flag %s", filepath.Base(document), span)
			}
		}
	}
}
