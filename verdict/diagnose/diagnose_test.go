package diagnose_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
)

func frame(function string, line int) evidence.Frame {
	return evidence.Frame{Function: function, File: "server.js", Line: line, Origin: evidence.App}
}

func node(file string) evidence.Frame {
	return evidence.Frame{File: "node:" + file, Line: 1, Origin: evidence.Node}
}

// thousand is a block of 1,000 requests.
var thousand = evidence.Load{Requests: 1000, Elapsed: time.Second}

// keep is a container that grew by n in a thousand requests.
func keep(kind evidence.Kind, n float64, stack ...evidence.Frame) evidence.Store {
	return evidence.Store{Kind: kind, Grown: n, Size: int(n), Containers: 1, Receiver: "all", Stack: stack}
}

func TestPatterns(t *testing.T) {
	cache, closures := keep(evidence.Map, 1000, frame("get", 5)), keep(evidence.Array, 1000, frame("make", 5))
	cache.LooksUp, closures.Closures = true, true
	worker := keep(evidence.Map, 1000, frame("index", 5))
	worker.Isolate = "worker: index.js"
	buffers := evidence.Moved{Load: thousand, Heap: 1e5, External: 1e6}   // 100 and 1,000 B/request
	native := evidence.Moved{Load: thousand, Heap: 2e5, Native: 40 << 20} // 200 and 42,000 B/request
	handle := func(kind string) evidence.Watch {
		return evidence.Watch{Load: thousand, Handles: []evidence.Handle{{Type: kind, Count: 1000, Stack: []evidence.Frame{node("net"), frame("open", 5)}}}}
	}
	stores := func(all ...evidence.Store) evidence.Watch { return evidence.Watch{Load: thousand, Stores: all} }
	tests := []struct {
		name  string
		watch evidence.Watch
		moved evidence.Moved
		want  diagnose.Pattern
	}{
		{"array", stores(keep(evidence.Array, 1000, frame("log", 5))), evidence.Moved{}, diagnose.Collection},
		{"map", stores(keep(evidence.Map, 1000, frame("log", 5))), evidence.Moved{}, diagnose.Collection},
		{"cache", stores(cache), evidence.Moved{}, diagnose.Cache},
		{"closures", stores(closures), evidence.Moved{}, diagnose.Closures},
		{"emitter", stores(keep(evidence.Emitter, 1000, frame("feed", 5))), evidence.Moved{}, diagnose.Listeners},
		{"abort signal", stores(keep(evidence.Target, 1000, frame("feed", 5))), evidence.Moved{}, diagnose.Listeners},
		{"promise", stores(keep(evidence.Promise, 1000, frame("race", 5))), evidence.Moved{}, diagnose.PendingPromise},
		{"worker", stores(worker), evidence.Moved{}, diagnose.Worker},
		{"buffers", stores(cache), buffers, diagnose.Buffers},
		{"native", stores(keep(evidence.Array, 1000, frame("log", 5))), native, diagnose.Native},
		{"timer", handle("Timeout"), evidence.Moved{}, diagnose.Timers},
		{"file", handle("file"), evidence.Moved{}, diagnose.Streams},
		{"socket", handle("TCPWRAP"), evidence.Moved{}, diagnose.Connections},
		{"child process", handle("PROCESSWRAP"), evidence.Moved{}, diagnose.Worker},
		{"resolver", handle("DNSCHANNEL"), evidence.Moved{}, diagnose.Native},
	}
	for _, tt := range tests {
		f := diagnose.Diagnose(nil, []evidence.Evidence{{Watch: tt.watch, Moved: tt.moved}}).Findings[0]
		if len(f.Suspects) == 0 {
			t.Errorf("%s: no suspect", tt.name)
			continue
		}
		if s := f.Suspects[0]; s.Pattern != tt.want || s.At.Line != 5 || s.PerUnit != 1 || s.Confidence != diagnose.High {
			t.Errorf("%s: got %s at %s, %.2f per request, %s; want %s at line 5, 1.00, high", tt.name, s.Pattern, s.At.Place(), s.PerUnit, s.Confidence, tt.want)
		}
	}
}

// What grows with every request, and whose function allocates what survives,
// comes before what grows now and then, what lies in Node, and what is small.
func TestRanking(t *testing.T) {
	leaking := keep(evidence.Map, 1000, frame("open", 5))
	now := keep(evidence.Array, 30, frame("sometimes", 9))
	internal := keep(evidence.Array, 1000, node("events"), frame("open", 7))
	e := evidence.Evidence{
		Profile: evidence.Profile{Load: thousand, Sites: []evidence.Site{
			{Stack: []evidence.Frame{frame("open", 3)}, Bytes: 200_000},
			{Stack: []evidence.Frame{node("http")}, Bytes: 50_000},
		}},
		Watch: evidence.Watch{Load: thousand, Stores: []evidence.Store{now, internal, leaking}},
	}
	f := diagnose.Diagnose(nil, []evidence.Evidence{{Watch: e.Watch}}).Findings[0]
	if got := linesOf(f); !slices.Equal(got, []int{5, 7, 9}) {
		t.Fatalf("suspects: got lines %v, want 5, 7 and 9", got)
	}
	f = diagnose.Diagnose(nil, []evidence.Evidence{e}).Findings[0]
	if got := linesOf(f); !slices.Equal(got, []int{5}) {
		t.Fatalf("suspects: got lines %v, want 5 alone: the others explain none of the memory", got)
	}
	if got := f.Suspects[0].Bytes; got != 200 {
		t.Errorf("bytes: got %v, want 200 (200,000 B in 1,000 requests)", got)
	}
}

func linesOf(f diagnose.Finding) []int {
	var lines []int
	for _, s := range f.Suspects {
		lines = append(lines, s.At.Line)
	}
	return lines
}

// The shares of one leak add up to no more than all of it, and a second suspect
// explains a tenth of it at least that the first one does not.
func TestSharesOfOneLeak(t *testing.T) {
	e := evidence.Evidence{
		Profile: evidence.Profile{Load: thousand, Sites: []evidence.Site{
			{Stack: []evidence.Frame{frame("open", 3)}, Bytes: 150_000},
			{Stack: []evidence.Frame{frame("open", 3), frame("both", 20)}, Bytes: 50_000},
			{Stack: []evidence.Frame{frame("both", 20)}, Bytes: 40_000},
			{Stack: []evidence.Frame{frame("little", 40)}, Bytes: 10_000},
		}},
		Watch: evidence.Watch{Load: thousand, Stores: []evidence.Store{
			keep(evidence.Map, 1000, frame("open", 5)), keep(evidence.Array, 900, frame("both", 25)), keep(evidence.Array, 900, frame("little", 45)),
		}},
	}
	f := diagnose.Diagnose(nil, []evidence.Evidence{e}).Findings[0]
	if got := linesOf(f); !slices.Equal(got, []int{5, 25}) {
		t.Fatalf("suspects: got lines %v, want 5 and 25", got)
	}
	if a, b := f.Suspects[0].Bytes, f.Suspects[1].Bytes; a != 200 || b != 40 {
		t.Errorf("bytes: got %v and %v, want 200 and 40", a, b)
	}
}

// High confidence needs memory that stays: a bounded cache takes entries, too.
func TestConfidenceNeedsMemory(t *testing.T) {
	e := evidence.Evidence{
		Profile: evidence.Profile{Load: thousand, Sites: []evidence.Site{{Stack: []evidence.Frame{node("http")}, Bytes: 250_000}}},
		Watch:   evidence.Watch{Load: thousand, Stores: []evidence.Store{keep(evidence.Map, 1000, frame("open", 5))}},
	}
	f := diagnose.Diagnose(nil, []evidence.Evidence{e}).Findings[0]
	if len(f.Suspects) == 0 || f.Suspects[0].Confidence != diagnose.Medium {
		t.Errorf("got %+v, want medium confidence in what explains none of the memory", f.Suspects)
	}
}

// Without a watched container, the profile's function is inferred, and said to
// be thin evidence.
func TestProfileAlone(t *testing.T) {
	line := frame("open", 14)
	line.Idiom = "index"
	e := evidence.Evidence{
		Notes: []string{"heap snapshots: skipped"},
		Profile: evidence.Profile{Load: thousand, Sites: []evidence.Site{
			{Stack: []evidence.Frame{frame("open", 10)}, Bytes: 90_000, Lines: []evidence.Frame{line}},
			{Stack: []evidence.Frame{frame("hardly", 30)}, Bytes: 5_000},
		}},
	}
	f := diagnose.Diagnose(nil, []evidence.Evidence{e}).Findings[0]
	if len(f.Suspects) != 1 || f.Suspects[0].At.Line != 14 || f.Suspects[0].Confidence != diagnose.Low || f.Suspects[0].Pattern != diagnose.Cache {
		t.Fatalf("suspects: got %+v, want line 14 alone, with low confidence", f.Suspects)
	}
	if len(f.Notes) != 2 || !strings.Contains(f.Notes[1], "thin") {
		t.Errorf("notes: got %q, want the skipped snapshots and the thin evidence", f.Notes)
	}
}

func TestNothingFound(t *testing.T) {
	v := &verdict.Verdict{Endpoints: []verdict.Endpoint{{Name: "upload"}}}
	d := diagnose.Diagnose(v, []evidence.Evidence{{Subject: 0}, {Subject: recording.Idle}})
	if d.Findings[0].Endpoint != "upload" || d.Findings[1].Endpoint != "" {
		t.Errorf("endpoints: got %q and %q, want upload and the background", d.Findings[0].Endpoint, d.Findings[1].Endpoint)
	}
	for _, f := range d.Findings {
		if len(f.Suspects) != 0 || len(f.Notes) != 1 {
			t.Errorf("finding: got %+v, want no suspect and a note that says so", f)
		}
	}
}

// Every pattern has advice and a page, and every page a pattern.
func TestPages(t *testing.T) {
	pages, err := filepath.Glob("../../docs/patterns/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		p := diagnose.Pattern(strings.TrimSuffix(filepath.Base(page), ".md"))
		if a := p.Advice(); a.Title == "" || a.Explanation == "" || a.Before == "" || a.After == "" {
			t.Errorf("%s: advice %+v is not whole", p, a)
		}
		if _, err := os.Stat("../../" + p.Docs()); err != nil {
			t.Error(err)
		}
	}
	if want := len(diagnose.Patterns); len(pages) != want {
		t.Errorf("%d pages, want %d, one for each pattern", len(pages), want)
	}
}

// Resident memory goes up and down by itself: unless the verdict convicts native
// memory, what grows in the heap comes before assignments to process.env.
func TestNativeNeedsAVerdict(t *testing.T) {
	rare := keep(evidence.Array, 10, frame("log", 5)) // 0.3 + 0.01/2 of score, and no share
	e := evidence.Evidence{Watch: evidence.Watch{
		Load: thousand, Stores: []evidence.Store{rare},
		Environment: []evidence.Handle{{Type: "environment", Count: 1000, Stack: []evidence.Frame{frame("setContext", 9)}}},
	}}
	judged := func(o verdict.Outcome) *verdict.Verdict {
		native := verdict.Metric{Name: verdict.NativeMetric, Outcome: o}
		native.Estimate.Value = 5000
		return &verdict.Verdict{Endpoints: []verdict.Endpoint{{Name: "pay", Metrics: []verdict.Metric{native}}}}
	}
	for outcome, line := range map[verdict.Outcome]int{verdict.Pass: 5, verdict.Inconclusive: 5, verdict.Leak: 9} {
		f := diagnose.Diagnose(judged(outcome), []evidence.Evidence{e}).Findings[0]
		if len(f.Suspects) != 2 || f.Suspects[0].At.Line != line {
			t.Errorf("native memory %s: got %+v first of %d, want line %d", outcome, f.Suspects[0].At, len(f.Suspects), line)
		}
	}
}

// What survives a block by chance, and is less than a pointer to each thing, does not
// explain native memory; what may hold it is suspected for that.
func TestNativeWithoutHolder(t *testing.T) {
	for _, tt := range []struct {
		bytes float64 // that survive a thousand requests
		want  []diagnose.Pattern
	}{{3000, nil}, {40_000, []diagnose.Pattern{diagnose.Native}}} {
		f := diagnose.Diagnose(nil, []evidence.Evidence{{
			Moved:   evidence.Moved{Load: thousand, Heap: tt.bytes, Native: 40 << 20},
			Profile: evidence.Profile{Load: thousand, Sites: []evidence.Site{{Stack: []evidence.Frame{frame("send", 5)}, Bytes: tt.bytes}}},
		}}).Findings[0]
		var got []diagnose.Pattern
		for _, s := range f.Suspects {
			got = append(got, s.Pattern)
		}
		if told := strings.Contains(strings.Join(f.Notes, ""), "native memory grows"); !slices.Equal(got, tt.want) || told != (tt.want == nil) {
			t.Errorf("%.0f bytes survive: got %q with notes %q, want %q", tt.bytes, got, f.Notes, tt.want)
		}
	}
}

// What a dependency keeps is told by the app's line that calls it and by the
// dependency's own.
func TestDependency(t *testing.T) {
	library := evidence.Frame{Function: "create", File: "/pnpm/store/node_modules/debug/src/common.js", Line: 131, Origin: evidence.Dependency, Package: "debug@4.1.1"}
	inner := library
	inner.Line, inner.Idiom = 120, "index"
	stack := []evidence.Frame{library, frame("order", 13)}
	watched := evidence.Evidence{Watch: evidence.Watch{Load: thousand, Stores: []evidence.Store{keep(evidence.Array, 1000, stack...)}}}
	profiled := evidence.Evidence{Profile: evidence.Profile{Load: thousand, Sites: []evidence.Site{{Stack: stack, Bytes: 1e6, Within: []evidence.Frame{inner}}}}}
	for want, e := range map[string]evidence.Evidence{
		"server.js:13 in order, through node_modules/debug/src/common.js:131 in create (debug@4.1.1)": watched,
		"server.js:13 in order, through node_modules/debug/src/common.js:120 in create (debug@4.1.1)": profiled,
	} {
		f := diagnose.Diagnose(nil, []evidence.Evidence{e}).Findings[0]
		if len(f.Suspects) != 1 || f.Suspects[0].Where() != want {
			t.Errorf("suspects: got %+v, want one at %s", f.Suspects, want)
		}
	}
}

// What snapshots show to be assigned comes before what the functions alone make
// likely, and after what was seen to happen.
func TestHeld(t *testing.T) {
	assigned := keep(evidence.Field, 1000, frame("add", 18), frame("handle", 30))
	assigned.Receiver, assigned.Path = "newest", []string{"history (module variable, server.js)", "History.newest"}
	e := evidence.Evidence{
		Profile: evidence.Profile{Load: thousand, Sites: []evidence.Site{
			{Stack: []evidence.Frame{frame("handle", 30)}, Bytes: 100_000},
			{Stack: []evidence.Frame{frame("add", 17), frame("handle", 30)}, Bytes: 50_000},
		}},
		Watch:  evidence.Watch{Load: thousand},
		Growth: &evidence.Growth{Load: thousand, Classes: []evidence.Class{{Name: "(string)", PerUnit: 1}, {Name: "Entry", PerUnit: 1}}, Held: []evidence.Store{assigned}},
	}
	f := diagnose.Diagnose(nil, []evidence.Evidence{e}).Findings[0]
	if s := f.Suspects[0]; s.At.Line != 18 || s.PerUnit != 1 || s.Confidence != diagnose.Medium || s.Pattern != diagnose.Collection || s.Bytes != 150 {
		t.Errorf("first suspect: got %+v, want line 18, +1.00, medium", s)
	}
	if got, want := f.Suspects[0].Reasons[0], "snapshots show +1.00 Entry, +1.00 (string) per request, held by history (module variable, server.js) -> History.newest, and server.js:18 is where the code puts something there"; got != want {
		t.Errorf("reason: got %q, want %q", got, want)
	}
	seen := keep(evidence.Map, 1000, frame("handle", 31))
	e.Watch.Stores = []evidence.Store{seen}
	if s := diagnose.Diagnose(nil, []evidence.Evidence{e}).Findings[0].Suspects[0]; s.At.Line != 31 {
		t.Errorf("first suspect: got %+v, want what was seen, at line 31", s)
	}
}

// Where nothing but the profile is known, a line that assigns comes before its
// caller that allocates more: the watch would have seen the caller keep it.
func TestAssignmentInferred(t *testing.T) {
	assigns, puts := frame("add", 18), frame("handle", 31)
	assigns.Idiom, puts.Idiom = "assign", "put"
	e := evidence.Evidence{
		Profile: evidence.Profile{Load: thousand, Sites: []evidence.Site{
			{Stack: []evidence.Frame{frame("handle", 30)}, Bytes: 100_000, Lines: []evidence.Frame{puts}},
			{Stack: []evidence.Frame{frame("Entry", 2), frame("add", 17), frame("handle", 30)}, Bytes: 50_000, Lines: []evidence.Frame{assigns}},
		}},
		Watch: evidence.Watch{Load: thousand},
	}
	f := diagnose.Diagnose(nil, []evidence.Evidence{e}).Findings[0]
	if len(f.Suspects) != 1 || f.Suspects[0].At.Line != 18 || f.Suspects[0].Bytes != 150 || f.Suspects[0].Confidence != diagnose.Low {
		t.Errorf("suspects: got %+v, want line 18 alone, with 150 B", f.Suspects)
	}
	if got, want := f.Suspects[0].Amount(), "memory of each request"; got != want {
		t.Errorf("amount: got %q, want %q", got, want)
	}
}

// The survivors of one block are not more than what the verdict found to stay.
func TestBytesAreThoseOfTheVerdict(t *testing.T) {
	e := evidence.Evidence{
		Profile: evidence.Profile{Load: thousand, Sites: []evidence.Site{{Stack: []evidence.Frame{frame("open", 3)}, Bytes: 2_197_000}}},
		Watch:   evidence.Watch{Load: thousand, Stores: []evidence.Store{keep(evidence.Map, 1000, frame("open", 5))}},
	}
	heap := verdict.Metric{Name: verdict.HeapMetric, Outcome: verdict.Leak}
	heap.Estimate.Value = 344
	v := &verdict.Verdict{Endpoints: []verdict.Endpoint{{Name: "leave", Metrics: []verdict.Metric{heap}}}}
	for _, tt := range []struct {
		v    *verdict.Verdict
		want float64
	}{{v, 344}, {nil, 2197}} {
		if got := diagnose.Diagnose(tt.v, []evidence.Evidence{e}).Findings[0].Suspects[0].Bytes; float64(got) != tt.want {
			t.Errorf("bytes: got %v, want %v", got, tt.want)
		}
	}
}

// Threads of one script leak at one line: together they leave one entry for each
// request.
func TestThreadsOfOneScript(t *testing.T) {
	first, second := keep(evidence.Map, 560, frame("index", 5)), keep(evidence.Map, 440, frame("index", 5))
	first.Isolate, second.Isolate = "worker 1", "worker 2"
	f := diagnose.Diagnose(nil, []evidence.Evidence{{Watch: evidence.Watch{Load: thousand, Stores: []evidence.Store{first, second}}}}).Findings[0]
	if len(f.Suspects) != 1 || f.Suspects[0].PerUnit != 1 || f.Suspects[0].Isolate != "worker 1, worker 2" {
		t.Errorf("got %+v, want one suspect of both threads", f.Suspects)
	}
}
