// Package harness measures: Compile turns a scenario into a Plan, and Run
// carries the plan out and returns the recording. It never judges; to extend a
// run until it is decided, the caller hands it a Decide function.
package harness

import (
	"time"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Hooks let the caller follow and steer a run. Each may be nil. They are
// called from the goroutine that runs the plan, and must return promptly.
type Hooks struct {
	Progress func(Progress)
	// Decide is asked after each measured round; what is undecided counts from
	// the fewest rounds on. The recording must not be changed or kept.
	Decide func(*recording.Recording) Decision
	// Locate is asked where a run screens and the endpoints that are loaded together grow.
	Locate func(rec *recording.Recording, suspect string) Location
	// Accuse is asked once, when the recording is complete: what leaks, the worst
	// first. Extra blocks of it are then looked into, and Evidence, which must be
	// set too, is called for each.
	Accuse   func(*recording.Recording) []recording.Subject
	Evidence func(evidence.Evidence)
	// Death is told what a target left that died, where the scenario asks for a
	// black box.
	Death func(evidence.Death)
}

// Decision says what is left to measure. The zero value stops the run.
type Decision struct {
	Undecided   []int // endpoints that need more rounds
	Interaction bool  // whether endpoints leak together needs more rounds, of all endpoints
	Background  bool  // the background needs longer idle blocks
	Others      bool  // the endpoints that are loaded together need more rounds
	// Suspect is what these leave more and more of, beyond what budgets allow, as Locate
	// knows it; "" for nothing.
	Suspect  string
	Leaks    bool // retained memory grows beyond a budget: is it released with time?
	Releases bool // the requests of some endpoint make the process smaller
	// ReleasedEnough reports whether a clock probe released enough to matter. It is set where
	// any of the others is.
	ReleasedEnough func(before, after, warmedUp *recording.Sample) bool
}

// Stage is a part of a run, for progress.
type Stage string

// The stages of a run, in order.
const (
	Launching  Stage = "launch"
	WarmingUp  Stage = "warm-up"
	Measuring  Stage = "measure"
	Diagnosing Stage = "diagnose" // only of what leaks
	Stopping   Stage = "stop"
)

// Progress is told at each change of stage and after each block.
type Progress struct {
	Stage    Stage
	Round    int           // measured rounds begun, from 1
	Rounds   int           // the fewest that will be measured
	Endpoint string        // being loaded now; "" when idle or settling
	Done     float64       // 0 to 1, of the expected whole
	Left     time.Duration // expected, 0 when unknown
	Rate     unit.PerSecond
	Heap     unit.Bytes // after the last settle
	Message  string     // a plain line, when there is something to say
}

// Kind says which exit code an Error maps to.
type Kind int

// The kinds of failed runs.
const (
	TargetFailed Kind = iota + 1 // the target, or the machine it runs on
	LoadFailed                   // too little of the load landed
)

// Error is a run that could not be measured. Hint names what mends it; Detail
// is evidence (the target's last output), on lines of its own.
type Error struct {
	Kind   Kind
	Err    error
	Hint   string
	Detail string
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }
