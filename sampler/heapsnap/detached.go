package heapsnap

import (
	"cmp"
	"slices"
)

// The states of an object outside V8's heap: unknown is 0.
const (
	attached = 1
	detached = 2
)

// stated is a node whose state the snapshot gives.
type stated struct {
	node  uint32
	state uint8
}

// detachedNodes are the native nodes that are detached, and those that hang
// from them: Chrome's documents, and what Node keeps for an object of its own.
// DevTools puts "Detached " before their names.
func (s *Snapshot) detachedNodes() bitset {
	if len(s.nodes.states) == 0 {
		return nil
	}
	states := slices.Clone(s.nodes.states)
	slices.SortFunc(states, func(a, b stated) int { return cmp.Compare(a.node, b.node) })
	w := propagation{s: s, visited: newBitset(s.NodeCount()), detached: newBitset(s.NodeCount())}
	for _, st := range states {
		w.visit(st.node, st.state)
	}
	w.spread(&w.attachedTodo, attached)
	w.spread(&w.detachedTodo, detached)
	return w.detached
}

// propagation spreads states along the edges. What is attached comes first.
type propagation struct {
	s                          *Snapshot
	visited, detached          bitset
	attachedTodo, detachedTodo []uint32
}

func (w *propagation) visit(n uint32, state uint8) {
	if w.visited.has(n) {
		return
	}
	w.visited.add(n)
	switch {
	case w.s.nodes.typ[n] != Native:
	case state == attached:
		w.attachedTodo = append(w.attachedTodo, n)
	case state == detached:
		w.detached.add(n)
		w.detachedTodo = append(w.detachedTodo, n)
	}
}

func (w *propagation) spread(todo *[]uint32, state uint8) {
	for len(*todo) > 0 {
		n := (*todo)[len(*todo)-1]
		*todo = (*todo)[:len(*todo)-1]
		for e := range w.s.EdgesOf(Node(n)) {
			if e.Type != HiddenEdge && e.Type != WeakEdge {
				w.visit(uint32(e.To), state)
			}
		}
	}
}
