// Package diagnose says what leaks, where the code keeps it, what holds it and
// which pattern it follows, from the evidence that was gathered of a leak. It is
// pure: no I/O, no clock; and it never changes a verdict.
package diagnose

import (
	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Schema is the version of a Diagnosis in JSON. It grows when a field changes
// its meaning or goes; new fields do not change it.
const Schema = 1

// Diagnosis is what was found out about the leaks of a run.
type Diagnosis struct {
	Schema   int       `json:"schema"`
	Findings []Finding `json:"findings"` // one for each leak, the worst first
	// Death is what filled the heap of a target that died of it; nil where it did
	// not, or left nothing.
	Death *Death `json:"death,omitempty"`
}

// Death is what a target left that died of memory.
type Death struct {
	evidence.Death
	// Patterns are those of the groups, by index; "" where nothing tells.
	Patterns []Pattern `json:"patterns,omitempty"`
}

// Finding is what was found out about one leak.
type Finding struct {
	// Endpoint is its name, "" for the background.
	Endpoint string `json:"endpoint,omitempty"`
	// Suspects are ranked: the first is the one to look at. There is none when
	// the evidence names no place.
	Suspects []Suspect `json:"suspects"`
	// Notes say what could not be looked at, and where the evidence is thin.
	Notes    []string          `json:"notes,omitempty"`
	Seconds  float64           `json:"seconds"` // that looking took
	Evidence evidence.Evidence `json:"evidence"`
}

// Confidence says how well a suspect is supported.
type Confidence string

// The degrees of confidence.
const (
	High   Confidence = "high"   // seen to be kept at this place, once and again
	Medium Confidence = "medium" // seen, but not in every respect
	Low    Confidence = "low"    // inferred
)

// Suspect is one explanation of a leak.
type Suspect struct {
	Pattern    Pattern    `json:"pattern"`
	Confidence Confidence `json:"confidence"`
	// At is the line that keeps, registers or opens what leaks.
	At evidence.Frame `json:"at"`
	// Within is the dependency's line that does it when At calls it; nil when
	// At does it itself.
	Within *evidence.Frame `json:"within,omitempty"`
	// Allocated are functions that allocate what is kept there, the largest
	// first, when they are others than At's.
	Allocated []evidence.Frame `json:"allocated,omitempty"`
	Isolate   string           `json:"isolate,omitempty"` // "" is the main thread
	// Thing is what accumulates ("map entry"), PerUnit how many of them each
	// request (or second) leaves, Bytes how much memory; 0 when unknown.
	Thing   string               `json:"thing"`
	PerUnit float64              `json:"per_unit"`
	Bytes   unit.BytesPerRequest `json:"bytes"`
	Unit    string               `json:"unit"` // "request" or "second"
	Holder  *Holder              `json:"holder,omitempty"`
	Reasons []string             `json:"reasons"` // the evidence, in sentences
	// Excerpt is the code at At, nil where it may not be shown, or is not known; Fix
	// what to write instead, nil where the pattern is only inferred.
	Excerpt *evidence.Excerpt `json:"excerpt,omitempty"`
	Fix     *Fix              `json:"fix,omitempty"`

	kind    evidence.Kind // of the container
	score   float64
	counted bool                 // the run counted what it opens: memory says nothing
	sites   []int                // of the profile, which it explains
	held    unit.BytesPerRequest // what grows by way of its container, by snapshots
	stack   []evidence.Frame     // of one that is inferred
}

// Holder is what keeps the leaked things alive.
type Holder struct {
	Name string          `json:"name,omitempty"` // as the code calls it: "this.contexts"
	At   *evidence.Frame `json:"at,omitempty"`   // where the code names it first
	// Path leads from a root of the heap to it, in words.
	Path []string `json:"path,omitempty"`
}

// Where is "server.js:13 in order", and the dependency's line behind it.
func (s *Suspect) Where() string {
	if s.Within == nil {
		return s.At.In()
	}
	return s.At.In() + ", through " + s.Within.In()
}

// withinOf copies the frame of a dependency below the one at index at.
func withinOf(stack []evidence.Frame, at int) *evidence.Frame {
	k := evidence.Within(stack, at)
	if k < 0 {
		return nil
	}
	f := stack[k]
	return &f
}
