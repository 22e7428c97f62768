// Package evidence is what extra blocks of a leaking endpoint showed of a leak:
// data, without a word on what it means. Names in it come from the app's code;
// it holds no string of the app's heap, and lines of
// the code where they may be shown.
package evidence

import (
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Evidence is all that is known of one leak.
type Evidence struct {
	// Subject is what leaks: an endpoint, all of them together, or the clock.
	Subject  recording.Subject `json:"endpoint"`
	Moved    Moved             `json:"moved"`
	Profile  Profile           `json:"profile"`
	Watch    Watch             `json:"watch"`
	Growth   *Growth           `json:"growth,omitempty"`   // nil: no snapshots were compared
	Excerpts []Excerpt         `json:"excerpts,omitempty"` // of the code, where it may be shown
	Notes    []string          `json:"notes,omitempty"`    // what could not be looked at, and why
	Took     time.Duration     `json:"took"`
}

// Moved is how far each part of the memory went in the blocks of load, in bytes.
type Moved struct {
	Load
	Heap     float64 `json:"heap"`
	External float64 `json:"external"`
	Native   float64 `json:"native"` // resident memory that the other two do not explain
}

// Load is what was asked of the target while it was looked at.
type Load struct {
	Requests int           `json:"requests"` // 0 for the background
	Elapsed  time.Duration `json:"elapsed"`
}

// Units are the requests, or the seconds where there were none.
func (l Load) Units() float64 {
	if l.Requests > 0 {
		return float64(l.Requests)
	}
	return l.Elapsed.Seconds()
}

// Profile is what the sampling heap profiler saw survive. Sizes are estimates.
type Profile struct {
	Load
	Sites []Site `json:"sites"` // the largest first
}

// Site is one stack that allocated what survived.
type Site struct {
	Isolate string `json:"isolate,omitempty"` // "" is the main thread
	// Stack begins with the innermost function. The lines are those at which
	// the functions begin: the profiler knows no others.
	Stack []Frame `json:"stack"`
	Bytes float64 `json:"bytes"`
	// Lines are those of the innermost function of the app which keep or open
	// something, the most telling first; Within those of the dependency's
	// function that it calls for it.
	Lines  []Frame `json:"lines,omitempty"`
	Within []Frame `json:"within,omitempty"`
}

// Watch is what was seen to be put into what lives on.
type Watch struct {
	Load
	Stores  []Store  `json:"stores,omitempty"`
	Handles []Handle `json:"handles,omitempty"`
	// Environment are the assignments to process.env, which the C library may
	// never free.
	Environment []Handle `json:"environment,omitempty"`
}

// Kind is the kind of a container.
type Kind string

// The kinds of containers: those that are watched, and those that are found in
// snapshots alone.
const (
	Map     Kind = "map"
	Set     Kind = "set"
	Array   Kind = "array"
	Emitter Kind = "emitter"
	Target  Kind = "target"  // an EventTarget, such as an AbortSignal
	Promise Kind = "promise" // one that stays pending and is waited for
	Object  Kind = "object"  // by key or by index
	Field   Kind = "field"   // a variable or property, such as the head of a list
	Inner   Kind = "inner"   // V8 itself keeps it, as a FinalizationRegistry does
)

// Store is one place in the code that makes containers grow.
type Store struct {
	Isolate    string  `json:"isolate,omitempty"`
	Kind       Kind    `json:"kind"`
	Stack      []Frame `json:"stack"` // innermost first, with the lines of the calls
	Grown      float64 `json:"grown"` // entries, over the block
	Size       int     `json:"size"`  // entries in all
	Containers int     `json:"containers"`
	// Receiver is what the code calls the container: "this.contexts".
	Receiver string `json:"receiver,omitempty"`
	// Declared is where the code names it first, nil when that was not found.
	Declared *Frame `json:"declared,omitempty"`
	// LooksUp says that the same function looks into the container first, as a
	// cache does; Closures that functions are put into it.
	LooksUp  bool `json:"looks_up,omitempty"`
	Closures bool `json:"closures,omitempty"`
	// Removed is where the file takes entries out again, nil when it does not.
	Removed *Frame `json:"removed,omitempty"`
	// HeapID is the id of one of the containers in snapshots, 0 when unknown;
	// Retained all that it keeps alive.
	HeapID   uint64     `json:"heap_id,omitempty"`
	Retained unit.Bytes `json:"retained,omitempty"`
	// Path leads from a root to the container, in words; empty when unknown.
	Path []string `json:"path,omitempty"`
}

// Handle is one place in the code that opens what stays open.
type Handle struct {
	Isolate string  `json:"isolate,omitempty"`
	Type    string  `json:"type"` // Node's: "Timeout", "TCPWRAP"; "file" for descriptors
	Stack   []Frame `json:"stack"`
	Count   float64 `json:"count"` // still open after the block
}
