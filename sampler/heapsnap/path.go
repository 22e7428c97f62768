package heapsnap

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Path is what keeps a node alive, in words that its developer knows: from a
// variable or a global object to the node.
type Path []Step

// Step is one holder on a path, and how it holds what follows.
type Step struct {
	Kind  StepKind
	Node  Node   // the holder; the scope, where Kind is Variable
	Name  string // of the variable, the property or the internal field
	Text  string // "requestLogs (module variable, server.js)", "Array[ ]"
	Times int    // how often the step comes, itself or with its neighbours, in a row, as in a linked list; 1 or more

	// Function is a closure on the path, or the one whose variable holds what
	// follows: its name is "" for the variable of a module.
	Function *Function
}

// StepKind says how a step holds what follows.
type StepKind string

// The kinds of steps.
const (
	ModuleVariable StepKind = "module variable"
	Variable       StepKind = "variable" // captured by a function
	Global         StepKind = "global"   // a property of the global object
	Property       StepKind = "property"
	ElementOf      StepKind = "element" // of an array, a Map, a Set or a dictionary
	Internal       StepKind = "internal"
	System         StepKind = "system" // V8 or Node holds it
	FunctionStep   StepKind = "function"
	Target         StepKind = "target"  // the node that the path leads to
	Omitted        StepKind = "omitted" // of a path of hundreds of steps those in the middle
)

// String is the steps, joined by arrows.
func (p Path) String() string {
	texts := make([]string, len(p))
	for i, step := range p {
		texts[i] = step.Text
		if step.Times > 1 {
			texts[i] += fmt.Sprintf(" ×%d", step.Times)
		}
	}
	return strings.Join(texts, " -> ")
}

// key tells paths apart that differ in more than how long their lists are.
func (p Path) key() string {
	texts := make([]string, len(p))
	for i, step := range p {
		texts[i] = step.Text
	}
	return strings.Join(texts, " -> ")
}

// Path is a shortest path that keeps a node alive. It prefers what a developer
// knows (variables, properties, elements) to V8's internals, and begins at the
// last variable of a module on the way, or at the global object. It is nil when
// nothing holds the node.
func (s *Snapshot) Path(n Node) Path {
	t := s.trails()
	t.mutex.Lock()
	defer t.mutex.Unlock()
	last, held := t.to(n)
	if !held || n == s.Root() {
		return nil
	}
	return append(t.path(last), Step{Kind: Target, Node: n, Text: s.describe(n), Times: 1, Function: s.functionOf(n)})
}

// PathGroup is a path in words and the nodes that are held so.
type PathGroup struct {
	Path     Path // of one of them
	Nodes    []Node
	Shallow  Bytes // of all of them
	Retained Bytes // of the one that retains most
}

// Paths groups nodes by their path, the most frequent first.
func (s *Snapshot) Paths(nodes []Node) []PathGroup {
	byKey := map[string]*PathGroup{}
	var all []*PathGroup
	for _, n := range nodes {
		path := s.Path(n)
		g := byKey[path.key()]
		if g == nil {
			g = &PathGroup{Path: path}
			byKey[path.key()] = g
			all = append(all, g)
		}
		g.Nodes = append(g.Nodes, n)
		g.Shallow += s.ShallowSize(n)
		g.Retained = max(g.Retained, s.RetainedSize(n))
	}
	slices.SortStableFunc(all, func(a, b *PathGroup) int { return cmp.Compare(len(b.Nodes), len(a.Nodes)) })
	groups := make([]PathGroup, len(all))
	for i, g := range all {
		groups[i] = *g
	}
	return groups
}

func (s *Snapshot) functionOf(n Node) *Function {
	if f, ok := s.Function(n); ok {
		return &f
	}
	return nil
}

// tell puts an edge into words; not that of an inner part, which is told with
// what it belongs to.
func (s *Snapshot) tell(e Edge) (step Step, told bool) {
	step = Step{Node: e.From, Name: s.EdgeName(e)}
	switch {
	case e.Type == ContextEdge:
		step = s.variable(e)
	case s.Type(e.From) == Synthetic:
		step.Kind, step.Text = System, s.Name(e.From)
	case s.isInner(e.From):
		return Step{}, false
	case s.Type(e.From) == Closure && e.Type != PropertyEdge:
		step.Kind, step.Function = FunctionStep, s.functionOf(e.From)
		step.Text = step.Function.String()
	case e.Type == PropertyEdge && s.isGlobal(e.From) && isName(step.Name):
		step.Kind, step.Text = Global, "global"+accessor(step.Name)
	case e.Type == PropertyEdge && !s.isDictionary(e.From) && isName(step.Name):
		step.Kind, step.Text = Property, s.label(e.From)+accessor(step.Name)
	case e.Type == PropertyEdge, e.Type == ElementEdge, step.Name == "elements", step.Name == "table":
		step.Kind, step.Name, step.Text = ElementOf, "", s.label(e.From)+"[ ]"
	case e.Type == InternalEdge && isName(step.Name):
		step.Kind, step.Text = Internal, s.label(e.From)+" ("+strings.ReplaceAll(step.Name, "_", " ")+")"
	default:
		step.Kind, step.Name, step.Text = Internal, "", s.label(e.From)
	}
	return step, true
}

func (s *Snapshot) variable(e Edge) Step {
	f, module := s.ScopeOf(e.From)
	step := Step{Kind: Variable, Node: e.From, Name: s.EdgeName(e), Function: &f}
	switch {
	case module:
		step.Kind = ModuleVariable
		step.Text = joined(step.Name+" (module variable", f.File())
	case f.Name == "":
		step.Text = joined(step.Name+" (variable", f.Place())
	default:
		step.Text = joined(step.Name+" (variable of "+f.Name, f.Place())
	}
	return step
}

// joined closes a parenthesis, with a place in it where that is known.
func joined(text, place string) string {
	if place == "" {
		return text + ")"
	}
	return text + ", " + place + ")"
}

// isInner says whether a node is a part of V8's own that stands between objects
// of the program: the elements of an array, the scope of a function.
func (s *Snapshot) isInner(n Node) bool {
	switch s.Type(n) {
	case Array, Hidden, Code, ObjectShape:
		return true
	case Object:
		return strings.HasPrefix(s.Name(n), "system / ")
	}
	return false
}

// isGlobal says whether the root has a shortcut to a node.
func (s *Snapshot) isGlobal(n Node) bool {
	return s.derived.globals.get(func() bitset {
		all := newBitset(s.NodeCount())
		for e := range s.EdgesOf(s.Root()) {
			if e.Type == ShortcutEdge {
				all.add(uint32(e.To))
			}
		}
		return all
	}).has(uint32(n))
}

// mostNames is how many properties an object of a fixed shape has; one with
// more is a dictionary, whose keys are data.
const mostNames = 50

func (s *Snapshot) isDictionary(n Node) bool {
	if s.Type(n) != Object || s.nodes.name[n] != s.known.of("Object") {
		return false
	}
	count := 0
	for e := range s.EdgesOf(n) {
		if e.Type == PropertyEdge {
			count++
		}
		if count > mostNames {
			return true
		}
	}
	return false
}

// isName reports whether a property's name looks like one from code, and not like
// data: an address, a URL, a long key.
func isName(name string) bool {
	const longest = 40
	if symbol, ok := strings.CutPrefix(name, "<symbol "); ok {
		name = strings.TrimPrefix(strings.TrimSuffix(symbol, ">"), "Symbol.")
	}
	if name == "" || len(name) > longest || name[0] >= '0' && name[0] <= '9' {
		return false
	}
	for _, c := range name {
		if c != '_' && c != '$' && c != '#' && c != '-' && kindOf(c) == other {
			return false
		}
	}
	return !isRandom(name)
}

// What a character of a name is.
const (
	other = iota
	lower
	upper
	digit
)

func kindOf(c rune) int {
	switch {
	case c >= 'a' && c <= 'z':
		return lower
	case c >= 'A' && c <= 'Z':
		return upper
	case c >= '0' && c <= '9':
		return digit
	}
	return other
}

// isRandom reports whether a name looks like a key that a machine made: with many
// digits, or with words of hardly two letters.
func isRandom(name string) bool {
	const mostDigits, fewWords, wordLength = 3, 4, 3
	digits, words, last := 0, 0, other
	for _, c := range name {
		kind := kindOf(c)
		if kind == digit {
			digits++
		}
		if kind != last && kind != other && !(last == upper && kind == lower) {
			words++
		}
		last = kind
	}
	return digits > mostDigits || words > fewWords && words*wordLength > len(name)
}

func accessor(name string) string {
	if symbol, ok := strings.CutPrefix(name, "<symbol "); ok {
		return "[" + strings.TrimSuffix(symbol, ">") + "]"
	}
	if strings.Contains(name, "-") {
		return `["` + name + `"]`
	}
	return "." + name
}

// label names a holder: the constructor of an object, the function, or the type.
func (s *Snapshot) label(n Node) string {
	switch s.Type(n) {
	case Object, Native, Synthetic:
		return s.Name(n)
	case Closure:
		f, _ := s.Function(n)
		return f.String()
	}
	return s.TypeName(s.Type(n))
}

// describe names the node that a path leads to, a plain object with its shape.
// Texts of strings are data and are not shown.
func (s *Snapshot) describe(n Node) string {
	if s.Type(n) == Object && s.nodes.name[n] == s.known.of("Object") {
		if class := s.ClassName(n); class != "Object" {
			return "Object " + class
		}
	}
	if s.Type(n) == Object && s.nodes.name[n] == s.known.of("system / Context") {
		return s.scopeName(n)
	}
	return s.label(n)
}

// scopeName names the captured variables of a function, or of a module.
func (s *Snapshot) scopeName(context Node) string {
	f, module := s.ScopeOf(context)
	switch {
	case module:
		return joined("(variables of a module", f.File())
	case f.Script == "":
		return "(variables of a function)"
	}
	return "(variables of " + f.String() + ")"
}
