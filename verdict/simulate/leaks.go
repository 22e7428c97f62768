package simulate

import (
	"math"
	"time"
)

// Linear leaks PerRequest bytes with each request of one endpoint.
type Linear struct {
	Endpoint   int
	PerRequest float64
	held       float64
}

// After implements Memory.
func (l *Linear) After(e, n int, _ time.Duration) float64 {
	if e == l.Endpoint {
		l.held += l.PerRequest * float64(n)
	}
	return l.held
}

// Table leaks one entry with each request into a table that grows by Factor
// whenever it is full: 1.5 for arrays, 2 for Map and Set.
type Table struct {
	Endpoint        int
	Entry, Factor   float64 // bytes, ratio
	used, allocated float64
}

// After implements Memory.
func (t *Table) After(e, n int, _ time.Duration) float64 {
	if e == t.Endpoint {
		t.used += float64(n)
	}
	const smallest = 16
	t.allocated = max(t.allocated, smallest)
	for t.allocated < t.used {
		t.allocated = math.Ceil(t.allocated * t.Factor)
	}
	return t.allocated * t.Entry
}

// Late starts to leak after Onset requests.
type Late struct {
	Endpoint, Onset int
	PerRequest      float64
	seen            int
}

// After implements Memory.
func (l *Late) After(e, n int, _ time.Duration) float64 {
	if e == l.Endpoint {
		l.seen += n
	}
	return l.PerRequest * float64(max(0, l.seen-l.Onset))
}

// Interaction leaks PerRequest bytes with each request of its first endpoint that
// follows one of its second, in any order that comes by chance.
type Interaction struct {
	First, Second int
	PerRequest    float64
	held          float64
}

// After implements Memory: one endpoint by itself leaks nothing.
func (t *Interaction) After(int, int, time.Duration) float64 { return t.held }

// Mixed is told of a block of all endpoints.
func (t *Interaction) Mixed(requests []int, _ time.Duration) {
	a, b := float64(requests[t.First]), float64(requests[t.Second])
	if a+b > 0 {
		t.held += t.PerRequest * a * b / (a + b)
	}
}
