package heapsnap

import (
	"strconv"
	"strings"
)

// SystemDistance is added to the distance of what is reached only through V8's
// own roots; Unreached is the distance of what is not reached at all.
const (
	SystemDistance = 100_000_000
	Unreached      = -5
)

// distances are the lengths of the shortest paths from the program's global
// objects, as DevTools counts them.
func (s *Snapshot) distances() []int32 {
	w := walk{s: s, distance: newColumn[int32](s.NodeCount()), pending: map[uint32]bool{}, entries: s.entryNames()}
	for n := range w.distance {
		w.distance[n] = Unreached
	}
	w.maps = s.known.of("sloppy_function_map")
	w.native = s.known.of("system / NativeContext")
	w.descriptors = s.known.of("(map descriptors)")
	w.todo = s.borrow()[:0]
	for e := range s.EdgesOf(s.Root()) {
		if s.isUserRoot(e.To) {
			w.distance[e.To] = 1
			w.todo = append(w.todo, uint32(e.To))
		}
	}
	system := int32(0)
	if len(w.todo) > 0 {
		system = SystemDistance
	}
	w.run()
	w.distance[s.Root()] = system
	w.todo = append(w.todo[:0], uint32(s.Root()))
	w.run()
	s.done(w.todo)
	return w.distance
}

// walk is a breadth-first search.
type walk struct {
	s        *Snapshot
	distance []int32
	todo     []uint32
	entries  bitset          // names of WeakMap entries
	pending  map[uint32]bool // pairs of which one edge has been seen

	maps, native, descriptors uint32 // names
}

func (w *walk) run() {
	s := w.s
	for at := 0; at < len(w.todo); at++ {
		n := w.todo[at]
		next := w.distance[n] + 1
		special := s.nodes.typ[n] == Array && s.nodes.name[n] == w.descriptors ||
			s.nodes.typ[n] == Hidden && s.nodes.name[n] == w.native
		for i := s.nodes.edges[n]; i < s.nodes.edges[n+1]; i++ {
			link := s.edges.link[i]
			to, typ := link>>3, EdgeType(link&7)
			if typ == WeakEdge || w.distance[to] != Unreached {
				continue
			}
			if special && w.misleads(n, i, typ) || typ == InternalEdge && w.entries != nil && w.firstOfPair(i) {
				continue
			}
			w.distance[to] = next
			w.todo = append(w.todo, to)
		}
	}
}

// misleads says of an edge that it would make a distance too short: that from a
// context to a map that all functions share, and those from the descriptors
// that maps share to what they describe.
func (w *walk) misleads(n, edge uint32, typ EdgeType) bool {
	s := w.s
	if s.nodes.typ[n] == Hidden {
		return !typ.numbered() && s.edges.name[edge] == w.maps
	}
	index, ok := int(s.edges.name[edge]), true
	if !typ.numbered() {
		index, ok = leadingNumber(s.strings.get(s.edges.name[edge]))
	}
	return ok && index >= 2 && index%3 == 1
}

// leadingNumber is JavaScript's parseInt.
func leadingNumber(text string) (int, bool) {
	text = strings.TrimLeft(text, " \t\n\r")
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(text[:end])
	return n, err == nil
}

// firstOfPair skips the first of the two edges to the value of a WeakMap, so
// that the farther one counts.
func (w *walk) firstOfPair(edge uint32) bool {
	name := w.s.edges.name[edge]
	if !w.entries.has(name) {
		return false
	}
	pair := w.s.known.ephemerons[name].pair
	if w.pending[pair] {
		delete(w.pending, pair)
		return false
	}
	w.pending[pair] = true
	return true
}
