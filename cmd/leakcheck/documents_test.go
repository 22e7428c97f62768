package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The documents that users and contributors read, from this folder.
const (
	readme      = "../../README.md"
	scenarioDoc = "../../docs/scenario.md"
	tour        = "../../docs/tour.md"
	heapDoc     = "../../docs/heap.md"
	ciDoc       = "../../docs/ci.md"
	driversDoc  = "../../docs/drivers.md"
	verdictDoc  = "../../docs/verdict.md"
	settingsDoc = "../../docs/settings.md"
	commitsDoc  = "../../docs/commits.md"
	limitsDoc   = "../../docs/limits.md"
)

var documents = append([]string{tour}, plainDocuments...)

// plainDocuments are those with plain prose that users follow.
var plainDocuments = []string{
	readme, scenarioDoc, heapDoc, driversDoc, verdictDoc, settingsDoc, commitsDoc, limitsDoc, ciDoc,
	"../../docs/containers.md", "../../docs/architecture.md", "../../docs/CONTRIBUTING.md", "../../docs/security.md",
}

// plainProse are the documents whose sentences are held to be plain.
var plainProse = append([]string{"../../docs/statistics.md", "../../docs/accuracy.md", "../../CHANGELOG.md"}, plainDocuments...)

// fence is one fenced block of a document.
type fence struct {
	lang string
	text string // without the fences, with its last line break
}

var fences = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?\n)```$")

func read(t *testing.T, document string) string {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fencesOf lists the blocks of a document in some languages.
func fencesOf(t *testing.T, document string, langs ...string) []fence {
	t.Helper()
	var all []fence
	for _, m := range fences.FindAllStringSubmatch(read(t, document), -1) {
		if slices.Contains(langs, m[1]) {
			all = append(all, fence{m[1], m[2]})
		}
	}
	return all
}

// file is the name in the comment that a block of YAML begins with, "" when
// there is none.
func (f fence) file() string {
	first, _, _ := strings.Cut(f.text, "\n")
	name, named := strings.CutPrefix(first, "# ")
	if !named {
		return ""
	}
	return name
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// printed is what leakcheck prints in dir, whatever it exits with.
func printed(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("leakcheck", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out)
}

// spans lists what stands between single backquotes, outside of blocks.
func spans(text string) []string {
	var all []string
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(fences.ReplaceAllString(text, ""), -1) {
		all = append(all, strings.Join(strings.Fields(m[1]), " "))
	}
	return all
}

// rows lists the cells of the table rows whose first cell matches, and strips
// backquotes.
func rows(text string, first *regexp.Regexp) [][]string {
	var all [][]string
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.ReplaceAll(strings.TrimSpace(line), "`", ""), "|"), "|")
		if !strings.HasPrefix(line, "|") || !first.MatchString(strings.TrimSpace(cells[0])) {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		all = append(all, cells)
	}
	return all
}

var links = regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`)

// Links within the project lead somewhere.
func TestLinks(t *testing.T) {
	for _, document := range append(documents, "../../CHANGELOG.md") {
		for _, m := range links.FindAllStringSubmatch(read(t, document), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(document), m[1])); err != nil {
				t.Errorf("%s: %v", filepath.Base(document), err)
			}
		}
	}
}
