package heapsnap

import (
	"cmp"
	"slices"
)

// Group is many objects of one class that one holder keeps alive, a chain of
// them, or one object that is large by itself.
type Group struct {
	Class    string
	Count    int
	Retained Bytes // of all together
	// Path leads to one of them. It is nil when nothing holds them.
	Path Path
	// Chain says that each is held by the one before, as in a linked list.
	Chain bool
}

const (
	// leastMany is how many objects of one class make a group, and leastChain
	// a chain.
	leastMany  = 10
	leastChain = 100
	// leastPart is one in how much of the heap a group must retain, or one object
	// must take by itself.
	leastPart = 20
)

// Largest are the groups that retain most, at most n of them, and none within
// another.
func (s *Snapshot) Largest(n int) []Group {
	l := &largest{
		s: s, tree: s.tree(), class: s.class(), retained: s.retained(), shallow: s.shallow(),
		groups: map[owned]*gathered{}, chains: map[uint32]*gathered{},
	}
	l.least = l.retained[s.Root()] / leastPart
	for node := range s.Nodes() {
		l.add(uint32(node))
	}
	return l.choose(n)
}

// largest gathers groups.
type largest struct {
	s                 *Snapshot
	tree              tree
	class             *classes
	retained, shallow []Bytes
	least             Bytes
	groups            map[owned]*gathered
	chains            map[uint32]*gathered // by class
	single            []*gathered
}

// owned are the objects of a class that have one dominator.
type owned struct{ dominator, class uint32 }

type gathered struct {
	key           owned
	count         int
	retained, top Bytes // of all, and of the one that retains most
	head          uint32
	chain         bool
}

func (g *gathered) add(n uint32, retained Bytes) {
	g.count++
	g.retained += retained
	if retained > g.top {
		g.top, g.head = retained, n
	}
}

func (l *largest) add(n uint32) {
	dominator, class := l.tree.dominator[n], l.class.of[n]
	key := owned{dominator, class}
	switch {
	case n == uint32(l.s.Root()) || !l.isData(Node(n)):
	case l.class.of[dominator] == class:
		gatheredAt(l.chains, class, key).add(n, l.retained[n])
	case l.retained[dominator] >= l.least:
		if l.shallow[n] >= max(l.least, l.retained[n]/2) {
			l.single = append(l.single, &gathered{key: key, count: 1, retained: l.retained[n], head: n})
		}
		gatheredAt(l.groups, key, key).add(n, l.retained[n])
	}
}

func gatheredAt[K comparable](all map[K]*gathered, at K, key owned) *gathered {
	g := all[at]
	if g == nil {
		g = &gathered{key: key}
		all[at] = g
	}
	return g
}

// isData says whether a node is of the program, and not of V8's machinery.
func (l *largest) isData(n Node) bool {
	switch l.s.Type(n) {
	case Code, Hidden, Synthetic, ObjectShape:
		return false
	}
	return true
}

// choose takes what retains most.
func (l *largest) choose(n int) []Group {
	all := l.single
	for _, g := range l.groups {
		if g.count >= leastMany && g.retained >= l.least && g.top <= g.retained/2 {
			all = append(all, g)
		}
	}
	for _, g := range l.chains {
		if g.count >= leastChain && g.top >= l.least {
			g.head = l.tree.dominator[g.head] // the one that begins it
			g.chain, g.retained = true, l.retained[g.head]
			g.count++
			all = append(all, g)
		}
	}
	slices.SortFunc(all, func(a, b *gathered) int {
		return cmp.Or(cmp.Compare(b.retained, a.retained), cmp.Compare(a.head, b.head))
	})
	var chosen []*gathered
	for _, g := range all {
		if len(chosen) < n && !l.within(g, chosen) {
			chosen = append(chosen, g)
		}
	}
	groups := make([]Group, len(chosen))
	for i, g := range chosen {
		groups[i] = Group{
			Class: l.class.name(g.key.class), Count: g.count, Retained: g.retained, Chain: g.chain, Path: l.s.Path(Node(g.head)),
		}
	}
	return groups
}

// within says that a group lies below a member of another, or is the same.
func (l *largest) within(g *gathered, others []*gathered) bool {
	root := uint32(l.s.Root())
	for n := g.head; n != root; n = l.tree.dominator[n] {
		for _, o := range others {
			if o.chain && l.class.of[n] == o.key.class || n == o.head || (owned{l.tree.dominator[n], l.class.of[n]}) == o.key {
				return true
			}
		}
	}
	return false
}

// Container is where the path's objects are kept: the last step of an array, a
// Map or a dictionary, or else the last variable or property. There is none where
// the code has no name for it.
func (p Path) Container() (Entry, bool) {
	for i, step := range slices.Backward(p) {
		if step.Kind == ElementOf || step.Kind == Internal {
			e := Entry{Step: i, Kind: step.Kind, Name: p.nameOf(i)}
			return e, e.Name != ""
		}
	}
	return p.Entry(func(Node) bool { return true })
}
