package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/scenarios/catalog"
	"github.com/leakcheck/leakcheck/tools/accuracy/series"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

const seriesDir = "testdata/series"

// TestSeries: the index tells of each series what is in it, and there are no
// others.
func TestSeries(t *testing.T) {
	index, err := series.ReadIndex(seriesDir)
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	apps := map[string]bool{}
	for _, e := range index {
		listed = append(listed, filepath.Join(seriesDir, e.File))
		app, _, _ := strings.Cut(e.App, "/")
		apps[app] = true
		checkSeries(t, e)
	}
	if len(apps) < 12 {
		t.Errorf("series of %d apps, want 12 at least", len(apps))
	}
	stored, err := filepath.Glob(filepath.Join(seriesDir, "*"+series.Extension))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(listed, stored); diff != "" {
		t.Errorf("files (-listed +stored):\n%s", diff)
	}
}

func checkSeries(t *testing.T, e series.Entry) {
	t.Helper()
	path := filepath.Join(seriesDir, e.File)
	rec, err := series.ReadFile(path)
	if err != nil {
		t.Error(err)
		return
	}
	if info, err := os.Stat(path); err != nil || info.Size() > mostBytes {
		t.Errorf("%s: %v, want a file of at most %d bytes", e.File, err, mostBytes)
	}
	if got := rec.Header.Environment.Node; got != e.Node {
		t.Errorf("%s: recorded on %s, the index says %s", e.File, got, e.Node)
	}
	named := slices.ContainsFunc(rec.Header.Endpoints, func(x recording.Endpoint) bool { return x.Name == e.Leaky })
	if e.Leaky != "" && e.Leaky != catalog.Background && !named {
		t.Errorf("%s: no endpoint %q", e.File, e.Leaky)
	}
	if e.Leaky == "" && strings.HasSuffix(e.App, "/"+catalog.Leaky) {
		t.Errorf("%s: %s and nothing leaks", e.File, e.App)
	}
	if diff := cmp.Diff(rec, series.Strip(rec)); diff != "" {
		t.Errorf("%s has more than it needs (-stored +stripped):\n%s", e.File, diff)
	}
}

// TestKeepSeries keeps one run twice, and passes over one that was not done.
func TestKeepSeries(t *testing.T) {
	keep, dir := t.TempDir(), filepath.Join(t.TempDir(), "new", "series")
	done := job{
		Case: catalog.Case{Name: "tiny", Variant: catalog.Leaky, Leaking: "a", BytesPerRequest: 200},
		node: nodeChoice{major: 24}, seed: 1,
	}
	other := done
	other.seed = 2
	rec := simulate.Run{
		Seed: 1, Endpoints: 2, Rounds: 8, PerBlock: 3000, Noise: 5e3, Budget: unit.MBPerHour(5),
		Apps: []simulate.Memory{&simulate.Linear{Endpoint: 0, PerRequest: 200}},
	}.Record()
	rec.Header.Environment.Node = "v24.1.0"
	run := filepath.Join(keep, done.key().String(), ".leakcheck", "runs", "1")
	end := rec.End
	rec.End = nil
	writeRecording(t, run, rec)
	if _, err := keepSeries(keep, dir, []job{done}); err == nil || !strings.Contains(err.Error(), "still goes on") {
		t.Errorf("keepSeries of a run without an end = %v, want an error", err)
	}
	rec.End = end
	writeRecording(t, run, rec)
	want := []series.Entry{{File: "tiny-leaky-node24-seed1.jsonl.gz", App: "tiny/leaky", Node: "v24.1.0", Leaky: "a", BytesPerRequest: 200}}
	for range 2 {
		n, err := keepSeries(keep, dir, []job{done, other})
		if err != nil || n != 1 {
			t.Fatalf("keepSeries = %d, %v, want 1", n, err)
		}
		got, err := series.ReadIndex(dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("index (-want +got):\n%s", diff)
		}
	}
	writeRecording(t, filepath.Join(keep, done.key().String(), ".leakcheck", "runs", "2"), rec)
	if _, err := keepSeries(keep, dir, []job{done}); err == nil || !strings.Contains(err.Error(), "2 recordings") {
		t.Errorf("keepSeries of two recordings = %v, want an error that counts them", err)
	}
}

func writeRecording(t *testing.T, dir string, rec *recording.Recording) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "recording.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := recording.Write(f, rec); err != nil {
		t.Fatal(err)
	}
}
