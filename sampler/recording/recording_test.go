package recording

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// valid is a small recording with something of everything.
func valid() *Recording {
	budget := unit.MBPerHour(1)
	return &Recording{
		Header: Header{
			Schema: Schema, RunID: "run-1", StartedAt: time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC),
			Endpoints: []Endpoint{
				{Name: "upload", Request: "POST /upload", Rate: 20, Budget: 2},
				{Name: "list", Request: "GET /users", Rate: 150, Budget: 5},
			},
			Background: Background{Budget: &budget}, Confidence: 0.99, Seed: 1,
		},
		Observations: []Observation{
			{
				Block:  Block{Phase: WarmUp, Endpoint: Idle, Start: time.Second},
				Sample: Sample{At: 2 * time.Second, Settled: true, GCs: 2, Heap: Heap{Used: 5e6, Total: 6e6}},
			},
			{
				Block: Block{
					Phase: Measure, Round: 1, Endpoint: 1, Start: 3 * time.Second, Elapsed: time.Second,
					Load: Load{
						Requests: 10, Landed: 9, Failed: 1, Aborted: 2, Rate: 10, Statuses: map[string]int{"200": 9, "0": 1},
						Latency: Latency{Mean: 3, Max: 9, Buckets: []Bucket{{UpTo: 5, Count: 4}, {UpTo: 10, Count: 6}}},
					},
				},
				Sample: Sample{
					At: 5 * time.Second, Disconnected: true, Heap: Heap{Used: 5e6, Spaces: map[string]unit.Bytes{"old_space": 4e6}},
					Memory: Memory{External: 2e6, RSS: 8e7}, Procs: []Process{{PID: 7, Name: "node", RSS: 8e7, FDs: 20}},
					Isolates:  []Isolate{{Name: "main", Used: 5e6}, {Name: "worker: a.js", Silent: true}},
					Resources: map[string]int{"fd": 20}, Loop: Loop{GCCount: 3, GCTime: 5},
				},
			},
		},
		Events: []Event{{At: 6 * time.Second, Kind: Deadline, Message: "max_duration reached"}},
		End:    &End{At: 7 * time.Second, LoadShare: 0.8, Decided: true},
	}
}

// mix makes the block of valid a mixed one.
func mix(r *Recording, parts ...Load) {
	r.Observations[1].Block.Endpoint, r.Observations[1].Block.Parts = Mixed, parts
}

func TestLoadOf(t *testing.T) {
	r := valid()
	b := &r.Observations[1].Block
	if got := []int{b.RequestsOf(Idle), b.RequestsOf(0), b.RequestsOf(1), b.RequestsOf(Mixed)}; !cmp.Equal(got, []int{0, 0, 10, 0}) {
		t.Errorf("block of one endpoint: %v", got)
	}
	mix(r, Load{Requests: 4, Landed: 4}, Load{Requests: 6, Landed: 5, Failed: 1})
	if err := r.CheckValid(); err != nil {
		t.Fatal(err)
	}
	if got := []int{b.RequestsOf(Idle), b.RequestsOf(0), b.RequestsOf(1), b.RequestsOf(Mixed)}; !cmp.Equal(got, []int{0, 4, 6, 10}) {
		t.Errorf("mixed block: %v", got)
	}
}

// write puts r into a file in the order of its parts.
func write(t testing.TB, path string, r *Recording) {
	t.Helper()
	w, err := NewWriter(path, r.Header)
	if err != nil {
		t.Fatal(err)
	}
	var errs []error
	for _, o := range r.Observations {
		errs = append(errs, w.Observe(o))
	}
	for _, e := range r.Events {
		errs = append(errs, w.Event(e))
	}
	if r.End != nil {
		errs = append(errs, w.End(*r.End))
	}
	if err := errors.Join(append(errs, w.Close())...); err != nil {
		t.Fatal(err)
	}
}

// file is a recording's bytes.
func file(t testing.TB, r *Recording) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recording.jsonl")
	write(t, path, r)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	want := valid()
	path := filepath.Join(t.TempDir(), "recording.jsonl")
	write(t, path, want)
	got, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read differs from written (-want +got):\n%s", diff)
	}
}

func TestReadTruncated(t *testing.T) {
	whole := file(t, valid())
	lines := bytes.SplitAfter(whole, []byte("\n"))
	cut := len(whole) - len(lines[4]) - 1 // the end line and a newline are missing...
	got, err := Read(bytes.NewReader(whole[:cut]))
	if err != nil || got.Truncated || got.End != nil || len(got.Events) != 1 {
		t.Errorf("without its last newline: %+v, %v: want all but the end", got, err)
	}
	got, err = Read(bytes.NewReader(whole[:cut-1])) // ... and a brace too
	if err != nil || !got.Truncated || got.End != nil || len(got.Events) != 0 || len(got.Observations) != 2 {
		t.Errorf("cut in the event: %+v, %v: want truncated after 2 observations", got, err)
	}
}

// A line that is lost, doubled, moved or changed in one bit is told, and what
// stands before it is all that is read.
func TestReadDamaged(t *testing.T) {
	whole := file(t, valid())
	lines := bytes.SplitAfter(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n"))
	n := len(lines)
	check := func(what string, left int, parts ...[]byte) {
		t.Helper()
		got, err := Read(bytes.NewReader(bytes.Join(parts, nil)))
		if err != nil {
			t.Errorf("%s: %v", what, err)
			return
		}
		if all := 1 + len(got.Observations) + len(got.Events); got.Damaged == "" || got.End != nil || all != left {
			t.Errorf("%s: got %d lines, damaged %q, end %v: want %d, and no end", what, all, got.Damaged, got.End, left)
		}
	}
	for i := 1; i < n-1; i++ {
		check("lost", i, slices.Concat(lines[:i], lines[i+1:])...)
		check("doubled", i+1, slices.Concat(lines[:i+1], lines[i:])...)
		check("moved", i, slices.Concat(lines[:i], lines[i+1:i+2], lines[i:i+1], lines[i+2:])...)
	}
	begin := len(lines[0])
	for at := begin; at < len(whole)-1; at++ {
		if whole[at] == '\n' {
			continue // joins two lines: as good as lost
		}
		flipped := slices.Clone(whole)
		flipped[at] ^= 1
		check(fmt.Sprintf("flipped at %d", at), 1+bytes.Count(whole[begin:at], []byte("\n")), flipped)
	}
}

// Wherever the writer is killed, what stands before is read.
func TestReadCutAnywhere(t *testing.T) {
	whole := file(t, valid())
	header := bytes.IndexByte(whole, '\n')
	for cut := header; cut <= len(whole); cut++ {
		if _, err := Read(bytes.NewReader(whole[:cut])); err != nil {
			t.Fatalf("cut at byte %d of %d: %v", cut, len(whole), err)
		}
	}
}

func TestReadMalformed(t *testing.T) {
	header := strings.SplitAfter(unchained(file(t, valid())), "\n")[0]
	const end = `{"type":"end","at_ns":1}` + "\n"
	tests := []struct {
		name, text string
		line       int
		want       string
	}{
		{"empty", "", 0, "header: missing"},
		{"no header", end, 1, `"end" line out of place`},
		{"two headers", header + header, 2, `"header" line out of place`},
		{"cut in the header", header[:40], 1, "unexpected end of JSON input"},
		{"not JSON", header + "what\n", 2, "invalid character"},
		{"wrong type", header + `{"type":"observation","block":7}` + "\n", 2, "cannot unmarshal"},
		{"odd buckets", header + `{"type":"observation","block":{"load":{"latency":{"buckets":[5]}}}}` + "\n", 2, "1 numbers, want pairs"},
		{"wrong buckets", header + `{"type":"observation","block":{"load":{"latency":{"buckets":{"a":1}}}}}` + "\n", 2, "invalid syntax"},
		{"unknown line", header + `{"type":"sidecar"}` + "\n", 2, `unknown type of line "sidecar"`},
		{"after the end", header + end + end, 3, `"end" line after the end`},
		{"newer schema", `{"type":"header","schema":5,"endpoints":7}` + "\n", 1, "schema 5 is newer than this leakcheck reads (4)"},
		{"header changed", strings.Replace(string(file(t, valid())), `"tool":"`, `"tool":"x`, 1), 1, "not as it was written"},
		{"endless line", header + strings.Repeat(" ", maxLine+1), 2, "longer than"},
		{"invalid", header + `{"type":"event","at_ns":1}` + "\n", 0, "event 0: no kind"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read(strings.NewReader(tt.text))
			var format *FormatError
			if !errors.As(err, &format) || format.Line != tt.line || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want a *FormatError in line %d with %q", err, tt.line, tt.want)
			}
		})
	}
}

func TestReadOtherOrderOfKeys(t *testing.T) {
	text := unchained(file(t, valid()))
	moved := strings.Replace(text, `{"type":"event","at_ns":6000000000,`, `{"at_ns":6000000000,"type":"event",`, 1)
	if moved == text {
		t.Fatal("no event line to rewrite")
	}
	got, err := Read(strings.NewReader(moved))
	if err != nil {
		t.Fatal(err)
	}
	want := valid()
	want.Header.Schema = 2
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// unchained is a file as version 2 had it.
func unchained(text []byte) string {
	text = regexp.MustCompile(`,"sum":"[0-9a-f]*"}`).ReplaceAll(text, []byte("}"))
	return strings.NewReplacer(`"schema":4`, `"schema":2`, `"disconnected":`, `"quiet":`, `"waited":`, `"drained":`,
		`"clock_advanced":`, `"forward":`, `"clock-probe"`, `"look"`, `"multiple-processes"`, `"shared-port"`).Replace(string(text))
}

func TestCheckValid(t *testing.T) {
	tests := []struct {
		name   string
		damage func(*Recording)
		want   string
	}{
		{"missing header", func(r *Recording) { r.Header = Header{} }, "header: missing"},
		{"newer schema", func(r *Recording) { r.Header.Schema = Schema + 1 }, "newer"},
		{"confidence 1", func(r *Recording) { r.Header.Confidence = 1 }, "confidence 1"},
		{"confidence 0.5", func(r *Recording) { r.Header.Confidence = 0.5 }, "confidence 0.5"},
		{"confidence NaN", func(r *Recording) { r.Header.Confidence = math.NaN() }, "confidence NaN"},
		{"background budget", func(r *Recording) { *r.Header.Background.Budget = 0 }, "background: budget 0"},
		{"selection of too few", func(r *Recording) { r.Header.Scenario.Endpoints = 2 }, "2 endpoints were selected of 2"},
		{"selection of less than none", func(r *Recording) { r.Header.Scenario.Endpoints = -1 }, "2 endpoints were selected of -1"},
		{"duplicate endpoint", func(r *Recording) { r.Header.Endpoints[1].Name = "upload" }, `endpoint "upload": name is taken`},
		{"nameless endpoint", func(r *Recording) { r.Header.Endpoints[1].Name = "" }, "no name"},
		{"no budget", func(r *Recording) { r.Header.Endpoints[0].Budget = 0 }, "no budget"},
		{"infinite budget", func(r *Recording) { r.Header.Endpoints[0].Budget = unit.MBPerHour(math.Inf(1)) }, "budget"},
		{"no rate", func(r *Recording) { r.Header.Endpoints[0].Rate = 0 }, "rate 0"},
		{"phase", func(r *Recording) { r.Observations[0].Block.Phase = "cool-down" }, `unknown phase "cool-down"`},
		{"endpoint too high", func(r *Recording) { r.Observations[1].Block.Endpoint = 2 }, "endpoint 2 is none of 2"},
		{"endpoint too low", func(r *Recording) { r.Observations[1].Block.Endpoint = -3 }, "endpoint -3"},
		{"parts of one endpoint", func(r *Recording) { r.Observations[1].Block.Parts = []Load{{}} }, "1 parts in a block that is not mixed"},
		{"too few parts", func(r *Recording) { r.Observations[1].Block.Endpoint = Mixed }, "0 parts in a mixed block of 2 endpoints"},
		{"a part", func(r *Recording) { mix(r, Load{Requests: 3}, Load{}) }, "part 0: 3 requests, but 0 landed"},
		{"parts do not add up", func(r *Recording) { mix(r, Load{Requests: 3, Landed: 3}, Load{Requests: 6, Landed: 5, Failed: 1}) }, "9 requests and 1 failed in the parts"},
		{"idle with load", func(r *Recording) { r.Observations[1].Block.Endpoint = Idle }, "10 requests in an idle block"},
		{"block before sample", func(r *Recording) { r.Observations[1].Block.Start = time.Second }, "time goes backwards"},
		{"sample before block", func(r *Recording) { r.Observations[1].Sample.At = time.Second }, "time goes backwards"},
		{"load does not add up", func(r *Recording) { r.Observations[1].Block.Load.Requests = 11 }, "11 requests, but 9 landed and 1 failed"},
		{"aborted", func(r *Recording) { r.Observations[1].Block.Load.Aborted = 10 }, "10 aborted of 9"},
		{"rate", func(r *Recording) { r.Observations[1].Block.Load.Rate = unit.PerSecond(math.NaN()) }, "rate NaN"},
		{"statuses", func(r *Recording) { r.Observations[1].Block.Load.Statuses["200"] = -1 }, `statuses: "200": -1`},
		{"buckets", func(r *Recording) { r.Observations[1].Block.Load.Latency.Buckets[1].UpTo = 5 }, "latency: bucket"},
		{"elapsed", func(r *Recording) { r.Observations[1].Block.Elapsed = -1 }, "elapsed: -1"},
		{"heap", func(r *Recording) { r.Observations[1].Sample.Heap.Used = -1 }, "heap: -1"},
		{"space", func(r *Recording) { r.Observations[1].Sample.Heap.Spaces["old_space"] = -1 }, `"old_space": -1`},
		{"external", func(r *Recording) { r.Observations[1].Sample.Memory.External = -1 }, "memory: -1"},
		{"process", func(r *Recording) { r.Observations[1].Sample.Procs[0].RSS = -1 }, "process: -1"},
		{"isolate", func(r *Recording) { r.Observations[1].Sample.Isolates[0].Used = -1 }, "isolate main: -1"},
		{"resource", func(r *Recording) { r.Observations[1].Sample.Resources["fd"] = -1 }, `resources: "fd": -1`},
		{"event order", func(r *Recording) { r.Events = append(r.Events, Event{Kind: Interrupted}) }, "event 1: time goes backwards"},
		{"end too early", func(r *Recording) { r.End.At = time.Second }, "end: time goes backwards"},
		{"load share", func(r *Recording) { r.End.LoadShare = math.Inf(1) }, "load share +Inf"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := valid()
			tt.damage(r)
			if err := r.CheckValid(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want %q", err, tt.want)
			}
		})
	}
	if err := valid().CheckValid(); err != nil {
		t.Errorf("valid recording: %v", err)
	}
}

func TestWriterKeepsFirstError(t *testing.T) {
	w, err := NewWriter(filepath.Join(t.TempDir(), "r"), valid().Header)
	if err != nil {
		t.Fatal(err)
	}
	w.file.Close() // as good as a disk that is gone
	first := w.Event(Event{})
	if !errors.Is(first, os.ErrClosed) {
		t.Fatalf("error = %v, want os.ErrClosed", first)
	}
	if err := w.End(End{}); !errors.Is(err, first) {
		t.Errorf("next call: %v, want the first error", err)
	}
	for range 2 {
		if err := w.Close(); !errors.Is(err, first) {
			t.Errorf("close: %v, want the first error", err)
		}
	}
}

func TestWriterDiskFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	w := &Writer{file: full}
	if err := w.Observe(Observation{}); err == nil || !strings.Contains(err.Error(), "write recording") {
		t.Errorf("error = %v, want write recording: ...", err)
	}
	if err := w.Close(); err == nil {
		t.Error("close forgot that the disk was full")
	}
}

func TestNewWriterKeepsOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r")
	write(t, path, valid())
	if _, err := NewWriter(path, valid().Header); !errors.Is(err, os.ErrExist) {
		t.Errorf("error = %v, want os.ErrExist", err)
	}
}

// 10,000 observations as a real run writes them, read by ReadFile.
func BenchmarkRead(b *testing.B) {
	r := valid()
	o := r.Observations[1]
	for i := range 60 {
		o.Block.Load.Latency.Buckets = append(o.Block.Load.Latency.Buckets, Bucket{UpTo: time.Duration(100 + i), Count: 9})
	}
	for len(r.Observations) < 10_000 {
		o.Block.Start, o.Sample.At = o.Sample.At, o.Sample.At+time.Second
		r.Observations = append(r.Observations, o)
	}
	r.End = nil
	r.Events = nil
	text := file(b, r)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Read(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}

func TestRoom(t *testing.T) {
	for name, c := range map[string]struct {
		sample Sample
		room   unit.Bytes
		known  bool
	}{
		"no limit":  {Sample{Heap: Heap{Used: 5}}, 0, false},
		"one heap":  {Sample{Heap: Heap{Used: 30, Limit: 100}}, 70, true},
		"at limit":  {Sample{Heap: Heap{Used: 130, Limit: 100}}, 0, true},
		"a workers": {Sample{Heap: Heap{Used: 150, Limit: 100}, Isolates: []Isolate{{Used: 60}, {Used: 80}, {Used: 10}}}, 20, true},
	} {
		if room, known := c.sample.Room(); room != c.room || known != c.known {
			t.Errorf("%s: got %v, %v; want %v, %v", name, room, known, c.room, c.known)
		}
	}
}
