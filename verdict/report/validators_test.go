package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/prometheus/common/expfmt"
)

// The modules that bring the published schemas; they are downloaded, not
// linked.
const (
	junitModule = "github.com/yannh/kubeconform@v0.6.7"      // Jenkins' junit.xsd
	sarifModule = "github.com/owenrumney/go-sarif/v3@v3.3.1" // OASIS' sarif-schema-2.1.0.json, errata 01
)

// tool is a program that tools/deps.sh installs on Debian.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if runtime.GOOS != "linux" {
		t.Skipf("needs %s", name)
	}
	t.Fatalf("%v: run make deps", err)
	return ""
}

// moduleDir is where the go command keeps a module, after downloading it.
func moduleDir(t *testing.T, module string) string {
	t.Helper()
	out, err := exec.Command("go", "mod", "download", "-json", module).Output()
	if err != nil {
		t.Fatalf("download %s: %v\n%s", module, err, out)
	}
	var found struct{ Dir string }
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	return found.Dir
}

func TestJUnitSchema(t *testing.T) {
	xmllint := tool(t, "xmllint")
	schema := filepath.Join(moduleDir(t, junitModule), "fixtures", "junit.xsd")
	validate := func(document []byte) (string, error) {
		cmd := exec.Command(xmllint, "--noout", "--schema", schema, "-")
		cmd.Stdin = bytes.NewReader(document)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for name, s := range suites() {
		if out, err := validate(written(t, "junit", s)); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	if _, err := validate([]byte(`<testsuites><testsuite name="x"/></testsuites>`)); err == nil {
		t.Error("the schema takes a suite without tests: it validates nothing")
	}
}

func TestSARIFSchema(t *testing.T) {
	schema := sarifSchema(t)
	validate := func(document []byte) error {
		var value any
		if err := json.Unmarshal(document, &value); err != nil {
			return err
		}
		return schema.Validate(value)
	}
	for name, s := range suites() {
		if err := validate(written(t, "sarif", s)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := validate([]byte(`{"version": "2.1.0", "runs": [{"tool": {"driver": {}}}]}`)); err == nil {
		t.Error("the schema takes a driver without a name: it validates nothing")
	}
}

// sarifSchema reads the schema out of the Go file that holds it.
func sarifSchema(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(moduleDir(t, sarifModule), "pkg", "report", "v210", "sarif", "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var text string
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && len(lit.Value) > len(text) {
			text, err = strconv.Unquote(lit.Value)
		}
		return err == nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// Draft 4 names the schema "id", and later drafts "$id".
	text = strings.Replace(text, `"id": "https://`, `"$id": "https://`, 1)
	text = strings.Replace(text, "http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-07/schema#", 1)
	var s jsonschema.Schema
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

func TestPrometheusParses(t *testing.T) {
	for name, s := range suites() {
		var p expfmt.TextParser
		got, err := p.TextToMetricFamilies(bytes.NewReader(written(t, "prometheus", s)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if f := got["leakcheck_run_exit_code"]; f == nil || int(f.GetMetric()[0].GetGauge().GetValue()) != s.ExitCode {
			t.Errorf("%s: got %v, want the run's exit code", name, f)
		}
	}
}

// Debian's python3-prometheus-client has the strict parser of OpenMetrics'
// reference implementation.
func TestOpenMetricsParses(t *testing.T) {
	const python = "/usr/bin/python3" // the interpreter that Debian's modules are for
	if _, err := os.Stat(python); errors.Is(err, os.ErrNotExist) && runtime.GOOS != "linux" {
		t.Skip("needs Debian's python3")
	}
	parse := func(document []byte) (string, error) {
		cmd := exec.Command(python, "-c", `
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
print(sum(len(f.samples) for f in parse(sys.stdin.read())))`)
		cmd.Stdin = bytes.NewReader(document)
		out, err := cmd.CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	for name, s := range suites() {
		document := written(t, "openmetrics", s)
		samples := 0
		for line := range bytes.Lines(document) {
			if !bytes.HasPrefix(line, []byte("#")) {
				samples++
			}
		}
		if out, err := parse(document); err != nil || out != strconv.Itoa(samples) {
			t.Errorf("%s: %v, got %s samples, want %d", name, err, out, samples)
		}
	}
	if _, err := parse([]byte("a 1\n")); err == nil {
		t.Error("the parser takes a document without an end: it validates nothing")
	}
}
