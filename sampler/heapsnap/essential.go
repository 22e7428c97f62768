package heapsnap

// essentialEdges are the edges that keep their target alive, as DevTools counts
// them for dominators: no weak ones and none to itself, shortcuts from the root
// only, nothing from outside the program into what the program owns, and of the
// two that hold a WeakMap's value the one from its key.
func (s *Snapshot) essentialEdges() bitset {
	essential := newBitset(s.EdgeCount())
	owned := s.owned()
	entries := s.entryNames()
	root := s.Root()
	for n := range Node(s.layout.nodes) {
		first, end := s.nodes.edges[n], s.nodes.edges[n+1]
		isOwned := owned.has(uint32(n)) || n == root
		for i := first; i < end; i++ {
			link := s.edges.link[i]
			to, typ := link>>3, EdgeType(link&7)
			switch {
			case typ == WeakEdge, to == uint32(n):
				continue
			case typ == ShortcutEdge && n != root:
				continue
			case !isOwned && owned.has(to):
				continue
			case typ == InternalEdge && entries != nil && s.fromTable(n, i, entries):
				continue
			}
			essential.add(i)
		}
	}
	return essential
}

// entryNames are the names that edges of WeakMap entries have; nil when there
// are none.
func (s *Snapshot) entryNames() bitset {
	if len(s.known.ephemerons) == 0 {
		return nil
	}
	names := newBitset(s.strings.len())
	for name := range s.known.ephemerons {
		names.add(name)
	}
	return names
}

// fromTable says whether an internal edge is that of a WeakMap's table to the
// value of an entry.
func (s *Snapshot) fromTable(n Node, edge uint32, entries bitset) bool {
	name := s.edges.name[edge]
	return entries.has(name) && s.known.ephemerons[name].table == s.nodes.id[n]
}

// owned are the nodes that the program owns: what is reached from its global
// objects, to which the root has shortcuts. The rest belongs to V8 or to an
// inspector.
func (s *Snapshot) owned() bitset {
	owned := newBitset(s.NodeCount())
	var todo []uint32
	visit := func(n uint32) {
		if !owned.has(n) {
			owned.add(n)
			todo = append(todo, n)
		}
	}
	for e := range s.EdgesOf(s.Root()) {
		if e.Type == ShortcutEdge || e.Type == ElementEdge && s.isDocumentRoot(e.To) {
			visit(uint32(e.To))
		}
	}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, link := range s.edges.link[s.nodes.edges[n]:s.nodes.edges[n+1]] {
			if EdgeType(link&7) != WeakEdge {
				visit(link >> 3)
			}
		}
	}
	return owned
}

// isDocumentRoot says whether a node is the one from which Chrome's documents
// hang.
func (s *Snapshot) isDocumentRoot(n Node) bool {
	return s.nodes.typ[n] == Synthetic && s.nodes.name[n] == s.known.of("(Document DOM trees)")
}

// isUserRoot says whether what the root refers to belongs to the program.
func (s *Snapshot) isUserRoot(n Node) bool {
	return s.nodes.typ[n] != Synthetic || s.isDocumentRoot(n)
}
