package examine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/leakcheck/leakcheck/sampler"
	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/sources"
)

const (
	// maxSites bounds the places of each kind that are kept as evidence.
	maxSites = 50
	// maxIdentified is how many containers are looked up in snapshots.
	maxIdentified = 10
)

// places names what the sampler saw by the files that people write.
type places struct {
	resolver *sources.Resolver
}

func newPlaces(ctx context.Context, s *sampler.Sampler) *places {
	root, err := s.WorkingDir(ctx)
	if err != nil {
		root = "/"
	}
	return &places{resolver: sources.New(targetFiles{ctx, s}, root)}
}

// targetFiles reads through the target.
type targetFiles struct {
	ctx     context.Context //nolint:containedctx // of one examination, which it does not outlive
	sampler *sampler.Sampler
}

func (t targetFiles) ReadFile(path string) (string, error) { return t.sampler.ReadFile(t.ctx, path) }

func (t targetFiles) SourceMap(script string) string {
	text, err := t.sampler.SourceMap(t.ctx, script)
	if err != nil {
		return "" // the script's own lines are named then
	}
	return text
}

func (p *places) stack(raw []sampler.RawFrame) []evidence.Frame {
	stack := make([]evidence.Frame, len(raw))
	for i, f := range raw {
		stack[i] = p.resolver.Frame(f.Function, f.URL, f.Line, f.Column)
	}
	return stack
}

// sites names the stacks of a profile, the largest first.
func (p *places) sites(raw []sampler.RawSite) []evidence.Site {
	slices.SortStableFunc(raw, func(a, b sampler.RawSite) int { return cmp.Compare(b.Bytes, a.Bytes) })
	var all []evidence.Site
	for _, s := range raw[:min(maxSites, len(raw))] {
		site := evidence.Site{Isolate: s.Isolate, Stack: p.stack(s.Stack), Bytes: s.Bytes}
		if i := evidence.Innermost(site.Stack); i >= 0 {
			site.Lines = p.lines(site.Stack, i)
			site.Within = p.within(site.Stack, i)
		}
		all = append(all, site)
	}
	return all
}

// lines are the telling lines of the app's function at index at. Where it calls
// a dependency, that is the call. Where it only makes something, its callers in
// the app may keep it.
func (p *places) lines(stack []evidence.Frame, at int) []evidence.Frame {
	if evidence.Within(stack, at) >= 0 {
		if call := p.callIn(stack, at); call != nil {
			return []evidence.Frame{*call}
		}
		return p.resolver.Idioms(stack[at])
	}
	for _, f := range stack[at:min(len(stack), at+callers)] {
		if f.Origin != evidence.App {
			break
		}
		if lines := p.resolver.Idioms(f); len(lines) > 0 && sources.Keeps(lines[0]) {
			return p.forNode(stack, at, lines)
		}
	}
	if lines := p.resolver.Idioms(stack[at]); len(lines) > 0 {
		return lines
	}
	return p.callOf(stack, at)
}

// callIn is the line of the app's function at index at which calls the one below
// it. V8 may have made the function that calls a part of the one above it: then it
// is the only line of the file.
func (p *places) callIn(stack []evidence.Frame, at int) *evidence.Frame {
	callee := p.callee(stack[at-1])
	if call := p.resolver.Call(stack[at], callee); call != nil {
		return call
	}
	return p.resolver.OnlyCall(stack[at], callee)
}

// callOf is the line that calls the function of Node's that allocates, in a
// function of the app which does nothing more telling: performance.mark.
func (p *places) callOf(stack []evidence.Frame, at int) []evidence.Frame {
	if at == 0 || stack[at-1].Origin != evidence.Node {
		return nil
	}
	call := p.resolver.Call(stack[at], stack[at-1].Function)
	if call == nil {
		return nil
	}
	call.Idiom = cmp.Or(call.Idiom, evidence.IdiomCall)
	return []evidence.Frame{*call}
}

// callee is the name by which a function is called: where it has none, it came
// from the function around it.
func (p *places) callee(f evidence.Frame) string {
	if f.Function == "" && f.Origin == evidence.Dependency {
		return p.resolver.NameAround(f)
	}
	return f.Function
}

// forNode puts the line first for which Node allocates, where it keeps or opens
// something. What is assigned may be what Node returned, and stays first.
func (p *places) forNode(stack []evidence.Frame, at int, lines []evidence.Frame) []evidence.Frame {
	if at == 0 {
		return lines
	}
	below := stack[at-1]
	registers := below.Origin == evidence.Native && below.Function == register
	if !registers && (below.Origin != evidence.Node || slices.ContainsFunc(lines, sources.Assigns)) {
		return lines
	}
	call := p.resolver.Call(stack[at], below.Function)
	switch {
	case call == nil:
		return lines
	case registers:
		call.Idiom = evidence.IdiomRegister
	case !sources.Keeps(*call):
		return lines
	}
	return slices.Insert(lines, 0, *call)
}

// register is the method of a FinalizationRegistry, which keeps what it is given
// until the object is collected. No other function of V8's is called so.
const register = "register"

// callers is how many functions of the app, one calling the other, may have to
// do with one thing that is kept.
const callers = 3

// within are the telling lines of the dependency's functions that allocate for
// the app's at index at: those of the innermost one that keeps something, else
// of the innermost one.
func (p *places) within(stack []evidence.Frame, at int) []evidence.Frame {
	k := evidence.Within(stack, at)
	if k < 0 {
		return nil
	}
	for _, f := range stack[k:at] {
		if f.Origin != evidence.Dependency {
			continue
		}
		if lines := p.resolver.Idioms(f); len(lines) > 0 && sources.Keeps(lines[0]) {
			return lines
		}
	}
	return p.resolver.Idioms(stack[k])
}

// watched adds up what was seen at the same place. By storeKey, one has that
// container of each store which grew most.
func (p *places) watched(seen sampler.Watched) (w evidence.Watch, one map[string]sampler.RawStore) {
	stores := make(map[string]int)
	one = make(map[string]sampler.RawStore) // of each store's containers
	counted := make(map[string]bool)
	for _, raw := range seen.Stores {
		stack := p.stack(raw.Stack)
		key := storeKey(raw.Isolate, evidence.Kind(raw.Kind), stack)
		i, known := stores[key]
		if !known {
			i = len(w.Stores)
			stores[key], one[key] = i, raw
			w.Stores = append(w.Stores, evidence.Store{Isolate: raw.Isolate, Kind: evidence.Kind(raw.Kind), Stack: stack})
		}
		s := &w.Stores[i]
		if raw.Grown > one[key].Grown {
			s.Stack, one[key] = stack, raw
		}
		s.Closures = raw.Functions > 0.5
		s.Grown += raw.Grown
		if container := fmt.Sprint(key, raw.Container); !counted[container] {
			counted[container] = true
			s.Containers++
			s.Size += raw.Size
		}
	}
	slices.SortStableFunc(w.Stores, func(a, b evidence.Store) int { return cmp.Compare(b.Grown, a.Grown) })
	w.Stores = w.Stores[:min(maxSites, len(w.Stores))]
	for i := range w.Stores {
		p.name(&w.Stores[i])
	}
	w.Handles, w.Environment = p.handles(seen.Handles)
	return w, one
}

func storeKey(isolate string, kind evidence.Kind, stack []evidence.Frame) string {
	return isolate + string(kind) + placeKey(stack)
}

// placeKey is the place that a stack is named by, with that of the dependency
// which does the work for it, and the whole stack where none is.
func placeKey(stack []evidence.Frame) string {
	i := evidence.Innermost(stack)
	if i < 0 {
		return fmt.Sprint(stack)
	}
	key := position(stack[i])
	if k := evidence.Within(stack, i); k >= 0 {
		key += " " + position(stack[k])
	}
	return key
}

func position(f evidence.Frame) string { return fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column) }

// name reads from the code what a store's container is called: from that of the
// dependency, where one calls the container on the app's behalf.
func (p *places) name(s *evidence.Store) {
	i := evidence.Innermost(s.Stack)
	if i < 0 {
		return
	}
	if k := evidence.Within(s.Stack, i); k >= 0 {
		i = k
	}
	at := &s.Stack[i]
	var method string
	s.Receiver, method = p.resolver.Receiver(*at)
	at.Idiom = evidence.Idiom(method)
	if s.Receiver == "" {
		return
	}
	s.Declared = p.resolver.Declared(*at, s.Receiver)
	s.LooksUp = p.looksUp(s.Stack[i:], s.Receiver)
	s.Removed = p.resolver.Removed(*at, s.Receiver)
}

// looksUp reports whether one of the functions of the file that lead to a store looks
// its key up first.
func (p *places) looksUp(stack []evidence.Frame, receiver string) bool {
	for _, f := range stack {
		if f.File != stack[0].File {
			return false
		}
		if p.resolver.LooksUp(f, receiver) {
			return true
		}
	}
	return false
}

func (p *places) handles(raw []sampler.RawHandle) (handles, environment []evidence.Handle) {
	index := make(map[string]int)
	var all []evidence.Handle
	for _, h := range raw {
		stack := p.stack(h.Stack)
		key := h.Isolate + h.Type + placeKey(stack)
		i, known := index[key]
		if !known {
			i = len(all)
			index[key] = i
			all = append(all, evidence.Handle{Isolate: h.Isolate, Type: h.Type, Stack: stack})
		}
		all[i].Count += h.Count
	}
	slices.SortStableFunc(all, func(a, b evidence.Handle) int { return cmp.Compare(b.Count, a.Count) })
	for _, h := range all[:min(maxSites, len(all))] {
		if h.Type == sampler.Environment {
			environment = append(environment, h)
		} else {
			handles = append(handles, h)
		}
	}
	return handles, environment
}
