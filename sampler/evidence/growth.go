package evidence

// Growth is the comparison of snapshots, with a block of load between each two.
type Growth struct {
	Load            // of all blocks together
	Blocks  int     `json:"blocks"`
	Classes []Class `json:"classes"` // those that grow in proportion, the largest first
	// Held are the lines that put the new objects where snapshots show them to
	// be held: assignments among them, which no watch sees.
	Held []Store `json:"held,omitempty"`
}

// Class is what objects of one class did.
type Class struct {
	Isolate string  `json:"isolate,omitempty"`
	Name    string  `json:"name"`
	PerUnit float64 `json:"per_unit"` // objects per request (or second)
	Error   float64 `json:"error"`    // of PerUnit, from block to block
	Bytes   float64 `json:"bytes"`    // shallow, per request
	// Function is where the function of a class of closures, or of a scope, is
	// written.
	Function *Frame `json:"function,omitempty"`
	// Path leads from a root to one of the new objects, in words. Share is how
	// many of those that were asked are held so, and Others how the rest are.
	Path   []string `json:"path,omitempty"`
	Share  float64  `json:"share,omitempty"`
	Others []Way    `json:"others,omitempty"`
}

// Way is how some of a class's new objects are held.
type Way struct {
	Path  []string `json:"path"`
	Share float64  `json:"share"` // of the class's new objects
}

// Ways are all that is known of how the class's new objects are held.
func (c *Class) Ways() []Way {
	if len(c.Path) == 0 {
		return nil
	}
	share := c.Share
	if len(c.Others) == 0 && share == 0 {
		share = 1 // of a recording that told one way only
	}
	return append([]Way{{c.Path, share}}, c.Others...)
}
