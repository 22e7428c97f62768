// Package heapsnap reads heap snapshots of V8 (Node.js, Chrome) and analyses
// them: what keeps an object alive, how much memory goes with it, which classes
// of objects there are, and which of them grow from snapshot to snapshot. Sizes
// and dominators are those that Chrome's DevTools show.
//
// A snapshot is read as a stream into columns of small integers: it takes about
// as much memory as the file is long, and never holds the JSON. What is derived
// from the graph is computed when it is first asked for; Analyze does all of it
// at once, on two cores.
package heapsnap

import (
	"iter"
	"math"
	"slices"
)

// Bytes is an amount of memory.
type Bytes int64

// Node is one node of the graph: an object, a string, a function, a part of V8.
// Nodes are numbered from 0 to NodeCount-1 in the order of the file.
type Node uint32

// Location is a place in a script, as V8 counts: lines and columns from 0.
type Location struct {
	Script int32 // V8's number of the script
	Line   int32
	Column int32
}

// Edge is a reference from one node to another.
type Edge struct {
	From, To Node
	Type     EdgeType
	name     uint32 // index of a string or, for numbered types, the number
}

// Snapshot is the graph of one heap. Its methods may be called from several
// goroutines at once.
type Snapshot struct {
	layout  *layout
	nodes   *nodeColumns
	edges   *edgeColumns
	strings *stringTable
	places  []placed // by node
	known   knownNames
	derived derived
}

// NodeCount is how many nodes there are.
func (s *Snapshot) NodeCount() int { return s.layout.nodes }

// EdgeCount is how many edges there are.
func (s *Snapshot) EdgeCount() int { return s.layout.edges }

// Root is the node from which all that lives is reached.
func (s *Snapshot) Root() Node { return Node(s.layout.root) }

// Nodes are all nodes in order.
func (s *Snapshot) Nodes() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		for n := range Node(s.layout.nodes) {
			if !yield(n) {
				return
			}
		}
	}
}

// Type is the type of a node.
func (s *Snapshot) Type(n Node) NodeType { return s.nodes.typ[n] }

// TypeName is V8's name for a type of node: "closure", "object shape".
func (s *Snapshot) TypeName(t NodeType) string { return s.layout.nodeTypeNames[t] }

// Name is V8's name for a node: the constructor of an object, the name of a
// function, the text of a string (a secret, maybe).
func (s *Snapshot) Name(n Node) string {
	name := s.strings.get(s.nodes.name[n])
	if s.isDetached(n) {
		return "Detached " + name
	}
	return name
}

// isDetached says whether a node belongs to an object that is detached.
func (s *Snapshot) isDetached(n Node) bool {
	d := s.derived.detached.get(s.detachedNodes)
	return d != nil && d.has(uint32(n))
}

// ID is V8's number for a node. JS objects have odd numbers, which they keep in
// later snapshots of the same process; even ones are not comparable.
func (s *Snapshot) ID(n Node) uint64 { return uint64(s.nodes.id[n]) }

// ByID finds a node by its number.
func (s *Snapshot) ByID(id uint64) (Node, bool) {
	if id > math.MaxUint32 {
		return 0, false
	}
	i := slices.Index(s.nodes.id[:s.layout.nodes], uint32(id))
	return Node(max(i, 0)), i >= 0
}

// ByIDs finds the nodes that have one of the numbers, in the order of the file.
func (s *Snapshot) ByIDs(ids []uint64) []Node {
	wanted := make(map[uint32]bool, len(ids))
	for _, id := range ids {
		if id <= math.MaxUint32 {
			wanted[uint32(id)] = true
		}
	}
	var found []Node
	for n, id := range s.nodes.id[:s.layout.nodes] {
		if wanted[id] {
			found = append(found, Node(n))
		}
	}
	return found
}

// SelfSize is the size of a node as V8 gave it; see ShallowSize.
func (s *Snapshot) SelfSize(n Node) Bytes {
	if v := s.nodes.self[n]; v != math.MaxUint32 {
		return Bytes(v)
	}
	return s.nodes.huge[n]
}

// EdgesOf are the references that a node holds.
func (s *Snapshot) EdgesOf(n Node) iter.Seq[Edge] {
	return func(yield func(Edge) bool) {
		for i := s.nodes.edges[n]; i < s.nodes.edges[n+1]; i++ {
			if !yield(s.edge(n, i)) {
				return
			}
		}
	}
}

func (s *Snapshot) edge(from Node, i uint32) Edge {
	link := s.edges.link[i]
	return Edge{From: from, To: Node(link >> 3), Type: EdgeType(link & 7), name: s.edges.name[i]}
}

// EdgeName is the name of a property, a variable or a field; "" for numbered
// edges.
func (s *Snapshot) EdgeName(e Edge) string {
	if e.Type.numbered() {
		return ""
	}
	return s.strings.get(e.name)
}

// Location is where a function, or the constructor of an object, was defined.
// V8 knows it for functions and instances of classes.
func (s *Snapshot) Location(n Node) (Location, bool) {
	i, found := slices.BinarySearchFunc(s.places, n, func(p placed, n Node) int { return int(p.node) - int(n) })
	if !found {
		return Location{}, false
	}
	return s.places[i].Location, true
}
