package examine

import (
	"slices"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/heapsnap"
)

// held finds the lines that put new objects where snapshots show them: an
// assignment to a property, a variable or an index is seen by no watch.
type held struct {
	*examination
	snapshot *heapsnap.Snapshot
	isolate  string
	lived    func(id uint64) bool // in the first snapshot
	stores   []evidence.Store
}

func newHeld(x *examination, s *heapsnap.Snapshot, isolate string, lived func(uint64) bool) *held {
	return &held{examination: x, snapshot: s, isolate: isolate, lived: lived}
}

// entrance is where ways enter what lived before, which they may do at one place.
type entrance struct {
	heapsnap.Entry
	way
}

// class looks for the lines that keep the new objects of a class.
func (h *held) class(ways []way, closures bool, perUnit float64) {
	var all []entrance
	for _, w := range ways {
		entry, ok := w.path.Entry(func(n heapsnap.Node) bool { return h.lived(h.snapshot.ID(n)) })
		if !ok {
			continue
		}
		i := slices.IndexFunc(all, func(e entrance) bool {
			return e.Name == entry.Name && slices.Equal(words(e.path[:e.Step+1]), words(w.path[:entry.Step+1]))
		})
		if i >= 0 {
			all[i].share += w.share
		} else {
			all = append(all, entrance{entry, w})
		}
	}
	for _, e := range all {
		h.add(e.Entry, e.path, closures, e.share*perUnit)
	}
}

// add looks for the line that keeps objects which enter by a path.
func (h *held) add(entry heapsnap.Entry, path heapsnap.Path, closures bool, perUnit float64) {
	grown := perUnit * h.found.Growth.Units()
	i := slices.IndexFunc(h.stores, func(s evidence.Store) bool {
		return s.Receiver == entry.Name && slices.Equal(s.Path, words(path[:entry.Step+1]))
	})
	if i >= 0 {
		h.stores[i].Grown = min(h.stores[i].Grown, grown) // an entry may be of several objects
		return
	}
	kind := kindOf(entry)
	stack := h.keeper(entry.Name, kind, path)
	if k, linked := h.linker(path.Link()); linked != nil {
		kind, stack = k, linked
	}
	if stack == nil {
		return
	}
	store := evidence.Store{
		Isolate: h.isolate, Kind: kind, Stack: stack, Grown: grown, Containers: 1,
		Receiver: entry.Name, Closures: closures, Path: words(path[:entry.Step+1]),
	}
	r, at := h.places.resolver, stack[0]
	store.Declared = r.Declared(at, entry.Name)
	store.LooksUp = r.LooksUp(at, entry.Name)
	store.Removed = r.Removed(at, entry.Name)
	h.stores = append(h.stores, store)
}

func kindOf(e heapsnap.Entry) evidence.Kind {
	switch e.Kind {
	case heapsnap.ElementOf:
		return evidence.Object
	case heapsnap.Internal:
		return evidence.Inner
	}
	return evidence.Field
}

// linker is the stack of the app's call of a dependency whose function links each
// object of a chain to the one before: a clone that keeps what it was cloned from.
// That the app holds the last object is no fault then. It is nil where the app
// links them itself.
func (h *held) linker(link []heapsnap.Step) (evidence.Kind, []evidence.Frame) {
	r := h.places.resolver
	for _, step := range link {
		f := step.Function
		if f == nil || f.Line == 0 {
			continue
		}
		made := r.Frame(f.Name, f.Script, f.Line, f.Column)
		if made.Origin != evidence.Dependency {
			return "", nil
		}
		if step.Kind == heapsnap.Variable {
			continue // the function that uses it links
		}
		made.Function, made.Idiom = r.NameAround(made), r.Idiom(made)
		for _, site := range h.found.Profile.Sites {
			i := evidence.Innermost(site.Stack)
			if site.Isolate != h.isolate || i < 1 || site.Stack[i].Origin != evidence.App || !sameFunction(site.Stack[:i], made) {
				continue
			}
			kind := evidence.Field
			if made.Idiom == evidence.IdiomListen {
				kind = evidence.Emitter
			}
			return kind, h.places.calls(slices.Concat([]evidence.Frame{made}, site.Stack[i-1:]))
		}
	}
	return "", nil
}

func sameFunction(stack []evidence.Frame, f evidence.Frame) bool {
	return slices.ContainsFunc(stack, func(g evidence.Frame) bool { return g.File == f.File && g.Function == f.Function })
}

// keeper is the stack of a line that puts something under a name: of one in a
// function whose allocations survive, else of the only one in the file whose
// variable begins the path.
func (h *held) keeper(name string, kind evidence.Kind, path heapsnap.Path) []evidence.Frame {
	r := h.places.resolver
	for _, site := range h.found.Profile.Sites {
		if site.Isolate != h.isolate {
			continue
		}
		for i, f := range site.Stack {
			if line := r.KeptAt(f, name, kind); line != nil {
				return h.places.calls(append([]evidence.Frame{*line}, site.Stack[i+1:]...))
			}
		}
	}
	if f := path[0].Function; f != nil {
		if line := r.OnlyKeptAt(r.Frame("", f.Script, 1, 1), name, kind); line != nil {
			return []evidence.Frame{*line}
		}
	}
	return nil
}

// calls gives the app's frame of a stack of functions the line of its call of a
// dependency.
func (p *places) calls(stack []evidence.Frame) []evidence.Frame {
	if i := evidence.Innermost(stack); i > 0 && evidence.Within(stack, i) >= 0 {
		if call := p.callIn(stack, i); call != nil {
			stack[i] = *call
		} else if lines := p.resolver.Idioms(stack[i]); len(lines) > 0 {
			stack[i] = lines[0]
		}
	}
	return stack
}
