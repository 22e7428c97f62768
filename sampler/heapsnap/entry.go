package heapsnap

import "slices"

// Entry is where a path leaves what lives on: what lies behind it came later.
type Entry struct {
	Step int // its index in the path
	// Kind is ElementOf where the objects are elements of what Name names, and
	// Internal where V8 itself keeps them for it. Otherwise Name is the variable
	// or property that holds them.
	Kind StepKind
	Name string
}

// Entry is the path's last step of a holder that lived before, which lived
// tells. There is none where the code has no name for it.
func (p Path) Entry(lived func(Node) bool) (Entry, bool) {
	for i, step := range slices.Backward(p) {
		if step.Kind == Target || !lived(step.Node) {
			continue
		}
		e := Entry{Step: i, Kind: step.Kind, Name: step.Name}
		switch step.Kind {
		case ElementOf, Internal:
			e.Name = p.nameOf(i)
		case System, FunctionStep:
			return e, false
		}
		return e, e.Name != ""
	}
	return Entry{}, false
}

// nameOf is what the holder at step i is called by the step before it.
func (p Path) nameOf(i int) string {
	for _, step := range slices.Backward(p[:i]) {
		switch step.Kind {
		case ModuleVariable, Variable, Global, Property:
			return step.Name
		case ElementOf:
			return "" // one of many, without a name of its own
		}
	}
	return ""
}
