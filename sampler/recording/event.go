package recording

import (
	"time"
)

// Event is something worth telling that happened at a moment of the run.
type Event struct {
	At      time.Duration `json:"at_ns"`
	Kind    EventKind     `json:"kind"`
	Message string        `json:"message"`
}

// EventKind says what happened.
type EventKind string

// The kinds of events.
const (
	TargetExited      EventKind = "target-exited"      // crash, exit or signal in mid-run
	OutOfMemory       EventKind = "out-of-memory"      // the target's heap (or container) was full
	LoadFailed        EventKind = "load-failed"        // too few requests landed to go on
	Interrupted       EventKind = "interrupted"        // by signal
	Deadline          EventKind = "deadline"           // max_duration reached
	InspectorLost     EventKind = "inspector-lost"     // the connection closed while the target lived
	WarmUpCut         EventKind = "warm-up-cut"        // warm-up ended by its bound, not by levelling off
	SetupAgain        EventKind = "setup-again"        // captured values had expired: 401
	MultipleProcesses EventKind = "multiple-processes" // others than the measured process serve
	Released          EventKind = "released"           // memory is released with time: what was measured before counts no more
	Backlog           EventKind = "backlog"            // work was queued faster than it was done: the same, and requests are sent more slowly
	OpenInspector     EventKind = "open-inspector"     // one of the target's own, for other machines
)

// End closes a recording in order.
type End struct {
	At          time.Duration `json:"at_ns"`
	LoadShare   float64       `json:"load_share"` // of the measured stretch, spent under load
	SampleTime  time.Duration `json:"sample_ns"`  // spent to disconnect, settle and sample while measuring
	LaunchTime  time.Duration `json:"launch_ns"`  // start to ready
	WarmUpTime  time.Duration `json:"warm_up_ns"` //
	MeasureTime time.Duration `json:"measure_ns"` //
	Decided     bool          `json:"decided"`    // every budget was decided before max_duration
}
