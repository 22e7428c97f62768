package heapsnap

import "slices"

// NodeType is what V8 says a node is.
type NodeType uint8

// The node types of V8, in the order of its snapshots since Node 18. A snapshot
// that names others gets numbers above these; see Snapshot.TypeName.
const (
	Hidden NodeType = iota
	Array           // an internal array: the elements of a JS array, a table
	String
	Object
	Code
	Closure // a JS function
	RegExp
	Number
	Native
	Synthetic
	ConsString
	SlicedString
	Symbol
	BigInt
	ObjectShape
	WasmObject
)

// EdgeType is how one node refers to another.
type EdgeType uint8

// The edge types of V8. Element and HiddenEdge edges are numbered, the others
// named.
const (
	ContextEdge EdgeType = iota // a variable of a scope
	ElementEdge                 // an array element
	PropertyEdge
	InternalEdge
	HiddenEdge
	ShortcutEdge
	WeakEdge
	otherEdge // a type that this package does not know
)

var (
	nodeTypeNames = []string{
		"hidden", "array", "string", "object", "code", "closure", "regexp", "number", "native",
		"synthetic", "concatenated string", "sliced string", "symbol", "bigint", "object shape", "wasm object",
	}
	edgeTypeNames = []string{"context", "element", "property", "internal", "hidden", "shortcut", "weak", "other"}
)

// maxTypes is how many types of nodes a snapshot may name: one byte holds one.
const maxTypes = 256

// numbered says whether edges of the type carry an index in place of a name.
func (t EdgeType) numbered() bool { return t == ElementEdge || t == HiddenEdge }

func (t EdgeType) String() string { return edgeTypeNames[min(t, otherEdge)] }

// nodeTypes translates a snapshot's own numbering of types into NodeType, and
// returns the names of all: those that are known, then those that are not.
func nodeTypes(own []string) (table []NodeType, names []string) {
	names = slices.Clone(nodeTypeNames)
	for _, name := range own {
		i := slices.Index(names, name)
		if i < 0 {
			i = len(names)
			names = append(names, name)
		}
		table = append(table, NodeType(i))
	}
	return table, names
}

// edgeTypes translates a snapshot's own numbering of edge types.
func edgeTypes(own []string) []EdgeType {
	table := make([]EdgeType, len(own))
	for i, name := range own {
		table[i] = otherEdge
		if k := slices.Index(edgeTypeNames, name); k >= 0 {
			table[i] = EdgeType(k)
		}
	}
	return table
}
