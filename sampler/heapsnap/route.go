package heapsnap

import "math"

// routes lead from the root to each node, over the edges that a developer
// knows where there are such: properties, elements, variables. Other edges cost
// more, by how little they say.
type routes struct {
	s     *Snapshot
	edge  []uint32 // by node: the last edge of its route, or none
	from  []uint32 // by node: where that edge comes from
	costs costs
}

// The cost of a step.
const (
	plain     = 1
	obscure   = 4  // numbered parts of V8's objects, functions' shared parts
	system    = 16 // what V8 holds by itself
	transient = 64 // what a call holds that is going on, when a snapshot is taken in it
	farthest  = transient
)

// costs are what decides the cost of an edge.
type costs struct {
	proto, mapName, code, feedback, shared, native uint32
	handles, stack                                 uint32
}

func (c *costs) of(s *Snapshot, from uint32, typ EdgeType, name, to uint32) int {
	root := Node(from) == s.Root()
	switch {
	case root && typ != ShortcutEdge:
		return system
	case s.nodes.typ[from] == Synthetic && (s.nodes.name[from] == c.handles || s.nodes.name[from] == c.stack):
		return transient
	case typ == HiddenEdge:
		return obscure
	case typ == PropertyEdge && name == c.proto:
		return system
	case typ == InternalEdge && (name == c.mapName || name == c.code || name == c.feedback || name == c.shared):
		return system
	case s.nodes.name[to] == c.native:
		return system
	}
	switch s.nodes.typ[to] {
	case Code, ObjectShape:
		return system
	case Synthetic:
		return obscure
	}
	return plain
}

func (s *Snapshot) routes() *routes {
	return s.derived.paths.get(func() *routes {
		k := &s.known
		r := &routes{s: s, edge: make([]uint32, s.NodeCount()), from: make([]uint32, s.NodeCount()), costs: costs{
			proto: k.of("__proto__"), mapName: k.of("map"), code: k.of("code"),
			feedback: k.of("feedback_cell"), shared: k.of("shared"), native: k.of("system / NativeContext"),
			handles: k.of("(Handle scope)"), stack: k.of("(Stack roots)"),
		}}
		r.find()
		return r
	})
}

// find is Dijkstra's algorithm with a bucket for each distance that is near.
func (r *routes) find() {
	x := search{routes: r, essential: r.s.essentialEdges(), distance: make([]uint32, len(r.edge))}
	for n := range x.distance {
		x.distance[n], r.edge[n] = math.MaxUint32, none
	}
	root := uint32(r.s.Root())
	x.distance[root] = 0
	x.buckets[0] = []uint32{root}
	for at, empty := uint32(0), 0; empty <= farthest; at++ {
		bucket := &x.buckets[at%(farthest+1)]
		empty++
		for _, n := range *bucket {
			empty = 0
			if x.distance[n] == at { // else it was reached at less cost
				x.leave(n)
			}
		}
		*bucket = (*bucket)[:0]
	}
}

// search is the state of find.
type search struct {
	*routes
	essential bitset
	distance  []uint32
	buckets   [farthest + 1][]uint32 // nodes to leave, by distance
}

// leave follows the edges of a node whose distance is known.
func (x *search) leave(n uint32) {
	s, at := x.s, x.distance[n]
	for i := s.nodes.edges[n]; i < s.nodes.edges[n+1]; i++ {
		link := s.edges.link[i]
		to := link >> 3
		if x.distance[to] <= at+plain || !x.essential.has(i) {
			continue
		}
		d := at + uint32(x.costs.of(s, n, EdgeType(link&7), s.edges.name[i], to))
		if d < x.distance[to] {
			x.distance[to], x.edge[to], x.from[to] = d, i, n
			x.buckets[d%(farthest+1)] = append(x.buckets[d%(farthest+1)], to)
		}
	}
}
