package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/harness/examine"
	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// planted are the secrets of testdata/secrets, by where the app has them.
var planted = []string{"planted-object", "planted-closure", "planted-url", "planted-header", "planted-key", "planted-token", "planted-query", "planted-regexp", "planted-symbol"}

// TestSecretsAreNotTold looks into a leak of secrets, and wants none of them in
// any byte that a run leaves or prints. A raw snapshot, which has to be asked for,
// has all of them.
func TestSecretsAreNotTold(t *testing.T) {
	if testing.Short() {
		t.Skip("loads a live server")
	}
	for _, keep := range []examine.Keep{examine.KeepRedacted, examine.KeepRaw} {
		t.Run(string(keep), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range written(t, dir, keep) {
				for _, secret := range planted {
					raw := keep == examine.KeepRaw && strings.HasSuffix(name, ".heapsnapshot.gz")
					if bytes.Contains(text, []byte(secret)) != raw {
						t.Errorf("%s: %q is in it: %v, want %v", name, secret, !raw, raw)
					}
				}
			}
			if info, err := os.Stat(filepath.Join(dir, "heap-1-keep-3.heapsnapshot.gz")); err != nil || info.Mode() != 0o600 {
				t.Errorf("snapshot: got %v, %v, want mode 0600", info, err)
			}
		})
	}
}

// written is all that a run with a leak writes, by name.
func written(t *testing.T, dir string, keep examine.Keep) map[string][]byte {
	t.Helper()
	s, err := scenarios.Load("testdata/secrets/scenario.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s.Target.Env = map[string]string{"SHOP_TOKEN": "planted-header", "SHOP_KEY": "planted-query"}
	s.Diagnose.Timeout = 2 * time.Minute // a machine that does other work is slow
	p, err := harness.Compile(s, harness.Options{
		Dir: dir, RunID: uuid.NewString(), Tool: "test", MaxDuration: 8 * time.Second, KeepSnapshots: keep,
		LookupEnv: func(name string) (string, bool) { v, ok := s.Target.Env[name]; return v, ok },
	})
	if err != nil {
		t.Fatal(err)
	}
	var found []evidence.Evidence
	rec, err := harness.Run(t.Context(), p, harness.Hooks{
		Accuse:   func(*recording.Recording) []recording.Subject { return []recording.Subject{0} },
		Evidence: func(e evidence.Evidence) { found = append(found, e) },
	})
	if err != nil {
		t.Fatal(err)
	}
	v, err := verdict.Judge(rec, verdict.Options{})
	if err != nil {
		t.Fatal(err)
	}
	doc := report.Document{Recording: rec, Verdict: v, Outcome: verdict.Leak, ExitCode: 1, Dir: dir, Diagnosis: diagnose.Diagnose(v, found)}
	if f := doc.Diagnosis.Findings[0]; len(f.Suspects) == 0 || f.Suspects[0].At.Line != 10 || f.Evidence.Growth == nil {
		t.Errorf("finding: got %s, want server.js:10 first, and snapshots compared", list(&f))
	}
	files := inEveryForm(t, doc)
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		files[filepath.Base(path)] = unpacked(t, path)
	}
	return files
}

// unpacked is what a file holds, also one that is packed by gzip.
func unpacked(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// inEveryForm is the document in every form that there is.
func inEveryForm(t *testing.T, doc report.Document) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	write := func(name string, to func(*bytes.Buffer) error) {
		var b bytes.Buffer
		if err := to(&b); err != nil {
			t.Fatal(err)
		}
		files[name] = b.Bytes()
	}
	write("terminal", func(b *bytes.Buffer) error { return report.Text(b, doc, report.Style{Width: 80}) })
	write("diagnosis.json", func(b *bytes.Buffer) error { return report.DiagnosisJSON(b, doc.Diagnosis) })
	for _, f := range report.Formats {
		write(f.Name, func(b *bytes.Buffer) error { return f.Write(b, report.Of(doc)) })
	}
	return files
}
