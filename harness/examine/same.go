package examine

import (
	"slices"

	"github.com/leakcheck/leakcheck/sampler/evidence"
)

// leader is the place that most was put into, of those that code of the app or of a
// dependency makes grow with the load; nil where there is none.
func (x *examination) leader() *evidence.Store {
	w := &x.found.Watch
	i := slices.IndexFunc(w.Stores, func(s evidence.Store) bool {
		return s.Stack[0].Origin != evidence.Node && evidence.Innermost(s.Stack) >= 0
	})
	if i < 0 || w.Stores[i].Grown < w.Units()/2 {
		return nil
	}
	return &w.Stores[i]
}

// sameAs is an examination of another leak that grows at the same place, and whose
// snapshots were compared; nil for none.
func (x *examination) sameAs(others []*examination) *examination {
	mine := x.leader()
	if mine == nil {
		return nil
	}
	for _, o := range others {
		if their := o.leader(); their != nil && o.found.Growth != nil && mine.Isolate == their.Isolate && keyOf(mine) == keyOf(their) {
			return o
		}
	}
	return nil
}

// keyOf tells stores apart by what they put into what, whoever calls for it.
func keyOf(s *evidence.Store) string { return string(s.Kind) + position(s.Stack[0]) }

// explainBy takes over what snapshots showed of the same place, and takes none.
func (x *examination) explainBy(o *examination) {
	mine, their := x.leader(), o.leader()
	mine.Path, mine.Retained, mine.HeapID = their.Path, their.Retained, their.HeapID
	x.note("heap snapshots: left out, as %s keeps its memory at the same place", x.name(o))
}

// name is an endpoint's, or says what else leaks.
func (x *examination) name(o *examination) string {
	if i, one := o.subject.Endpoint(); one {
		return x.Recording().Header.Endpoints[i].Name
	}
	return "the other leak"
}
