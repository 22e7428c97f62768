package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/cli"
	"github.com/leakcheck/leakcheck/scenarios/catalog"
)

// The exit codes of the documents are the constants.
func TestDocumentedExitCodes(t *testing.T) {
	want := exitConstants(t)
	signal := want["Signal"]
	delete(want, "Signal")
	documented := map[int]string{}
	for _, cells := range rows(read(t, settingsDoc), regexp.MustCompile(`^[0-9]+(, [0-9]+)*$`)) {
		for code := range strings.SplitSeq(cells[0], ", ") {
			n, err := strconv.Atoi(code)
			if err != nil {
				t.Fatal(err)
			}
			documented[n] = cells[1]
		}
	}
	signals := []syscall.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM}
	for _, sig := range signals {
		if !strings.Contains(documented[signal+int(sig)], "signal") {
			t.Errorf("no exit code %d for %s", signal+int(sig), sig)
		}
	}
	for name, code := range want {
		if !strings.Contains(documented[code], strings.ToLower(name)) {
			t.Errorf("exit code %d: got %q, want what Exit%s is", code, documented[code], name)
		}
	}
	if len(documented) != len(want)+len(signals) {
		t.Errorf("got %v, want as many as %v and %v", documented, want, signals)
	}
}

// exitConstants are the command's, by their names without "Exit".
func exitConstants(t *testing.T) map[string]int {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "internal/command/exit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]int{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Exit") {
			n, err := strconv.Atoi(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			codes[strings.TrimPrefix(spec.Names[0].Name, "Exit")] = n
		}
		return true
	})
	return codes
}

var (
	flagName = regexp.MustCompile(`--([a-z][a-z-]*)`)
	flagLine = regexp.MustCompile(`(?m)^ +(?:-[a-z], )?--([a-z][a-z-]*) `)
)

// flagsOf lists the flags of a command, as its help does; none when there is no
// such command.
func flagsOf(command ...string) []string {
	var help bytes.Buffer
	root := cli.Command()
	root.SetOut(&help)
	root.SetArgs(append(command, "--help"))
	if root.Execute() != nil {
		return nil
	}
	var names []string
	for _, m := range flagLine.FindAllStringSubmatch(help.String(), -1) {
		names = append(names, m[1])
	}
	return names
}

// The table of settings is that of the commands: run reads all, and others
// those that the table says.
func TestDocumentedSettings(t *testing.T) {
	want := map[string]string{}
	for _, command := range []string{"run", "demo", "judge", "report", "merge", "compare", "bisect", "history", "show", "import", "export", "baseline update", "list", "doctor", "version", "validate", "schema", "heap summary", "heap diff", "heap retainers"} {
		for _, name := range flagsOf(strings.Fields(command)...) {
			if want[name] != "" {
				want[name] += ", " + command
			} else if command == "run" && name != "help" {
				want[name] = command
			}
		}
	}
	got := map[string]string{}
	for _, cells := range rows(read(t, settingsDoc), regexp.MustCompile(`^--[a-z]`)) {
		name := strings.TrimPrefix(cells[0], "--")
		got[name] = cells[3]
		if v := "LEAKCHECK_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_")); cells[1] != v {
			t.Errorf("--%s: got variable %s, want %s", name, cells[1], v)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings differ (-commands +documented):\n%s", diff)
	}
}

// Every command line that is shown has a command, flags and a demo that exist.
func TestDocumentedCommandLines(t *testing.T) {
	known := map[string][]string{}
	for _, line := range commandLines(t) {
		words := strings.Fields(line)
		name := words[1]
		if name == "heap" && len(words) > 2 {
			name += " " + words[2]
		}
		if known[name] == nil {
			known[name] = flagsOf(strings.Fields(name)...)
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
	for _, document := range documents {
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
	for _, command := range []string{"run", "judge", "demo", "report", "merge", "compare", "bisect"} {
		known = append(known, flagsOf(command)...)
	}
	for _, document := range []string{readme, scenarioDoc, settingsDoc, verdictDoc, commitsDoc, limitsDoc, ciDoc} {
		for _, span := range spans(read(t, document)) {
			m := flagName.FindStringSubmatch(span)
			if m != nil && strings.HasPrefix(span, "--") && !slices.Contains(known, m[1]) {
				t.Errorf("%s: no flag %s", filepath.Base(document), span)
			}
		}
	}
}
