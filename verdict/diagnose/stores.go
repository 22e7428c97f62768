package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// fromStores suspects each place that was seen to make something grow which
// lives on.
func (c *clues) fromStores() []Suspect {
	var all []Suspect
	for i := range c.Watch.Stores {
		store := &c.Watch.Stores[i]
		at := evidence.Innermost(store.Stack)
		if at < 0 || store.Grown < 1 {
			continue
		}
		s := Suspect{
			At: store.Stack[at], Within: withinOf(store.Stack, at), Isolate: store.Isolate, Unit: c.unit,
			PerUnit: store.Grown / c.Watch.Units(), Thing: things[store.Kind], kind: store.Kind,
			Confidence: High,
		}
		if store.Receiver != "" || len(store.Path) > 0 {
			s.Holder = &Holder{Name: store.Receiver, At: store.Declared, Path: store.Path}
		}
		s.Pattern = c.patternOf(store)
		share := c.support(&s, store.Stack)
		s.score = counted*min(1, s.PerUnit) + share
		if store.Grown < leastHandles && share < chance {
			s.Confidence = Low
		} else {
			s.score += watched
		}
		if s.At.Origin == evidence.Dependency {
			s.score *= foreign
		}
		if store.Stack[0].Origin == evidence.Node {
			s.score *= nodesOwn
		}
		c.explainStore(&s, store, share)
		through := c.confirm(&s, store)
		if s.Confidence == High && c.weighs() && share+through < leastHigh {
			s.Confidence = Medium
		}
		all = append(all, s)
	}
	return all
}

// things are what accumulates in each kind of container.
var things = map[evidence.Kind]string{
	evidence.Map: "map entry", evidence.Set: "set entry", evidence.Array: "array element",
	evidence.Emitter: "listener", evidence.Target: "listener", evidence.Promise: "reaction",
	evidence.Object: "entry", evidence.Field: "object", evidence.Inner: "object",
}

// containers are their names for people.
var containers = map[evidence.Kind]string{
	evidence.Map: "a Map that lives on", evidence.Set: "a Set that lives on", evidence.Array: "an array that lives on",
	evidence.Emitter: "an event emitter that lives on", evidence.Target: "an event target that lives on", evidence.Promise: "a promise that stays pending",
}

func (c *clues) explainStore(s *Suspect, store *evidence.Store, share float64) {
	held := containers[store.Kind]
	if store.Containers > 1 {
		held = fmt.Sprintf("%d containers that live on", store.Containers)
	}
	s.Reasons = append(s.Reasons, fmt.Sprintf("seen in %s: %s per %s went into %s (%d in it now)",
		c.watched(), amount(s.PerUnit, s.Thing), c.unit, held, store.Size))
	if store.Removed != nil {
		s.Reasons = append(s.Reasons, fmt.Sprintf("%s takes entries out again, but not those of these requests", store.Removed.Place()))
	}
	if store.Retained > 0 {
		s.Reasons = append(s.Reasons, fmt.Sprintf("it keeps %s alive", store.Retained))
	}
	if g := c.proportions(s.Isolate); g != "" {
		s.Reasons = append(s.Reasons, "snapshots show "+g)
	}
	c.explainShare(s, share)
}

// weighs reports whether it is known how much memory stays at all.
func (c *clues) weighs() bool {
	return c.survived() > 0 || c.Growth != nil && len(c.Growth.Classes) > 0
}

// confirm adds what snapshots show a container to hold of what grows, and returns
// that share.
func (c *clues) confirm(s *Suspect, store *evidence.Store) float64 {
	share, each := c.through(store)
	if share < leastShare {
		return 0
	}
	s.score += holding * share
	s.held = c.most(each)
	s.Bytes = max(s.Bytes, s.held)
	s.Reasons = append(s.Reasons, fmt.Sprintf("%.0f %% of the memory that grows from snapshot to snapshot hangs on it", 100*share))
	return share
}

// through is how much of the memory of the classes that grow is held by way of a
// container, as a share and per request; 0 where its path is not known.
func (c *clues) through(store *evidence.Store) (share float64, each unit.BytesPerRequest) {
	if c.Growth == nil || len(store.Path) < 2 {
		return 0, 0
	}
	way := store.Path[:len(store.Path)-1] // the last is the container itself, in other words
	var all, held float64
	for i := range c.Growth.Classes {
		k := &c.Growth.Classes[i]
		if k.Isolate != store.Isolate {
			continue
		}
		all += k.Bytes
		for _, w := range k.Ways() {
			if len(w.Path) > len(way) && slices.Equal(w.Path[:len(way)], way) {
				held += w.Share * k.Bytes
			}
		}
	}
	if held <= 0 {
		return 0, 0
	}
	return held / all, unit.BytesPerRequest(held)
}

// proportions lists the classes that grow most with the requests: "+1.00 Cart,
// +2.00 Array per request". The program's own come before V8's, which are in
// parentheses.
func (c *clues) proportions(isolate string) string {
	const most = 3
	if c.Growth == nil {
		return ""
	}
	var own, internal []string
	for i := range c.Growth.Classes {
		switch k := &c.Growth.Classes[i]; {
		case k.Isolate != isolate:
		case strings.HasPrefix(k.Name, "("):
			internal = append(internal, amount(k.PerUnit, k.Name))
		default:
			own = append(own, amount(k.PerUnit, k.Name))
		}
	}
	parts := slices.Concat(own, internal)
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts[:min(most, len(parts))], ", ") + " per " + c.unit
}

func (c *clues) watched() string {
	if c.Watch.Requests == 0 {
		return fmt.Sprintf("%.0f seconds", c.Watch.Elapsed.Seconds())
	}
	return fmt.Sprintf("%d requests", c.Watch.Requests)
}

func (c *clues) explainShare(s *Suspect, share float64) {
	if share < 0.05 {
		return
	}
	s.Reasons = append(s.Reasons, fmt.Sprintf("%.0f %% of what survives a block is allocated there (%.0f B per %s)", 100*share, float64(s.Bytes), c.unit))
}

// patternOf classifies what was seen to grow.
func (c *clues) patternOf(store *evidence.Store) Pattern {
	switch {
	case store.Isolate != "":
		return Worker
	case store.Kind == evidence.Emitter || store.Kind == evidence.Target || onSignal(store.Path):
		return Listeners
	case store.Kind == evidence.Promise:
		return PendingPromise
	case c.behind():
		return Native
	case c.outside():
		return Buffers
	case store.Closures:
		return Closures
	case store.LooksUp:
		return Cache
	}
	return Collection
}

// support finds how much of what survives is allocated in the functions of a
// store's stack, or on their behalf, and fills in the bytes and the functions.
func (c *clues) support(s *Suspect, stack []evidence.Frame) float64 {
	total := c.survived()
	if total == 0 {
		return 0
	}
	var bytes float64
	for i := range c.Profile.Sites {
		site := &c.Profile.Sites[i]
		if site.Isolate != s.Isolate || !related(site, stack) || !s.mayMake(site) {
			continue
		}
		bytes += site.Bytes
		s.sites = append(s.sites, i)
		s.addAllocated(site)
	}
	s.Bytes = c.perUnit(bytes)
	return bytes / total
}

// perUnit is what survived of a block, per request.
func (c *clues) perUnit(bytes float64) unit.BytesPerRequest {
	return c.most(unit.BytesPerRequest(bytes / c.Profile.Units()))
}

// most bounds what a block leaves per request. Its survivors hold what goes with
// the next one, such as its connections: the verdict, of many blocks, knows how
// much stays in all.
func (c *clues) most(each unit.BytesPerRequest) unit.BytesPerRequest {
	if c.retained > 0 {
		each = min(each, c.retained)
	}
	return each
}

func (c *clues) survived() float64 {
	total := 0.0
	for i := range c.Profile.Sites {
		total += c.Profile.Sites[i].Bytes
	}
	return total
}

// related reports whether a site and a stack meet in a function of the app (or,
// when there is none, of a dependency). V8 may have made the app's function a part
// of its caller in one of them: its line tells then.
func related(site *evidence.Site, b []evidence.Frame) bool {
	a := site.Stack
	i, j := evidence.Innermost(a), evidence.Innermost(b)
	if i < 0 || j < 0 {
		return false
	}
	return answers(a[i], b) || answers(b[j], a) || calledAt(site, b[j])
}

// calledAt reports whether the line of a site that is likeliest to keep what it makes
// is at a place.
func calledAt(site *evidence.Site, f evidence.Frame) bool {
	return len(site.Lines) > 0 && site.Lines[0].File == f.File && site.Lines[0].Line == f.Line
}

// answers says that f may answer for what is allocated in a stack. A dependency's
// function that the app does not call, but is called by, does not: a middleware
// stands in the stack of every handler.
func answers(f evidence.Frame, stack []evidence.Frame) bool {
	if i := evidence.Innermost(stack); i >= 0 && f.Origin == evidence.Dependency && stack[i].Origin == evidence.App {
		stack = stack[:i]
	}
	return inStack(f, stack)
}

func inStack(f evidence.Frame, stack []evidence.Frame) bool {
	for _, g := range stack {
		if g.Origin == f.Origin && g.File == f.File && g.Function == f.Function {
			return true
		}
	}
	return false
}

// addAllocated names a function that allocates what is kept, once.
func (s *Suspect) addAllocated(site *evidence.Site) {
	const most = 3
	i := evidence.Innermost(site.Stack)
	if i < 0 || len(s.Allocated) >= most {
		return
	}
	f := site.Stack[i]
	if f.File == s.At.File && f.Function == s.At.Function {
		return
	}
	for _, known := range s.Allocated {
		if known.File == f.File && known.Line == f.Line {
			return
		}
	}
	s.Allocated = append(s.Allocated, f)
}
