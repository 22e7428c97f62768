package series

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// recorded is a simulated run that has what real ones have and Strip takes away.
func recorded() *recording.Recording {
	rec := simulate.Run{
		Seed: 1, Endpoints: 2, Rounds: 8, PerBlock: 3000, Noise: 5e3, Budget: 5,
		Apps: []simulate.Memory{&simulate.Linear{Endpoint: 0, PerRequest: 200}},
	}.Record()
	rec.Header.Scenario.Path = "/home/somebody/scenario.yaml"
	rec.Header.Environment.CPUModel = "of somebody"
	rec.Header.Environment.Command = []string{"/home/somebody/node"}
	rec.Events = []recording.Event{{At: time.Millisecond, Kind: recording.WarmUpCut, Message: "cut"}}
	for i := range rec.Observations {
		o := &rec.Observations[i]
		o.Block.Load.Latency.P99 = time.Millisecond
		o.Sample.Procs = []recording.Process{{PID: 7, Name: "node", RSS: 5e7, FDs: 29}}
		o.Sample.Resources = map[string]int{"fd": 29}
		code := unit.Bytes(1e5 * (i * i % 7)) // compiled, and thrown away
		o.Sample.Heap.Used += 2 * code
		o.Sample.Heap.Spaces = map[string]unit.Bytes{"code_space": 1e5 + code, "old_space": 4e6}
	}
	return rec
}

func TestStripKeepsTheVerdict(t *testing.T) {
	rec := recorded()
	want, err := verdict.Judge(rec, verdict.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want.Outcome != verdict.Leak {
		t.Fatalf("outcome %s: the run should show something", want.Outcome)
	}
	got, err := verdict.Judge(Strip(rec), verdict.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verdict (-whole +stripped):\n%s", diff)
	}
	if diff := cmp.Diff(recorded(), rec); diff != "" {
		t.Errorf("Strip changed its argument (-want +got):\n%s", diff)
	}
}

func TestRoundTrip(t *testing.T) {
	want := Strip(recorded())
	var b bytes.Buffer
	if err := Write(&b, want); err != nil {
		t.Fatal(err)
	}
	got, err := read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("series (-written +read):\n%s", diff)
	}
	var whole bytes.Buffer
	if err := recording.Write(&whole, want); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(whole.Bytes(), []byte("somebody")) {
		t.Error("the series tells where it was recorded")
	}
}

func TestIndexRoundTrip(t *testing.T) {
	dir := t.TempDir()
	want := []Entry{
		{File: "a.jsonl.gz", App: "tiny/leaky", Node: "v24.1.0", Leaky: "list", BytesPerRequest: 16},
		{File: "b.jsonl.gz", App: "tiny/fixed", Node: "v20.1.0"},
	}
	if err := WriteIndex(dir, want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadIndex(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("index (-written +read):\n%s", diff)
	}
}

func TestReadFileNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gone"+Extension)
	if _, err := ReadFile(path); err == nil || !bytes.Contains([]byte(err.Error()), []byte(path)) {
		t.Errorf("ReadFile = %v, want an error with the path", err)
	}
}
