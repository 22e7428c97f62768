package heapsnap

import "math"

// Owners of nodes in shallowSizes, beside other nodes.
const (
	ownerUnknown = math.MaxUint32
	ownersMany   = math.MaxUint32 - 1
)

// shallowSizes are the sizes of nodes after the move that DevTools makes: the
// internal arrays and hidden parts that only one object reaches count as its
// own. Without a user root nothing is moved.
func (s *Snapshot) shallowSizes() []Bytes {
	sizes := newColumn[Bytes](s.NodeCount())
	for n := range sizes {
		sizes[n] = s.SelfSize(Node(n))
	}
	if !s.hasUserRoot() {
		return sizes
	}
	owners := s.owners()
	for n, owner := range owners {
		if owner >= ownersMany || owner == uint32(n) || s.nodes.typ[owner] == Synthetic || Node(owner) == s.Root() {
			continue
		}
		sizes[owner] += sizes[n]
		sizes[n] = 0
	}
	s.done(owners)
	return sizes
}

func (s *Snapshot) hasUserRoot() bool {
	for e := range s.EdgesOf(s.Root()) {
		if s.isUserRoot(e.To) {
			return true
		}
	}
	return false
}

// owners finds for each node that can be owned the one node that owns it. A
// node changes at most twice: to have one owner, and to have several.
func (s *Snapshot) owners() []uint32 {
	external := s.known.of("system / ExternalStringData")
	owners, todo := s.borrow()[:s.NodeCount()], s.borrow()[:0]
	for n := range owners {
		typ := s.nodes.typ[n]
		if typ == Hidden || typ == Array || typ == Native && s.nodes.name[n] == external {
			owners[n] = ownerUnknown
			continue
		}
		owners[n] = uint32(n)
		todo = append(todo, uint32(n))
	}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		owner := owners[n]
		for _, link := range s.edges.link[s.nodes.edges[n]:s.nodes.edges[n+1]] {
			if EdgeType(link&7) == WeakEdge {
				continue
			}
			to := link >> 3
			switch owners[to] {
			case ownerUnknown:
				owners[to] = owner
			case to, owner, ownersMany:
				continue
			default:
				owners[to] = ownersMany
			}
			todo = append(todo, to)
		}
	}
	s.done(todo)
	return owners
}
