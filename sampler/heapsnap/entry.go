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
	i := p.lastLived(lived)
	if i < 0 {
		return Entry{}, false
	}
	e := Entry{Step: i, Kind: p[i].Kind, Name: p[i].Name}
	switch p[i].Kind {
	case ElementOf, Internal:
		e.Name = p.nameOf(i)
	case System, FunctionStep:
		return e, false
	}
	return e, e.Name != ""
}

// lastLived is the index of the last step of a holder that lived before, -1 when
// none did. V8 gives a number of an object that is gone to another one: a step
// that reads as one nearer to the root, of a new holder, is of the same new chain.
func (p Path) lastLived(lived func(Node) bool) int {
	last := -1
	added := make(map[string]bool) // the texts of new holders' steps
	for i, step := range p {
		switch {
		case step.Kind == Target || step.Kind == Omitted || added[step.Text]:
		case lived(step.Node):
			last = i
		default:
			added[step.Text] = true
		}
	}
	return last
}

// Link are the steps of one link of the first chain on the path: what each object
// of it holds the next one by. There are none where the path has no chain.
func (p Path) Link() []Step {
	begin := slices.IndexFunc(p, func(s Step) bool { return s.Times > 1 && s.Kind != Omitted })
	if begin < 0 {
		return nil
	}
	end := begin
	for end < len(p) && p[end].Times > 1 {
		end++
	}
	return p[begin:end]
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
