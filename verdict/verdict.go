// Package verdict turns a recording into an answer: pass, leak or
// inconclusive, for each endpoint against its budget. It is pure: no I/O, no
// clock, no goroutine, and the same recording always gives the same verdict.
package verdict

import (
	"iter"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Outcome is the answer for one budget, or for the whole run.
type Outcome string

// The outcomes. NotJudged is for growth that no budget was set for.
const (
	Pass         Outcome = "pass"
	Leak         Outcome = "leak"
	Inconclusive Outcome = "inconclusive"
	NotJudged    Outcome = "not-judged"
)

// Verdict is what a recording says against its budgets.
type Verdict struct {
	Outcome   Outcome // the worst of the endpoints and the background, waivers aside
	Endpoints []Endpoint
	// Interaction is what the endpoints retain when they run together, beyond what
	// each does by itself: an interaction. Its budget and its rate are the sums of
	// theirs. nil where no mixed block stood beside their own.
	Interaction *Endpoint
	// Screening is what was found of the endpoints that are bounded together; nil
	// where each has blocks of its own.
	Screening  *Screening
	Background Background
	Resources  []Resource // countable things that grow with requests
	Warnings   []Warning  // of the run as a whole
	Confidence float64    // of all statements of this verdict together
	Rounds     int        // measured rounds, of which the last ones are fitted
	// CannotPass: no further round can make it pass (the run was cut short, say).
	CannotPass bool
	// Releases: some endpoint's requests make the process smaller. None does so for
	// ever, so that they release what other blocks took.
	Releases bool
	// Noise is how far settled samples are apart by themselves: one standard
	// deviation of retained memory, no less than what is believed at best.
	Noise unit.Bytes
	// HeapRoom is the memory left until the heap limit, 0 when unknown.
	HeapRoom unit.Bytes
	// LimitRoom is the memory left until the limit of the target's container, 0
	// when it has none.
	LimitRoom unit.Bytes
}

// Endpoint is the answer for one endpoint.
type Endpoint struct {
	Name     string
	Request  string
	Outcome  Outcome
	Waived   *Waiver // set when a leak is tolerated until a day
	Rate     unit.PerSecond
	Budget   unit.MBPerHour
	Requests int // in the measured rounds
	Fitted   int // of its last blocks, those that the fit used
	// Retained is the fit of JS heap and external memory together, which the
	// budget holds for.
	Retained Estimate
	// ByResizes is what a request leaves on average where a leak is known by the
	// resizes in which it grows, however wide the interval of its fit is; else 0.
	ByResizes unit.BytesPerRequest
	// Fit is the statistic behind Retained, for comparing one run with another.
	Fit Fit
	// PerHour is Retained at the production rate.
	PerHour       HourlyEstimate
	MinDetectable unit.MBPerHour // smallest leak this run would have called with 95 % power
	// Metrics shows which part moved: "heap", "external", "native".
	Metrics []Metric
	// UntilLimit is the time until the heap limit at the production rate,
	// negative when never.
	UntilLimit time.Duration
	// UntilKill is the time until the limit of its container, at which the kernel
	// ends the target; negative when never or unknown.
	UntilKill time.Duration
	// Needed is about how much longer the run would have to measure to decide,
	// 0 when decided or unknown.
	Needed   time.Duration
	Terms    []Term // what was added to the upper bound before it was held against the budget
	Reason   string // one line: why this outcome
	Warnings []Warning
}

// Term is a named contribution to an upper bound.
type Term struct {
	Name   string
	Size   unit.BytesPerRequest
	Reason string // what it stands for, and what would settle it
}

// Names of terms.
const (
	TermResize = "resize"
	TermCode   = "compiled-code"
)

// Names of the parts of memory, in the order in which they are shown.
const (
	HeapMetric     = "heap"
	ExternalMetric = "external"
	NativeMetric   = "native"
)

// All is each endpoint by its index, and what they retain together, where that
// was judged, by recording.Mixed.
func (v *Verdict) All() iter.Seq2[int, *Endpoint] {
	return func(yield func(int, *Endpoint) bool) {
		for i := range v.Endpoints {
			if !yield(i, &v.Endpoints[i]) {
				return
			}
		}
		if v.Interaction != nil {
			yield(recording.Mixed, v.Interaction)
		}
	}
}

// Waiver says why and until when a leak is tolerated.
type Waiver struct {
	Reason  string
	Until   time.Time // zero: for this run, by its baseline
	Expired bool
}

// Estimate is bytes per request with its confidence interval.
type Estimate struct {
	Value, Low, High unit.BytesPerRequest
}

// Fit is what was measured of a leak rate, without any confidence put on it.
// The zero Fit is a rate that could not be estimated.
type Fit struct {
	Mean   unit.BytesPerRequest
	StdErr unit.BytesPerRequest // of the mean, within this one process
	DoF    float64              // degrees of freedom of StdErr
}

// HourlyEstimate is an Estimate at the production rate.
type HourlyEstimate struct {
	Value, Low, High unit.MBPerHour
}

// Metric is one part of the memory.
type Metric struct {
	Name          string // "heap", "external", "native"
	Estimate      Estimate
	MinDetectable unit.BytesPerRequest
	Outcome       Outcome // NotJudged for heap and external, which are judged together
}

// Background is growth by the clock, without requests.
type Background struct {
	Outcome          Outcome
	Budget           *unit.MBPerHour
	Value, Low, High unit.MBPerHour
	MinDetectable    unit.MBPerHour
	Needed           time.Duration
	Reason           string
	Warnings         []Warning
}

// Resource is a countable thing (sockets, descriptors, timers) that an
// endpoint leaves open.
type Resource struct {
	Endpoint   int // index into Verdict.Endpoints
	Name       string
	PerRequest float64
	Last       int // count in the last sample
}

// Warning is a doubt about the verdict, as a value.
type Warning struct {
	Code    string // "unsettled", "requests-failed", ...
	Message string
}
