// Package recording is what one run observed: a header, then one observation
// for every block of load, in order. It holds data and its codec, and knows
// nothing of how the data was measured or how it is judged.
package recording

import (
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Schema is the version of the file format that this package writes. Version 2
// has mixed blocks and clock probes; whatever version 1 has means the same in it. From
// version 3 on each line ends with a checksum over it and those before it. Version 4
// renames keys: see oldNames.
const Schema = 4

// MinRounds is the fewest rounds that a verdict is given on, and so the fewest
// that a run measures.
const MinRounds = 6

// Recording is one run. End is nil when the run was cut off (killed, disk
// full): what stands before is complete all the same.
type Recording struct {
	Header       Header
	Observations []Observation
	Events       []Event
	End          *End
	// Truncated says that the file ended in the middle of a line, which was
	// left out: the writer was killed, or the disk was full.
	Truncated bool
	// Damaged says where the file is not as it was written, "" when it is: what
	// stands before is all that was read, and End is nil.
	Damaged string
}

// WarmedUp is the last sample of the warm-up.
func (r *Recording) WarmedUp() *Sample {
	last := len(r.Observations) - 1
	for last > 0 && r.Observations[last].Block.Phase != WarmUp {
		last--
	}
	return &r.Observations[last].Sample
}

// Header says what was run, where, and against which budgets.
type Header struct {
	Schema     int        `json:"schema"`
	RunID      string     `json:"run_id"`
	StartedAt  time.Time  `json:"started_at"`
	Tool       string     `json:"tool"` // leakcheck's version
	Scenario   Scenario   `json:"scenario"`
	Endpoints  []Endpoint `json:"endpoints"`
	Background Background `json:"background"`
	// Screened says that the endpoints are bounded together, by blocks of all of them, and
	// that only those have blocks of their own which growth seems to come from.
	Screened    bool        `json:"screened,omitempty"`
	Confidence  float64     `json:"confidence"` // for the whole run, e.g. 0.99
	Seed        uint64      `json:"seed"`
	Environment Environment `json:"environment"`
}

// Scenario names the file that was run. Hash is over what determines the
// measurement of all endpoints together.
type Scenario struct {
	Name string `json:"name"`
	Path string `json:"path"`
	Hash string `json:"hash"`
	// Endpoints is how many the file has, where a selection of them was measured; else 0.
	Endpoints int `json:"endpoints,omitempty"`
	// Quick says that less confidence and time was asked for than in the file.
	Quick bool `json:"quick,omitempty"`
}

// Endpoint is one named request of the scenario with its budget.
type Endpoint struct {
	Name        string         `json:"name"`
	Request     string         `json:"request"` // "POST /upload", as the scenario wrote it
	Rate        unit.PerSecond `json:"rate"`    // production traffic
	RateAssumed bool           `json:"rate_assumed,omitempty"`
	Budget      unit.MBPerHour `json:"budget"`
	// BudgetAssumed says that the scenario gave no budget.
	BudgetAssumed bool   `json:"budget_assumed,omitempty"`
	Waive         *Waive `json:"waive,omitempty"`
	// Identity is over what determines this endpoint's measurement, whatever else the
	// scenario holds; "" in older files. Its parts, between dots, are of the request,
	// of how it is sent, and of the target.
	Identity string `json:"identity,omitempty"`
}

// Waive keeps a known leak from failing the run until a day.
type Waive struct {
	Reason string    `json:"reason"`
	Until  time.Time `json:"until"`
}

// Background is the budget for growth by the clock. Budget is nil in older files whose
// scenario asked for none: growth is then shown and not judged.
type Background struct {
	Budget *unit.MBPerHour `json:"budget,omitempty"`
	// Assumed says that the scenario gave no budget: growth beyond doubt is a leak, and
	// where noise hides whether there is any, that is said and holds nothing up.
	Assumed bool `json:"assumed,omitempty"`
}

// Environment is the machine and the target's runtime.
type Environment struct {
	OS          string     `json:"os"`
	Arch        string     `json:"arch"`
	CPUs        int        `json:"cpus"`
	CPUModel    string     `json:"cpu_model,omitempty"`
	MemoryTotal unit.Bytes `json:"memory_total,omitempty"`
	Node        string     `json:"node"` // "v24.21.0"
	V8          string     `json:"v8,omitempty"`
	GitCommit   string     `json:"git_commit,omitempty"`
	GitDirty    bool       `json:"git_dirty,omitempty"`
	GitTime     time.Time  `json:"git_time,omitzero"` // of the commit, which orders commits in a history
	Repository  Repository `json:"repository,omitzero"`
	Command     []string   `json:"command,omitempty"` // the target's, as the scenario wrote it
	Image       string     `json:"image,omitempty"`   // of a target in a container; "build" for one of its own
}

// Repository says where the git repository of the target has its files, for
// reports that point at them. The zero value is none.
type Repository struct {
	Root string `json:"root"` // where it was checked out
	// Relative to the root, with slashes: the folder of the target's sources, and
	// the scenario's file, "" for one that is not in the repository.
	Target   string `json:"target"`
	Scenario string `json:"scenario,omitempty"`
}

// Phase is the part of a run that an observation belongs to.
type Phase string

// The phases of a run. Only Measure is fitted; WarmUp counts requests and
// resources. Locate is a block of a part of the endpoints, which shows where growth comes from. ClockProbe is a few requests to all endpoints, in the midst of the measured
// rounds, after the target's clocks were advanced, or a wait.
const (
	WarmUp     Phase = "warmup"
	Measure    Phase = "measure"
	Locate     Phase = "locate"
	ClockProbe Phase = "clock-probe"
)

// Observation is one block and the settled sample after it. The first
// observation of a run has a zero-length idle block: the baseline.
type Observation struct {
	Block  Block  `json:"block"`
	Sample Sample `json:"sample"`
}

// Idle is the Endpoint of a block without load, and Mixed that of one which
// loads several endpoints together.
const (
	Idle  = -1
	Mixed = -2
)

// Subject is what a block loads, and what a leak is of: an endpoint, by its index
// into Header.Endpoints, all of them together (Mixed), or the clock (Idle).
type Subject int

// Endpoint is the index of the endpoint; ok is false when it is no single one.
func (s Subject) Endpoint() (index int, ok bool) { return int(s), s >= 0 }

// Block is one uninterrupted stretch of load on one endpoint, or on several
// together, or of idleness.
type Block struct {
	Phase    Phase         `json:"phase"`
	Round    int           `json:"round"`    // 0-based within its phase
	Endpoint int           `json:"endpoint"` // index into Header.Endpoints, or Idle, or Mixed
	Start    time.Duration `json:"start_ns"` // since Header.StartedAt
	Elapsed  time.Duration `json:"elapsed_ns"`
	Load     Load          `json:"load"` // zero for an idle block; of all endpoints together
	// Parts are the loads of the endpoints in a mixed block, one for each of
	// Header.Endpoints; none in any other.
	Parts []Load `json:"parts,omitempty"`
}

// Of reports whether the block is one of the subject.
func (b *Block) Of(s Subject) bool { return b.Endpoint == int(s) }

// RequestsOf is how many requests the block sent to an endpoint.
func (b *Block) RequestsOf(endpoint int) int { return b.LoadOf(endpoint).Requests }

// LoadOf is the block's load on one endpoint, zero where it had none.
func (b *Block) LoadOf(endpoint int) *Load {
	switch {
	case b.Endpoint == Mixed && endpoint >= 0:
		return &b.Parts[endpoint]
	case b.Endpoint == endpoint:
		return &b.Load
	}
	return &Load{}
}

// Load counts what one block sent and what became of it.
// Requests = Landed + Failed.
type Load struct {
	Requests int `json:"requests,omitempty"` // sent to the target
	Landed   int `json:"landed,omitempty"`   // answered as expected, or aborted as asked
	Failed   int `json:"failed,omitempty"`   // unexpected status, refused, timed out
	Aborted  int `json:"aborted,omitempty"`  // of Landed: given up by the client on purpose
	// Sent is the HTTP requests when they are not one for each of Requests, which
	// then counts flows: each step, each that was sent again, and the setup's.
	Sent int `json:"sent,omitempty"`
	// Expired is those of Sent that were refused with 401 and sent again after the
	// setup had run again, Setups times in this block.
	Expired  int            `json:"expired,omitempty"`
	Setups   int            `json:"setups,omitempty"`
	Statuses map[string]int `json:"statuses,omitempty"` // "200": 4000; "0" is no answer
	Errors   map[string]int `json:"errors,omitempty"`   // at most 10 kinds, most frequent first when shown
	BytesIn  unit.Bytes     `json:"bytes_in,omitempty"`
	BytesOut unit.Bytes     `json:"bytes_out,omitempty"`
	Rate     unit.PerSecond `json:"rate,omitempty"` // achieved
	Workers  int            `json:"workers,omitempty"`
	OpenRate unit.PerSecond `json:"open_rate,omitempty"` // asked for, when the load is open-loop
	// Saturated: an open-loop block fell behind the rate asked for, so that
	// queues grew which look like a leak.
	Saturated bool    `json:"saturated,omitempty"`
	Latency   Latency `json:"latency"`
}

// Latency is the distribution of the answers' times in one block.
type Latency struct {
	Mean    time.Duration `json:"mean_ns,omitempty"`
	P50     time.Duration `json:"p50_ns,omitempty"`
	P95     time.Duration `json:"p95_ns,omitempty"`
	P99     time.Duration `json:"p99_ns,omitempty"`
	Max     time.Duration `json:"max_ns,omitempty"`
	Buckets Buckets       `json:"buckets,omitempty"` // non-empty ones, ascending
}

// Bucket counts the answers that took at most UpTo (and longer than the
// bucket before).
type Bucket struct {
	UpTo  time.Duration
	Count int
}

// Sample is one settled observation of the target's memory.
type Sample struct {
	At      time.Duration `json:"at_ns"`   // since Header.StartedAt, when heap was read
	Settled bool          `json:"settled"` // two readings in a row agreed
	// Disconnected says that the target's connections were back to baseline.
	Disconnected bool `json:"disconnected"`
	// Waited says that the sample was taken only when memory was released no more.
	Waited bool `json:"waited,omitempty"`
	// ClockAdvanced says that the target's clocks were advanced first, so that memory
	// which expires was released.
	ClockAdvanced bool          `json:"clock_advanced,omitempty"`
	GCs           int           `json:"gcs"`       // collections asked for
	Took          time.Duration `json:"took_ns"`   // disconnect, settle and sample in all
	Heap          Heap          `json:"heap"`      // all JS isolates of the target summed
	Memory        Memory        `json:"memory"`    // beside the JS heap
	Procs         []Process     `json:"processes"` // the process tree, the measured one first
	// Isolates names each JS isolate when there is more than one.
	Isolates []Isolate `json:"isolates,omitempty"`
	// Resources counts what is open by kind: "fd", "socket", "Timeout",
	// "TCPSocketWrap", "native_context", "worker", ...
	Resources map[string]int `json:"resources,omitempty"`
	Loop      Loop           `json:"loop"`
	// Containers are the target's, the app's own first; none for a process.
	Containers []Container `json:"containers,omitempty"`
}

// Released says that the sample was taken after advancing the target's clocks, or after
// waiting until memory was released no more.
func (s *Sample) Released() bool { return s.ClockAdvanced || s.Waited }

// Container is the memory of one container, by its control group.
type Container struct {
	Name string `json:"name"` // "target", or the service's
	// WorkingSet is what the limit is about: all memory but file cache that can
	// be dropped. Anonymous is the part that no file backs.
	WorkingSet unit.Bytes `json:"working_set"`
	Anonymous  unit.Bytes `json:"anonymous,omitempty"`
	Limit      unit.Bytes `json:"limit,omitempty"`     // 0: none
	OOMKills   int        `json:"oom_kills,omitempty"` // processes that the kernel ended at the limit
}

// Heap is V8's heap after the settling GCs.
type Heap struct {
	Used   unit.Bytes            `json:"used"`
	Total  unit.Bytes            `json:"total"`
	Limit  unit.Bytes            `json:"limit,omitempty"`
	Spaces map[string]unit.Bytes `json:"spaces,omitempty"` // used bytes by heap space
}

// Retained is what a budget holds for: the JS heap and the memory that its
// objects own outside it.
func (s *Sample) Retained() unit.Bytes { return s.Heap.Used + s.Memory.External }

// Native is resident memory that neither the heap nor external memory explains:
// the runtime itself, code, stacks, allocator slack, native leaks.
func (s *Sample) Native() unit.Bytes { return s.Memory.RSS - s.Heap.Total - s.Memory.External }

// Memory is what the target holds outside the JS heap. External contains
// ArrayBuffers. A field that the runtime does not report is 0.
type Memory struct {
	External     unit.Bytes `json:"external,omitempty"`
	ArrayBuffers unit.Bytes `json:"array_buffers,omitempty"`
	Embedder     unit.Bytes `json:"embedder,omitempty"`
	RSS          unit.Bytes `json:"rss,omitempty"` // of the process tree
	PSS          unit.Bytes `json:"pss,omitempty"`
}

// Process is one process of the target's tree.
type Process struct {
	PID  int        `json:"pid"`
	Name string     `json:"name"`
	RSS  unit.Bytes `json:"rss"`
	PSS  unit.Bytes `json:"pss,omitempty"`
	FDs  int        `json:"fds,omitempty"`
}

// Isolate is one JS heap: the main thread or a worker thread. Names are unique in
// a run, but for those of older files.
type Isolate struct {
	Name string     `json:"name"`
	Used unit.Bytes `json:"used"`
	// Silent is a worker that did not answer, as one that waits in Atomics.wait does
	// not. Used is then what it told last, 0 when that was nothing.
	Silent bool `json:"silent,omitempty"`
}

// Loop is how the event loop fared in the block before the sample.
type Loop struct {
	DelayP99 time.Duration `json:"delay_p99_ns,omitempty"`
	DelayMax time.Duration `json:"delay_max_ns,omitempty"`
	GCTime   time.Duration `json:"gc_time_ns,omitempty"`
	GCCount  int           `json:"gc_count,omitempty"`
}
