package heapsnap

import (
	"sync"
	"unsafe"
)

// newColumn makes a slice with a value for each node, edge or string of a
// snapshot. It asks for large pages: columns are filled once and then visited in
// the order of the graph, so that small ones cost a fault each, and a miss of the
// processor's page tables at nearly every step.
func newColumn[T any](n int) []T {
	column := make([]T, n)
	if size := uintptr(n) * unsafe.Sizeof(*new(T)); size >= 2*largePage {
		adviseLarge(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(column))), size))
	}
	return column
}

// scratch are columns of a value for each node, and one more, that a computation
// has done with: the next one takes them over, so that the peak is no higher than
// it has to be.
type scratch struct {
	mu   sync.Mutex
	free [][]uint32
}

// take returns a column of n values, which hold anything.
func (s *scratch) take(n int) []uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := len(s.free) - 1; last >= 0 {
		column := s.free[last]
		s.free = s.free[:last]
		return column[:n]
	}
	return newColumn[uint32](n)
}

func (s *scratch) give(columns ...[]uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range columns {
		s.free = append(s.free, c[:cap(c)])
	}
}

// drop leaves them to the garbage collector.
func (s *scratch) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = nil
}

// largePage is the size of one on the processors that Node runs on.
const largePage = 2 << 20
