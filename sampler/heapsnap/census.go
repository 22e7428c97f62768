package heapsnap

import (
	"cmp"
	"fmt"
	"slices"
)

// Census is what one snapshot contributes to a comparison: which objects there
// are, of which class and size. It is small beside the snapshot, which can be
// let go.
//
// Its classes are finer than those of Classes: each function is one, and each
// scope of captured variables; plain objects are told apart by their first
// properties, however few have them.
type Census struct {
	kinds   []Kind
	objects []object // by id
	natives []object // by kind; their ids say nothing
}

// Kind is a class of a census.
type Kind struct {
	Key      string // the same in all snapshots of a process
	Name     string // "Session", "{url, userAgent}", "function onData (app.js:25)"
	Type     NodeType
	Function *Function // of closures and of scopes
}

// object is one object of a census.
type object struct {
	id, kind uint32
	size     Bytes
}

// Census counts the snapshot's objects.
func (s *Snapshot) Census() *Census {
	b := censor{
		s: s, c: &Census{}, byName: map[uint32]uint32{}, byGroup: map[group]uint32{}, byPlace: map[group]uint32{},
		byShape: map[uint64]uint32{}, byScope: map[Node]uint32{},
	}
	b.shapes, b.shallow, b.classes = newShapes(s), s.shallow(), s.class()
	places := s.places
	for n := range s.Nodes() {
		for len(places) > 0 && places[0].node < n {
			places = places[1:]
		}
		at := nowhere
		if len(places) > 0 && places[0].node == n {
			at = places[0].Location
		}
		if b.shallow[n] > 0 {
			b.add(n, at)
		}
	}
	slices.SortFunc(b.c.objects, func(x, y object) int { return cmp.Compare(x.id, y.id) })
	return b.c
}

// Has says that there is an object with this number.
func (c *Census) Has(id uint64) bool {
	_, found := slices.BinarySearchFunc(c.objects, id, func(o object, id uint64) int { return cmp.Compare(uint64(o.id), id) })
	return found
}

// censor makes a census.
type censor struct {
	s       *Snapshot
	c       *Census
	shapes  *shapes
	shallow []Bytes
	classes *classes

	byName  map[uint32]uint32 // kinds, by the index of the class's name
	byGroup map[group]uint32  // objects by their constructor
	byPlace map[group]uint32  // functions
	byShape map[uint64]uint32
	byScope map[Node]uint32 // by V8's description of the scope
}

func (b *censor) add(n Node, at Location) {
	o := object{id: b.s.nodes.id[n], size: b.shallow[n], kind: b.kind(n, at)}
	if b.s.nodes.typ[n] == Native || o.id%2 == 0 {
		b.c.natives = append(b.c.natives, o)
		return
	}
	b.c.objects = append(b.c.objects, o)
}

func (b *censor) kind(n Node, at Location) uint32 {
	s := b.s
	typ, name := s.nodes.typ[n], s.nodes.name[n]
	switch {
	case typ == Object && name == s.known.of("Object"):
		return b.shape(n)
	case typ == Object && name == s.known.of("system / Context"):
		return b.scope(n)
	case at != nowhere && typ == Closure:
		return known(b.byPlace, group{at, name}, func() uint32 { return b.placed(n, at) })
	case at != nowhere && typ == Object:
		return known(b.byGroup, group{at, name}, func() uint32 { return b.placed(n, at) })
	}
	return known(b.byName, b.classes.of[n], func() uint32 {
		name := b.classes.name(b.classes.of[n])
		return b.new(Kind{Key: "," + name, Name: name, Type: typ})
	})
}

// known returns the kind under a key, and makes it first where it is new.
func known[K comparable](kinds map[K]uint32, key K, make func() uint32) uint32 {
	k, ok := kinds[key]
	if !ok {
		k = make()
		kinds[key] = k
	}
	return k
}

func (b *censor) new(k Kind) uint32 {
	b.c.kinds = append(b.c.kinds, k)
	return uint32(len(b.c.kinds) - 1)
}

// placed is the kind of an object of a class, or of a function.
func (b *censor) placed(n Node, at Location) uint32 {
	k := Kind{Name: b.s.Name(n), Type: b.s.Type(n)}
	if f, ok := b.s.Function(n); ok {
		k.Name, k.Function = "function "+f.String(), &f
	}
	k.Key = fmt.Sprintf("%d,%d,%d,%s", at.Script, at.Line, at.Column, k.Name)
	return b.new(k)
}

// shape is the kind of a plain object.
func (b *censor) shape(n Node) uint32 {
	var buffer [32]uint32
	properties := b.shapes.leading(n, buffer[:0])
	return known(b.byShape, b.shapes.hash(properties), func() uint32 {
		name := "Object"
		if len(properties) > 0 {
			name = b.shapes.name(properties)
		}
		return b.new(Kind{Key: "," + name, Name: name, Type: Object})
	})
}

// scope is the kind of a scope, by the function that it belongs to.
func (b *censor) scope(n Node) uint32 {
	scope, _ := b.s.internal(n, "scope_info")
	return known(b.byScope, scope, func() uint32 {
		f, _ := b.s.ScopeOf(n)
		k := Kind{Name: b.s.scopeName(n), Type: Object, Function: &f}
		k.Key = fmt.Sprintf("%s,%d,%d", k.Name, f.Line, f.Column)
		return b.new(k)
	})
}
