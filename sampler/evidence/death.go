package evidence

import "github.com/leakcheck/leakcheck/sampler/recording/unit"

// Death is what a target left that died of memory.
type Death struct {
	// Report is from Node's diagnostic report, nil when there is none.
	Report *FatalReport `json:"report,omitempty"`
	// Heap is the memory in the snapshot that Node took when the heap was nearly
	// full, 0 when there is none; Groups is what most of it was.
	Heap   unit.Bytes `json:"heap,omitempty"`
	Groups []Group    `json:"groups,omitempty"` // the largest first
	File   string     `json:"file,omitempty"`   // of the snapshot, in the run's folder; "" when it is not kept
	Notes  []string   `json:"notes,omitempty"`  // what could not be read, and why
}

// FatalReport is what Node's report says of its end. All else in it is left out:
// it holds the whole environment.
type FatalReport struct {
	Event string     `json:"event"` // "Allocation failed - JavaScript heap out of memory"
	Used  unit.Bytes `json:"used"`
	Limit unit.Bytes `json:"limit"`
	RSS   unit.Bytes `json:"rss"`
	// Stack is what JavaScript ran, when V8 could still tell.
	Stack []string `json:"stack,omitempty"`
}

// Group is many objects of one class that one thing holds, a chain of them, or
// one large object.
type Group struct {
	Class    string     `json:"class"`
	Count    int        `json:"count"`
	Chain    bool       `json:"chain,omitempty"` // each is held by the one before
	Retained unit.Bytes `json:"retained"`
	// Path leads from a root to one of them, in words.
	Path []string `json:"path,omitempty"`
	// Holder is what the code calls that which holds them, Line the only line
	// that puts something there; nil when there are more, or none is found.
	Holder string `json:"holder,omitempty"`
	Line   *Frame `json:"line,omitempty"`
	// LooksUp says that the function around Line looks its key up first, as a
	// cache does; Closures that the objects are functions.
	LooksUp  bool `json:"looks_up,omitempty"`
	Closures bool `json:"closures,omitempty"`
}
