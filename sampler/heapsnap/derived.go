package heapsnap

import "sync"

// derived is what is computed from the graph when it is first asked for.
type derived struct {
	detached  lazy[bitset]
	shallow   lazy[[]Bytes]
	distance  lazy[[]int32]
	dominator lazy[tree]
	retained  lazy[[]Bytes]
	class     lazy[*classes]
	classes   lazy[[]Class]
	scopes    lazy[*scopes]
	paths     lazy[*routes]
	trails    lazy[*trails]
	globals   lazy[bitset]
	scratch   scratch
}

// tree is the dominator tree: for each node its dominator, and all nodes in an
// order in which dominators come first; order[0] is no node.
type tree struct{ dominator, order []uint32 }

// lazy is a value that is computed once.
type lazy[T any] struct {
	once  sync.Once
	value T
}

func (l *lazy[T]) get(compute func() T) T {
	l.once.Do(func() { l.value = compute() })
	return l.value
}

// Analyze computes all that can be asked of a snapshot, on two cores. Without
// it, each question computes what it needs.
func (s *Snapshot) Analyze() {
	var both sync.WaitGroup
	both.Go(func() { s.tree() })
	s.shallow()
	s.distance()
	s.class()
	both.Wait()
	s.retained()
	s.Classes()
	s.derived.scratch.drop()
}

// borrow returns a column of a value for each node, and one more, which hold
// anything; done takes it back.
func (s *Snapshot) borrow() []uint32 { return s.derived.scratch.take(s.NodeCount() + 1) }

func (s *Snapshot) done(columns ...[]uint32) { s.derived.scratch.give(columns...) }

func (s *Snapshot) shallow() []Bytes { return s.derived.shallow.get(s.shallowSizes) }

func (s *Snapshot) distance() []int32 { return s.derived.distance.get(s.distances) }

func (s *Snapshot) tree() tree {
	return s.derived.dominator.get(func() tree {
		var t tree
		t.dominator, t.order = s.dominators(s.essentialEdges())
		return t
	})
}

func (s *Snapshot) retained() []Bytes {
	return s.derived.retained.get(func() []Bytes {
		shallow, t := s.shallow(), s.tree()
		sizes := newColumn[Bytes](len(shallow))
		copy(sizes, shallow)
		for i := len(t.order) - 1; i > 1; i-- {
			n := t.order[i]
			sizes[t.dominator[n]] += sizes[n]
		}
		return sizes
	})
}

// ShallowSize is the size of a node itself, with that of the internal arrays
// and hidden parts that belong to it alone.
func (s *Snapshot) ShallowSize(n Node) Bytes { return s.shallow()[n] }

// RetainedSize is how much memory would go if the node did: its own size and
// that of all it dominates.
func (s *Snapshot) RetainedSize(n Node) Bytes { return s.retained()[n] }

// Dominator is the last node that each path from the root to n passes. The
// root is its own.
func (s *Snapshot) Dominator(n Node) Node { return Node(s.tree().dominator[n]) }

// Distance is the length of the shortest path from a global object of the
// program; SystemDistance and more for what only V8 holds, Unreached for what
// nothing does.
func (s *Snapshot) Distance(n Node) int { return int(s.distance()[n]) }

// TotalSize is the memory of the whole heap, with what V8 knows of outside it.
func (s *Snapshot) TotalSize() Bytes { return s.RetainedSize(s.Root()) + s.layout.extraNative }
