package heapsnap

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Class is a group of objects of one kind: of one constructor at one place, or
// plain objects of one shape.
type Class struct {
	Key      string // tells classes of one name apart; the same in all snapshots of a process
	Name     string // "Session", "{url, timestamp, userAgent}", "(string)", "Function"
	Count    int
	Shallow  Bytes // of all together
	Retained Bytes // of all together, what one of the class retains for another counted once
	Distance int   // of the nearest
	Nodes    []Node
}

// Classes are the classes of the snapshot as DevTools' summary shows them, the
// largest by retained size first. Nodes without a size of their own are in none.
func (s *Snapshot) Classes() []Class { return s.derived.classes.get(s.aggregate) }

// ClassName is the name of the class that a node belongs to.
func (s *Snapshot) ClassName(n Node) string {
	c := s.class()
	return c.name(c.of[n])
}

// classes assigns each node to a class.
type classes struct {
	strings *stringTable
	of      []uint32 // by node: index of a string or, from strings.len() on, of more
	more    []string
	index   map[string]uint32 // into more
}

func (s *Snapshot) class() *classes { return s.derived.class.get(s.classify) }

func (c *classes) name(i uint32) string {
	if n := uint32(c.strings.len()); i >= n {
		return c.more[i-n]
	}
	return c.strings.get(i)
}

// add is the index of a name that is no string of the snapshot.
func (c *classes) add(name string) uint32 {
	i, ok := c.index[name]
	if !ok {
		i = uint32(c.strings.len() + len(c.more))
		c.more = append(c.more, name)
		c.index[name] = i
	}
	return i
}

func (s *Snapshot) classify() *classes {
	c := &classes{strings: s.strings, of: newColumn[uint32](s.NodeCount()), index: map[string]uint32{}}
	byType := make([]uint32, len(s.layout.nodeTypeNames))
	for t, name := range s.layout.nodeTypeNames {
		byType[t] = c.add(typeClass(NodeType(t), name))
	}
	plain := s.known.of("Object")
	shapes := newShapes(s)
	for n, typ := range s.nodes.typ[:len(c.of)] {
		name := s.nodes.name[n]
		switch {
		case typ == Object && name == plain:
			shapes.count(Node(n))
			c.of[n] = name
		case typ == Object || typ == Native:
			c.of[n] = c.element(s, Node(n))
		default:
			c.of[n] = byType[typ]
		}
	}
	shapes.assign(c)
	return c
}

func typeClass(t NodeType, name string) string {
	switch t {
	case Hidden:
		return "(system)"
	case Code:
		return "(compiled code)"
	case Closure:
		return "Function"
	case RegExp:
		return "RegExp"
	}
	return "(" + name + ")"
}

// element is the class of an object by its name: of `<div id="x">` it is <div>.
func (c *classes) element(s *Snapshot, n Node) uint32 {
	const prefix = "Detached "
	raw := c.strings.raw(s.nodes.name[n])
	tagged := bytes.HasPrefix(raw, []byte("<")) || bytes.HasPrefix(raw, []byte(prefix+"<"))
	gone := s.isDetached(n)
	if !tagged && !gone {
		return s.nodes.name[n]
	}
	text := s.Name(n)
	if tag, found := strings.CutPrefix(text, prefix); found && strings.HasPrefix(tag, "<") {
		return c.add(prefix + shortTag(tag))
	}
	return c.add(shortTag(text))
}

// shortTag leaves out the attributes of an element.
func shortTag(text string) string {
	if space := strings.IndexByte(text, ' '); space >= 0 && text[0] == '<' {
		return text[:space] + ">"
	}
	return text
}

// group is what makes a class: a name and, for objects of a constructor, where
// that was defined.
type group struct {
	Location
	class uint32
}

// nowhere is the location of what has none.
var nowhere = Location{Script: -1}

func (s *Snapshot) aggregate() []Class {
	of, groups := s.group()
	all := make([]Class, len(groups))
	names := s.class()
	for i, g := range groups {
		all[i] = Class{Name: names.name(g.class), Distance: math.MaxInt}
		all[i].Key = g.key(all[i].Name)
	}
	shallow, distance := s.shallow(), s.distance()
	for n, g := range of {
		if shallow[n] == 0 {
			continue
		}
		c := &all[g]
		c.Count++
		c.Shallow += shallow[n]
		c.Distance = min(c.Distance, int(distance[n]))
	}
	for i := range all {
		all[i].Nodes = make([]Node, 0, all[i].Count)
	}
	for n, g := range of {
		if shallow[n] != 0 {
			all[g].Nodes = append(all[g].Nodes, Node(n))
		}
	}
	s.retainedByClass(of, all)
	s.done(of)
	all = slices.DeleteFunc(all, func(c Class) bool { return c.Count == 0 })
	slices.SortFunc(all, func(a, b Class) int {
		return cmp.Or(cmp.Compare(b.Retained, a.Retained), cmp.Compare(b.Shallow, a.Shallow), cmp.Compare(a.Key, b.Key))
	})
	return all
}

func (g group) key(name string) string {
	if g.Location == nowhere {
		return "," + name
	}
	return fmt.Sprintf("%d,%d,%d,%s", g.Script, g.Line, g.Column, name)
}

// group numbers the groups in the order in which they come.
func (s *Snapshot) group() (of []uint32, groups []group) {
	class := s.class().of
	of = s.borrow()[:len(class)]
	index := map[group]uint32{}
	plain := make([]uint32, s.strings.len()+len(s.class().more)) // number+1 of those without a location
	places := s.places
	number := func(g group) uint32 {
		i, ok := index[g]
		if !ok {
			i = uint32(len(groups))
			groups = append(groups, g)
			index[g] = i
		}
		return i
	}
	for n, c := range class {
		for len(places) > 0 && places[0].node < Node(n) {
			places = places[1:]
		}
		if len(places) > 0 && places[0].node == Node(n) && s.nodes.typ[n] == Object {
			of[n] = number(group{places[0].Location, c})
			continue
		}
		if plain[c] == 0 {
			plain[c] = number(group{nowhere, c}) + 1
		}
		of[n] = plain[c] - 1
	}
	return of, groups
}

// retainedByClass sums the retained sizes of a class's objects, but for those
// that another of the class dominates.
func (s *Snapshot) retainedByClass(of []uint32, all []Class) {
	t, shallow, retained := s.tree(), s.shallow(), s.retained()
	child, sibling := s.children()
	defer s.done(child, sibling)
	open := make([]bool, len(all))
	mine := make(bitset, (len(of)+63)/64) // the nodes that opened their class
	for n := uint32(s.Root()); ; {
		if g := of[n]; !open[g] && shallow[n] != 0 {
			all[g].Retained += retained[n]
			open[g] = true
			mine.add(n)
		}
		if child[n] != none {
			n = child[n]
			continue
		}
		for {
			if mine.has(n) {
				open[of[n]] = false
			}
			if Node(n) == s.Root() {
				return
			}
			if sibling[n] != none {
				n = sibling[n]
				break
			}
			n = t.dominator[n]
		}
	}
}

const none = math.MaxUint32

// children lists the nodes that each one dominates: its first, and of each the
// next.
func (s *Snapshot) children() (first, next []uint32) {
	t := s.tree()
	first, next = s.borrow()[:len(t.dominator)], s.borrow()[:len(t.dominator)]
	for n := range first {
		first[n], next[n] = none, none
	}
	for _, n := range t.order[2:] {
		d := t.dominator[n]
		next[n], first[d] = first[d], n
	}
	return first, next
}

// Evenly picks at most n of all, spread over them.
func Evenly[T any](all []T, n int) []T {
	if len(all) <= n {
		return all
	}
	picked := make([]T, n)
	for i := range picked {
		picked[i] = all[i*len(all)/n]
	}
	return picked
}
