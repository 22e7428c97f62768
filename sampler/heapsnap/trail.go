package heapsnap

import "sync"

// trails tell routes step by step. A route is told from where the nearest one
// that was told before left it, so that telling many costs as much as the graph
// is large, however long its lists are.
type trails struct {
	s     *Snapshot
	r     *routes
	mutex sync.Mutex
	begun map[uint32]*trail // by node: the steps that lead to it
	texts map[string]uint32
	alike map[likeness]uint32 // the texts of steps that read alike
}

// trail is the last step of a route so far. The steps before it are shared with
// other routes and never change.
type trail struct {
	before *trail
	first  *trail // the step of a long trail after which steps are omitted
	number int    // from 1
	edge   uint32 // that leads on
	text   uint32
	times  uint32
}

// likeness is all that the text of a step depends on which is of an object.
type likeness struct {
	holder, edge uint32 // names
	typ          NodeType
	link         EdgeType
	special      uint8
}

// begunEvery is how many steps of a route lie between two that are kept.
const begunEvery = 256

func (s *Snapshot) trails() *trails {
	return s.derived.trails.get(func() *trails {
		return &trails{
			s: s, r: s.routes(), begun: map[uint32]*trail{}, texts: map[string]uint32{}, alike: map[likeness]uint32{},
		}
	})
}

// to is the trail to a node: nil, true where it begins there, and false when
// nothing holds the node.
func (t *trails) to(n Node) (*trail, bool) {
	root := uint32(t.s.Root())
	at, last := uint32(n), (*trail)(nil)
	var way []uint32
	for ; at != root; at = t.r.from[at] {
		if begun, known := t.begun[at]; known {
			last = begun
			break
		}
		if t.r.edge[at] == none {
			return nil, false
		}
		way = append(way, at)
	}
	for i := len(way) - 1; i >= 0; i-- {
		if from := t.r.from[way[i]]; from != root {
			last = t.step(last, t.s.edge(Node(from), t.r.edge[way[i]]), t.r.edge[way[i]])
		}
		if i%begunEvery == 0 {
			t.begun[way[i]] = last
		}
	}
	return last, true
}

// step adds an edge to a trail. The last variable of a module begins it anew.
func (t *trails) step(last *trail, e Edge, index uint32) *trail {
	if e.Type == ContextEdge {
		if _, module := t.s.ScopeOf(e.From); module {
			last = nil
		}
	}
	text, told := t.text(e)
	if !told {
		return last
	}
	return (&trail{edge: index, text: text, times: 1}).after(last).fold()
}

// after makes t follow a step.
func (t *trail) after(before *trail) *trail {
	t.before, t.number = before, 1
	if before != nil {
		t.first, t.number = before.first, before.number+1
	}
	if t.number == mostSteps/2 {
		t.first = t
	}
	return t
}

// longestLink is how many steps the link of a chain may take: what holds the next
// one may be a function's variable, say.
const longestLink = 8

// fold merges the last link of a chain into the one before that reads the same.
func (t *trail) fold() *trail {
	for n, begin := 1, t.before; n <= longestLink && begin != nil; n, begin = n+1, begin.before {
		if t.repeats(begin, n) {
			return begin.merged(t, n)
		}
	}
	return t
}

// repeats reports whether the n steps up to t read as the n up to other.
func (t *trail) repeats(other *trail, n int) bool {
	for ; n > 0; n-- {
		if other == nil || t.text != other.text {
			return false
		}
		t, other = t.before, other.before
	}
	return true
}

// merged is t with its last n steps counted once more for each of the last n of
// again.
func (t *trail) merged(again *trail, n int) *trail {
	if n == 0 {
		return t
	}
	sum := &trail{edge: t.edge, text: t.text, times: t.times + again.times}
	return sum.after(t.before.merged(again.before, n-1))
}

// text numbers the text of an edge's step. It is not told of what belongs to
// another step.
func (t *trails) text(e Edge) (number uint32, told bool) {
	key, simple := t.like(e)
	if simple {
		if number, known := t.alike[key]; known {
			return number, number != none
		}
	}
	number = none
	if step, ok := t.s.tell(e); ok {
		number, told = t.number(step.Text), true
	}
	if simple {
		t.alike[key] = number
	}
	return number, told
}

func (t *trails) number(text string) uint32 {
	i, known := t.texts[text]
	if !known {
		i = uint32(len(t.texts))
		t.texts[text] = i
	}
	return i
}

// like is what a step reads like. The texts of functions and of their variables
// depend on more than that.
func (t *trails) like(e Edge) (likeness, bool) {
	s := t.s
	key := likeness{holder: s.nodes.name[e.From], edge: e.name, typ: s.Type(e.From), link: e.Type}
	if e.Type == ContextEdge || key.typ == Closure {
		return key, false
	}
	if e.Type.numbered() {
		key.edge = 0
	}
	for i, yes := range []bool{s.isDetached(e.From), e.Type == PropertyEdge && s.isGlobal(e.From), e.Type == PropertyEdge && s.isDictionary(e.From)} {
		if yes {
			key.special |= 1 << i
		}
	}
	return key, true
}

// mostSteps is how many steps of a path are told: of one that does not fold, the
// first and the last ones.
const mostSteps = 200

// path puts a trail into words.
func (t *trails) path(last *trail) Path {
	if last == nil {
		return nil
	}
	rest := last.number - mostSteps
	if rest <= 0 {
		return t.tell(last, last.number)
	}
	path := append(t.tell(last.first, mostSteps/2), Step{Kind: Omitted, Text: "...", Times: rest})
	return append(path, t.tell(last, mostSteps/2)...)
}

// tell puts the last n steps of a trail into words.
func (t *trails) tell(last *trail, n int) Path {
	path := make(Path, n)
	for i := n - 1; i >= 0; i-- {
		to := t.s.edges.link[last.edge] >> 3
		path[i], _ = t.s.tell(t.s.edge(Node(t.r.from[to]), last.edge))
		path[i].Times = int(last.times)
		last = last.before
	}
	return path
}
