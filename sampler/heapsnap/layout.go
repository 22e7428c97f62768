package heapsnap

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

// layout is what a snapshot says of its own columns.
type layout struct {
	nodes, edges      int // declared counts
	extraNative       Bytes
	root              uint32 // ordinal
	node, edge, loc   fields
	nodeTypes         []NodeType
	nodeTypeNames     []string
	edgeTypes         []EdgeType
	typ, name, id     int // positions among the node's fields
	self, edgeCount   int
	detached          int // -1 where there is none
	eType, eName, eTo int
	lNode, lScript    int // -1 where there are no locations
	lLine, lColumn    int
}

// fields is how many numbers make one record.
type fields int

type header struct {
	Meta struct {
		NodeFields     []string          `json:"node_fields"`
		NodeTypes      []json.RawMessage `json:"node_types"`
		EdgeFields     []string          `json:"edge_fields"`
		EdgeTypes      []json.RawMessage `json:"edge_types"`
		LocationFields []string          `json:"location_fields"`
	} `json:"meta"`
	NodeCount   int64 `json:"node_count"`
	EdgeCount   int64 `json:"edge_count"`
	RootIndex   int64 `json:"root_index"`
	ExtraNative int64 `json:"extra_native_bytes"`
}

// maxNodes bounds the nodes of a snapshot: an edge keeps its target and its
// type in 32 bits.
const maxNodes = 1<<29 - 1

// readLayout reads the value of "snapshot".
func readLayout(text []byte) (*layout, error) {
	var h header
	if err := json.Unmarshal(text, &h); err != nil {
		return nil, fmt.Errorf("read the snapshot's description: %w", err)
	}
	l := &layout{
		node: fields(len(h.Meta.NodeFields)), edge: fields(len(h.Meta.EdgeFields)), loc: fields(len(h.Meta.LocationFields)),
		extraNative: Bytes(h.ExtraNative),
	}
	var err error
	position := func(of []string, name string) int {
		i := slices.Index(of, name)
		if i < 0 {
			err = errors.Join(err, fmt.Errorf("the snapshot's description has no field %q", name))
		}
		return i
	}
	l.typ, l.name = position(h.Meta.NodeFields, "type"), position(h.Meta.NodeFields, "name")
	l.id, l.self = position(h.Meta.NodeFields, "id"), position(h.Meta.NodeFields, "self_size")
	l.edgeCount = position(h.Meta.NodeFields, "edge_count")
	l.detached = slices.Index(h.Meta.NodeFields, "detachedness")
	l.eType, l.eName = position(h.Meta.EdgeFields, "type"), position(h.Meta.EdgeFields, "name_or_index")
	l.eTo = position(h.Meta.EdgeFields, "to_node")
	if l.loc > 0 {
		l.lNode, l.lScript = position(h.Meta.LocationFields, "object_index"), position(h.Meta.LocationFields, "script_id")
		l.lLine, l.lColumn = position(h.Meta.LocationFields, "line"), position(h.Meta.LocationFields, "column")
	}
	if err != nil {
		return nil, err
	}
	if err := l.readTypes(h); err != nil {
		return nil, err
	}
	if err := l.readCounts(h); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *layout) readTypes(h header) error {
	nodes, err := typeNames(h.Meta.NodeTypes, l.typ, "node_types")
	if err != nil {
		return err
	}
	edges, err := typeNames(h.Meta.EdgeTypes, l.eType, "edge_types")
	if err != nil {
		return err
	}
	l.nodeTypes, l.nodeTypeNames = nodeTypes(nodes)
	l.edgeTypes = edgeTypes(edges)
	return nil
}

// typeNames reads the list of names that stands among the types of fields.
func typeNames(types []json.RawMessage, at int, what string) (names []string, err error) {
	if at >= len(types) {
		return nil, fmt.Errorf("the snapshot's description has no names in %s", what)
	}
	if err := json.Unmarshal(types[at], &names); err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	if len(names) > maxTypes-len(nodeTypeNames) {
		return nil, fmt.Errorf("%s names %d types", what, len(names))
	}
	return names, nil
}

func (l *layout) readCounts(h header) error {
	switch {
	case h.NodeCount < 1:
		return fmt.Errorf("node_count is %d", h.NodeCount)
	case h.NodeCount > maxNodes:
		return fmt.Errorf("node_count is %d, more than %d are not supported", h.NodeCount, maxNodes)
	case h.EdgeCount < 0 || h.EdgeCount > math.MaxUint32-1:
		return fmt.Errorf("edge_count is %d", h.EdgeCount)
	case l.node > maxFields || l.edge > maxFields || l.loc > maxFields:
		return fmt.Errorf("a record has more than %d fields", maxFields)
	case h.RootIndex < 0 || h.RootIndex%int64(l.node) != 0 || h.RootIndex/int64(l.node) >= h.NodeCount:
		return fmt.Errorf("root_index %d is no node", h.RootIndex)
	}
	l.nodes, l.edges = int(h.NodeCount), int(h.EdgeCount)
	l.root = uint32(h.RootIndex / int64(l.node))
	return nil
}

// maxFields bounds a record; V8's longest has 7 fields.
const maxFields = 64
