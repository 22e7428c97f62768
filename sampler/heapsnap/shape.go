package heapsnap

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// shapes finds the classes of plain objects: which properties occur together
// often enough to be called a class. An object belongs to the class with the
// most properties that are all among its own.
type shapes struct {
	s          *Snapshot
	objects    []Node
	proto      uint32
	length     []uint16 // by string: of the name as shown, +1; 0 when not known yet
	seed       maphash.Seed
	candidates map[uint64]*shape
}

// shape is a list of properties.
type shape struct {
	properties []uint32 // indices of strings, in order
	name       string
	count      int
	order      int // among the candidates, then among the classes
}

const (
	longestShape = 120 // characters of a name, beyond the first property
	leastObjects = 2   // that make a class of plain objects
	leastShare   = 1000
)

func newShapes(s *Snapshot) *shapes {
	return &shapes{
		s: s, proto: s.known.of("__proto__"), length: make([]uint16, s.strings.len()),
		seed: maphash.MakeSeed(), candidates: map[uint64]*shape{},
	}
}

// count takes the properties of one object into account.
func (h *shapes) count(n Node) {
	h.objects = append(h.objects, n)
	var buffer [32]uint32
	properties := h.leading(n, buffer[:0])
	if len(properties) == 0 {
		return
	}
	key := h.hash(properties)
	c := h.candidates[key]
	if c == nil {
		c = &shape{properties: slices.Clone(properties), order: len(h.candidates)}
		h.candidates[key] = c
	}
	c.count++
}

// leading appends the properties that give an object its name: the first ones,
// until the name is long.
func (h *shapes) leading(n Node, properties []uint32) []uint32 {
	s, length := h.s, 1
	for i := s.nodes.edges[n]; i < s.nodes.edges[n+1]; i++ {
		name := s.edges.name[i]
		if EdgeType(s.edges.link[i]&7) != PropertyEdge || name == h.proto {
			continue
		}
		l := h.shown(name)
		if length > 1 && length+l > longestShape {
			break
		}
		if length > 1 {
			length += len(", ")
		}
		length += l
		properties = append(properties, name)
	}
	return properties
}

// shown is how long the name of a property is, in UTF-16 units as JavaScript
// counts.
func (h *shapes) shown(name uint32) int {
	if h.length[name] == 0 {
		raw := h.s.strings.raw(name)
		n := len(raw)
		if bytes.ContainsAny(raw, `\,'"{}`) || !ascii(raw) {
			n = utf16Length(propertyName(h.s.strings.get(name)))
		}
		h.length[name] = uint16(min(n, 1<<16-2)) + 1
	}
	return int(h.length[name]) - 1
}

func ascii(text []byte) bool {
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func utf16Length(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

// propertyName is how a property is written in the name of a class: as in JSON
// where it could be mistaken.
func propertyName(name string) string {
	if !strings.ContainsAny(name, `,'"{}`) {
		return name
	}
	return quote(name)
}

func (h *shapes) hash(properties []uint32) uint64 {
	var buffer [4 * 64]byte
	text := buffer[:0]
	for _, p := range properties {
		text = binary.LittleEndian.AppendUint32(text, p)
	}
	return maphash.Bytes(h.seed, text)
}

// popular are the candidates that are common enough, the most common first.
func (h *shapes) popular() []*shape {
	least := max(leastObjects, (len(h.objects)+leastShare-1)/leastShare)
	var all []*shape
	for _, c := range h.candidates {
		if c.count >= least {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b *shape) int { return cmp.Or(b.count-a.count, a.order-b.order) })
	for i, c := range all {
		c.order = i
		c.name = h.name(c.properties)
	}
	return all
}

func (h *shapes) name(properties []uint32) string {
	names := make([]string, len(properties))
	for i, p := range properties {
		names[i] = propertyName(h.s.strings.get(p))
	}
	return "{" + strings.Join(names, ", ") + "}"
}

// assign gives each object its class, where it has one.
func (h *shapes) assign(c *classes) {
	m := newMatcher(h.s.strings.len(), h.popular())
	var buffer [64]uint32
	cache := map[uint64]uint32{} // by the properties that matter: the class
	for _, n := range h.objects {
		properties := m.relevant(h.s, n, buffer[:0])
		if len(properties) == 0 {
			continue
		}
		key := h.hash(properties)
		class, known := cache[key]
		if !known {
			class = c.of[n]
			if best := m.best(properties); best != nil {
				class = c.add(best.name)
			}
			cache[key] = class
		}
		c.of[n] = class
	}
}

// matcher finds the best shape for a set of properties.
type matcher struct {
	matters bitset              // the properties of any shape
	byFirst map[uint32][]*shape // by the least property
}

func newMatcher(strings int, all []*shape) *matcher {
	m := &matcher{matters: newBitset(strings), byFirst: map[uint32][]*shape{}}
	for _, c := range all {
		slices.Sort(c.properties)
		for _, p := range c.properties {
			m.matters.add(p)
		}
		m.byFirst[c.properties[0]] = append(m.byFirst[c.properties[0]], c)
	}
	return m
}

// relevant appends the properties of an object that any shape has, sorted.
func (m *matcher) relevant(s *Snapshot, n Node, properties []uint32) []uint32 {
	for i := s.nodes.edges[n]; i < s.nodes.edges[n+1]; i++ {
		if name := s.edges.name[i]; EdgeType(s.edges.link[i]&7) == PropertyEdge && m.matters.has(name) {
			properties = append(properties, name)
		}
	}
	slices.Sort(properties)
	return properties
}

// best is the shape with the most properties, the most common of those.
func (m *matcher) best(properties []uint32) *shape {
	var best *shape
	for i, p := range properties {
		if i > 0 && p == properties[i-1] {
			continue
		}
		for _, c := range m.byFirst[p] {
			if best != nil && (len(c.properties) < len(best.properties) ||
				len(c.properties) == len(best.properties) && c.order > best.order) {
				continue
			}
			if contains(properties[i:], c.properties) {
				best = c
			}
		}
	}
	return best
}

// contains says whether all of want are in have; both are sorted.
func contains(have, want []uint32) bool {
	for _, w := range want {
		for len(have) > 0 && have[0] < w {
			have = have[1:]
		}
		if len(have) == 0 || have[0] != w {
			return false
		}
		have = have[1:]
	}
	return true
}
