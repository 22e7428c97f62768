package heapsnap

// dominators finds each node's immediate dominator: the last node that every
// path from the root to it passes. The root's is itself, and so is that of
// nodes that nothing leads to.
//
// The algorithm is semi-NCA (Georgiadis, Tarjan, Werneck: Finding Dominators in
// Practice, JGAA 10, 2006). Vertices are numbered from 1 in the order of a
// depth-first search, so that memory is walked in that order.
func (s *Snapshot) dominators(essential bitset) (dominator, order []uint32) {
	d := domination{s: s, essential: essential, count: s.NodeCount()}
	d.search()
	d.predecessors()
	d.semidominators()
	return d.dominators(), d.order
}

type domination struct {
	s         *Snapshot
	essential bitset
	count     int

	number  []uint32 // by node: its vertex, 0 when it was not reached
	order   []uint32 // by vertex: its node; order[0] is no vertex
	parent  []uint32 // by vertex: in the tree of the search
	reached int      // vertices

	first []uint32 // by vertex: the first of its predecessors
	from  []uint32 // predecessors, as vertices
	semi  []uint32 // by vertex
}

// search numbers all nodes that are reached from the root, and then those that
// only weak edges lead to, as if the root held them.
func (d *domination) search() {
	n := d.count
	d.number, d.order, d.parent = newColumn[uint32](n), newColumn[uint32](n + 1)[:1], d.s.borrow()[:1]
	next := d.s.borrow() // by node: the edge to follow next
	copy(next, d.s.nodes.edges)
	d.visit(uint32(d.s.Root()), 0, next)
	if len(d.order) <= n {
		held := d.held()
		for v := range uint32(n) {
			if d.number[v] == 0 && !held.has(v) {
				d.visit(v, 1, next)
			}
		}
	}
	d.s.done(next)
	d.reached = len(d.order) - 1
	// What is left are cycles that nothing leads to. They keep no vertex.
	for v := range uint32(n) {
		if d.number[v] == 0 {
			d.order = append(d.order, v)
		}
	}
}

// visit searches from a node that has not been reached.
func (d *domination) visit(v, parent uint32, next []uint32) {
	links, ends := d.s.edges.link, d.s.nodes.edges[1:]
	bottom := d.enter(v, parent)
	for at := bottom; ; {
		v := d.order[at]
		child := uint32(0)
		i, end := next[v], ends[v]
		for ; i < end && child == 0; i++ {
			if to := links[i] >> 3; d.number[to] == 0 && d.essential.has(i) {
				child = d.enter(to, at)
			}
		}
		next[v] = i
		switch {
		case child != 0:
			at = child
		case at == bottom:
			return
		default:
			at = d.parent[at]
		}
	}
}

// enter gives the next vertex to a node.
func (d *domination) enter(v, parent uint32) (vertex uint32) {
	vertex = uint32(len(d.order))
	d.number[v] = vertex
	d.order = append(d.order, v)
	d.parent = append(d.parent, parent)
	return vertex
}

// held are the nodes that some essential edge leads to.
func (d *domination) held() bitset {
	held := newBitset(d.count)
	for i, link := range d.s.edges.link {
		if d.essential.has(uint32(i)) {
			held.add(link >> 3)
		}
	}
	return held
}

// predecessors turns the edges round, but for those of the search's tree.
func (d *domination) predecessors() {
	d.first = newColumn[uint32](d.reached + 2)
	d.eachEdge(func(_, to uint32) { d.first[to]++ })
	sum := uint32(0)
	for v, count := range d.first {
		sum += count
		d.first[v] = sum // the end, which filling moves to the beginning
	}
	d.from = newColumn[uint32](int(sum))
	d.eachEdge(func(from, to uint32) {
		d.first[to]--
		d.from[d.first[to]] = from
	})
}

// eachEdge calls f for the essential edges between vertices, in the order of
// the vertices they come from.
func (d *domination) eachEdge(f func(from, to uint32)) {
	links, edges := d.s.edges.link, d.s.nodes.edges
	for from := uint32(1); int(from) <= d.reached; from++ {
		v := d.order[from]
		for i := edges[v]; i < edges[v+1]; i++ {
			if !d.essential.has(i) {
				continue
			}
			if to := d.number[links[i]>>3]; d.parent[to] != from {
				f(from, to)
			}
		}
	}
}

// semidominators computes them from the last vertex to the first. A vertex is
// linked once it has been processed; label is the least semidominator on the
// linked path that has been compressed into one step to its ancestor.
func (d *domination) semidominators() {
	n := uint32(d.reached)
	ancestor, label := d.s.borrow()[:n+1], d.s.borrow()[:n+1]
	copy(ancestor, d.parent)
	for v := range label {
		label[v] = uint32(v)
	}
	d.semi = d.s.borrow()
	var path []uint32
	for w := n; w >= 2; w-- {
		semi := d.parent[w]
		for _, v := range d.from[d.first[w]:d.first[w+1]] {
			if ancestor[v] > w {
				path = compress(v, w, ancestor, label, path[:0])
			}
			semi = min(semi, label[v])
		}
		d.semi[w], label[w] = semi, semi
	}
	d.s.done(ancestor, label)
}

// compress makes the ancestor of v, and of all on the path to it, the first one
// that is not linked: linked are those above last.
func compress(v, last uint32, ancestor, label, path []uint32) []uint32 {
	for ancestor[v] > last {
		path = append(path, v)
		v = ancestor[v]
	}
	top, least := ancestor[v], label[v]
	for i := len(path) - 1; i >= 0; i-- {
		v := path[i]
		least = min(least, label[v])
		ancestor[v], label[v] = top, least
	}
	return path
}

// dominators finds the nearest common ancestors, and returns them by node.
func (d *domination) dominators() []uint32 {
	idom := d.parent
	for w := 2; w <= d.reached; w++ {
		v := idom[w]
		for v > d.semi[w] {
			v = idom[v]
		}
		idom[w] = v
	}
	root := uint32(d.s.Root())
	dominator := newColumn[uint32](d.count)
	for v, n := range d.number {
		dominator[v] = root
		if n > 1 {
			dominator[v] = d.order[idom[n]]
		}
	}
	d.s.done(d.parent, d.semi)
	return dominator
}
