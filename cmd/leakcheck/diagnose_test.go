package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/scenarios/catalog"
	published "github.com/leakcheck/leakcheck/tools/accuracy/packages"
	"github.com/leakcheck/leakcheck/tools/testenv"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
)

// twins chooses the leaky twins to diagnose: by default those of which the
// least is alike, in heap, external memory, sockets and workers. The nightly
// workflow has more.
var twins = flag.String("twins", "^(client-abort|closure-cache|external-buffers|worker-thread)$",
	"diagnose the leaky twins whose names match")

// TestDiagnosis looks into leaky twins without measuring them first: what is
// found must not depend on the verdict, and the line and pattern are those that
// the catalog has by hand.
func TestDiagnosis(t *testing.T) {
	if testing.Short() {
		t.Skip("loads live servers")
	}
	chosen := regexp.MustCompile(*twins)
	for _, c := range slices.Concat(catalog.Cases(), published.Cases()) {
		if c.Variant != catalog.Leaky || !chosen.MatchString(c.Name) {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			d := diagnoseTwin(t, c)
			if len(d.Findings) != 1 || len(d.Findings[0].Suspects) == 0 {
				t.Fatalf("findings: got %+v, want one with suspects", d.Findings)
			}
			f := &d.Findings[0]
			if got := named(&f.Suspects[0], c.Diagnosis); got != c.Diagnosis {
				t.Errorf("first suspect: got %+v, want %+v; all:\n%s", got, c.Diagnosis, list(f))
			}
			t.Logf("%.1f s\n%s", f.Seconds, list(f))
		})
	}
}

// named is what a suspect says of what want does.
func named(s *diagnose.Suspect, want catalog.Diagnosis) catalog.Diagnosis {
	got := catalog.Diagnosis{Pattern: string(s.Pattern), Line: s.At.Place()}
	if want.Package != "" && s.Within != nil {
		got.Package, got.File = s.Within.Package, s.Within.ShortFile()
	}
	return got
}

// TestDiagnosisOfBundledTypeScript wants the file that people wrote of an app
// that runs as one minified line.
func TestDiagnosisOfBundledTypeScript(t *testing.T) {
	if testing.Short() {
		t.Skip("loads a live server")
	}
	t.Parallel()
	dir := bundle(t)
	s, err := scenarios.Load(filepath.Join(dir, "scenario.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	f := &diagnoseEndpoint(t, s, "upload").Findings[0]
	if len(f.Suspects) == 0 {
		t.Fatalf("got no suspect:\n%s", list(f))
	}
	got := f.Suspects[0]
	want := evidence.Frame{Function: "append", File: "src/trail.ts", Line: 15, Column: got.At.Column, Origin: evidence.App, Idiom: "push"}
	if diff := cmp.Diff(want, got.At); diff != "" || got.Pattern != diagnose.Collection {
		t.Errorf("first suspect: got %s, (-want +got):\n%s%s", got.Pattern, diff, list(f))
	}
	if h := got.Holder; h == nil || h.Name != "this.changes" || h.At == nil || h.At.Place() != "src/trail.ts:9" {
		t.Errorf("holder: got %+v, want this.changes of src/trail.ts:9", h)
	}
}

// bundle makes one minified file with a source map of the TypeScript app.
func bundle(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/bundled")); err != nil {
		t.Fatal(err)
	}
	if err := testenv.InstallPackages(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	build := exec.CommandContext(t.Context(), "node", "node_modules/esbuild/bin/esbuild", "src/server.ts",
		"--bundle", "--minify", "--sourcemap", "--platform=node", "--outfile=dist/server.js")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("esbuild: %v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "dist", "server.js"))
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines > 5 || strings.Contains(string(text), "handler") {
		t.Fatalf("the bundle has %d lines and names of the source: it is not minified", lines)
	}
	return dir
}

// diagnoseTwin provides what the twin needs, and looks at its leaking endpoint.
func diagnoseTwin(t *testing.T, c catalog.Case) *diagnose.Diagnosis {
	t.Helper()
	return diagnoseEndpoint(t, loadTwin(t, c), c.Leaking)
}

// diagnoseEndpoint ends the measuring early and accuses an endpoint.
func diagnoseEndpoint(t *testing.T, s *scenarios.Scenario, name string) *diagnose.Diagnosis {
	t.Helper()
	s.Diagnose.Timeout = time.Minute // a machine that does other work is slow
	p, err := harness.Compile(s, harness.Options{Dir: t.TempDir(), RunID: uuid.NewString(), Tool: "test", MaxDuration: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	var found []evidence.Evidence
	_, err = harness.Run(t.Context(), p, harness.Hooks{
		Accuse: func(rec *recording.Recording) []recording.Subject {
			leaking := slices.IndexFunc(rec.Header.Endpoints, func(e recording.Endpoint) bool { return e.Name == name })
			return []recording.Subject{recording.Subject(leaking)} // -1 is recording.Idle
		},
		Evidence: func(e evidence.Evidence) { found = append(found, e) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return diagnose.Diagnose(nil, found)
}

// loadTwin loads the twin's scenario, and provides what its app needs.
func loadTwin(t *testing.T, c catalog.Case) *scenarios.Scenario {
	t.Helper()
	path, err := c.Extract(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if c.Packages {
		if err := testenv.InstallPackages(t.Context(), filepath.Dir(path)); err != nil {
			t.Fatal(err)
		}
	}
	if slices.Contains(c.Services, "mariadb") {
		useDatabase(t, s)
	}
	return s
}

func useDatabase(t *testing.T, s *scenarios.Scenario) {
	t.Helper()
	db, err := testenv.StartMariaDB(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	s.Target.Env = maps.Clone(s.Target.Env)
	if s.Target.Env == nil {
		s.Target.Env = make(map[string]string)
	}
	for _, v := range db.Env() {
		name, value, _ := strings.Cut(v, "=")
		s.Target.Env[name] = value
	}
}

// list has one line for each suspect, for a failure.
func list(f *diagnose.Finding) string {
	var b strings.Builder
	for _, s := range f.Suspects {
		fmt.Fprintf(&b, "%s %s: %s, %.0f B (%s)\n", s.Pattern, s.Where(), s.Amount(), float64(s.Bytes), s.Confidence)
	}
	for _, n := range f.Notes {
		fmt.Fprintln(&b, "note:", n)
	}
	return b.String()
}
