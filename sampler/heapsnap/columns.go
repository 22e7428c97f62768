package heapsnap

import (
	"math"
	"math/bits"
	"slices"
	"sync"
)

// trusted is how many declared records get room before they are seen, where
// the size of the input is not known to allow them.
const trusted = 1 << 16

// nodeColumns are the nodes, one slice for each field.
type nodeColumns struct {
	layout *layout
	typ    []NodeType
	name   []uint32 // index of a string
	id     []uint32
	self   []uint32 // saturated, see huge
	edges  []uint32 // while reading, how many; then the index of the first

	mu      sync.Mutex
	huge    map[Node]Bytes // sizes that self cannot hold
	states  []stated       // of nodes with a state, in no order
	maxName uint32
}

func (t *nodeColumns) width() fields { return t.layout.node }
func (t *nodeColumns) room() int     { return len(t.typ) }

func (t *nodeColumns) reserve(n int) error {
	declared := t.layout.nodes
	if n > declared {
		return badFormat(-1, "there are more nodes than the %d of node_count", declared)
	}
	size := grown(t.room(), n, declared)
	t.typ, t.name, t.id = resize(t.typ, size), resize(t.name, size), resize(t.id, size)
	t.self = resize(t.self, size)
	t.edges = resize(t.edges, size+1)
	return nil
}

// grown is the next size of columns that need n records.
func grown(room, n, declared int) int {
	return min(declared, max(n, 2*room, trusted))
}

func resize[T any](s []T, n int) []T {
	if n <= cap(s) {
		return s[:n]
	}
	next := newColumn[T](n)
	copy(next, s)
	return next
}

func (t *nodeColumns) store(numbers []uint64, first int) error {
	l, width := t.layout, int(t.layout.node)
	maxName := uint32(0)
	var states []stated
	for at, i := 0, first; at < len(numbers); at, i = at+width, i+1 {
		record := numbers[at : at+width]
		typ, name, id := record[l.typ], record[l.name], record[l.id]
		self, edges := record[l.self], record[l.edgeCount]
		if typ >= uint64(len(l.nodeTypes)) {
			return badFormat(-1, "node %d has type %d of %d", i, typ, len(l.nodeTypes))
		}
		if (name|id|edges)>>32 != 0 || self > math.MaxInt64>>8 {
			return badFormat(-1, "node %d holds a number that is too large", i)
		}
		t.typ[i] = l.nodeTypes[typ]
		t.name[i], t.id[i], t.edges[i] = uint32(name), uint32(id), uint32(edges)
		maxName = max(maxName, uint32(name))
		if self >= math.MaxUint32 {
			t.keepHuge(Node(i), Bytes(self))
			self = math.MaxUint32
		}
		t.self[i] = uint32(self)
		if l.detached >= 0 && record[l.detached] != 0 {
			states = append(states, stated{uint32(i), uint8(record[l.detached] & 3)})
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.states = append(t.states, states...)
	t.maxName = max(t.maxName, maxName)
	return nil
}

func (t *nodeColumns) keepHuge(n Node, size Bytes) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.huge == nil {
		t.huge = map[Node]Bytes{}
	}
	t.huge[n] = size
}

// index turns the counts of edges into the index of each node's first.
func (t *nodeColumns) index() error {
	sum := uint64(0)
	for i, count := range t.edges[:t.layout.nodes] {
		t.edges[i] = uint32(sum)
		sum += uint64(count)
		if sum > uint64(t.layout.edges) {
			return badFormat(-1, "the nodes have more edges than the %d of edge_count", t.layout.edges)
		}
	}
	if sum < uint64(t.layout.edges) {
		return badFormat(-1, "the nodes have %d edges, edge_count says %d", sum, t.layout.edges)
	}
	t.edges[t.layout.nodes] = uint32(sum)
	return nil
}

// edgeColumns are the edges in the order of their nodes.
type edgeColumns struct {
	layout  *layout
	inverse uint64   // of the node's width, for a division
	link    []uint32 // target<<3 | type
	name    []uint32 // index of a string, or a number; see EdgeType.numbered

	mu      sync.Mutex
	maxName uint32
}

func newEdgeColumns(l *layout) *edgeColumns {
	return &edgeColumns{layout: l, inverse: math.MaxUint64/uint64(l.node) + 1}
}

func (t *edgeColumns) width() fields { return t.layout.edge }
func (t *edgeColumns) room() int     { return len(t.link) }

func (t *edgeColumns) reserve(n int) error {
	declared := t.layout.edges
	if n > declared {
		return badFormat(-1, "there are more edges than the %d of edge_count", declared)
	}
	size := grown(t.room(), n, declared)
	t.link, t.name = resize(t.link, size), resize(t.name, size)
	return nil
}

func (t *edgeColumns) store(numbers []uint64, first int) error {
	l, width := t.layout, int(t.layout.edge)
	limit := uint64(l.nodes) * uint64(l.node)
	maxName := uint32(0)
	for at, i := 0, first; at < len(numbers); at, i = at+width, i+1 {
		record := numbers[at : at+width]
		typ, name, to := record[l.eType], record[l.eName], record[l.eTo]
		if typ >= uint64(len(l.edgeTypes)) {
			return badFormat(-1, "edge %d has type %d of %d", i, typ, len(l.edgeTypes))
		}
		if to >= limit || name>>32 != 0 {
			return badFormat(-1, "edge %d leads to %d, which is no node", i, to)
		}
		node := t.ordinal(to)
		if node*uint64(l.node) != to {
			return badFormat(-1, "edge %d leads into the middle of node %d", i, node)
		}
		kind := l.edgeTypes[typ]
		if !kind.numbered() {
			maxName = max(maxName, uint32(name))
		}
		t.link[i] = uint32(node)<<3 | uint32(kind)
		t.name[i] = uint32(name)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.maxName = max(t.maxName, maxName)
	return nil
}

// ordinal is an index into the array of nodes, divided by their width.
func (t *edgeColumns) ordinal(index uint64) uint64 {
	if t.inverse == 0 { // the width is 1
		return index
	}
	hi, _ := bits.Mul64(index, t.inverse)
	return hi
}

// locationColumns are where functions and constructors are in their source.
type locationColumns struct {
	layout *layout
	limit  int // how many there can be
	all    []placed
}

type placed struct {
	node Node
	Location
}

func (t *locationColumns) width() fields { return t.layout.loc }
func (t *locationColumns) room() int     { return len(t.all) }

func (t *locationColumns) reserve(n int) error {
	if n > t.limit {
		return badFormat(-1, "there are more locations than nodes")
	}
	t.all = resize(t.all, grown(t.room(), n, t.limit))
	return nil
}

func (t *locationColumns) store(numbers []uint64, first int) error {
	l, width := t.layout, int(t.layout.loc)
	for at, i := 0, first; at < len(numbers); at, i = at+width, i+1 {
		record := numbers[at : at+width]
		index, script, line, column := record[l.lNode], record[l.lScript], record[l.lLine], record[l.lColumn]
		node := index / uint64(l.node)
		if index%uint64(l.node) != 0 || node >= uint64(l.nodes) {
			return badFormat(-1, "location %d is of %d, which is no node", i, index)
		}
		if (script|line|column)>>31 != 0 {
			return badFormat(-1, "location %d holds a number that is too large", i)
		}
		t.all[i] = placed{Node(node), Location{Script: int32(script), Line: int32(line), Column: int32(column)}}
	}
	return nil
}

// sorted orders the first n by node, and keeps the last of each.
func (t *locationColumns) sorted(n int) []placed {
	all := t.all[:n]
	byNode := func(a, b placed) int { return int(a.node) - int(b.node) }
	if !slices.IsSortedFunc(all, byNode) {
		slices.SortStableFunc(all, byNode)
	}
	kept := all[:0]
	for i, p := range all {
		if i+1 == len(all) || all[i+1].node != p.node {
			kept = append(kept, p)
		}
	}
	return slices.Clip(kept)
}
