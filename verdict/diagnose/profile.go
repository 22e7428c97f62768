package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/evidence"
)

// reference is the size of a pointer: less than that does not keep one thing for each
// request, be it native.
const reference = 8

// fromProfile suspects the functions that allocate what survives and that no
// other suspect explains. Which of their lines keeps it is inferred: those that
// do in a way that no watch would have seen come first.
func (c *clues) fromProfile(others []Suspect) []Suspect {
	others = slices.DeleteFunc(slices.Clone(others), func(s Suspect) bool { return s.Confidence == Low }) // explain nothing yet
	assigning := c.inferredOf(others, func(idiom evidence.Idiom) bool { return unseenIdioms[idiom] })
	for i := range assigning {
		s := &assigning[i]
		s.sites = nil // support finds them
		s.score = c.support(s, s.stack)
	}
	rest := c.inferredOf(slices.Concat(others, assigning), func(idiom evidence.Idiom) bool { return !unseenIdioms[idiom] })
	all := slices.DeleteFunc(slices.Concat(assigning, rest), func(s Suspect) bool {
		return s.score < leastShare || c.behind() && s.Bytes < reference
	})
	for i := range all {
		s := &all[i]
		c.explainShare(s, s.score)
		if s.At.Origin == evidence.Dependency {
			s.score *= foreign
		}
	}
	return all
}

// unseenIdioms are those of lines that keep something which no watch sees.
var unseenIdioms = map[evidence.Idiom]bool{evidence.IdiomIndex: true, evidence.IdiomAssign: true, evidence.IdiomSignal: true, evidence.IdiomSymbol: true}

// inferredOf are the suspects by sites that no other suspect explains, and whose
// likeliest line has an idiom that is wanted.
func (c *clues) inferredOf(others []Suspect, wanted func(idiom evidence.Idiom) bool) []Suspect {
	total := c.survived()
	var all []Suspect
	for i := range c.Profile.Sites {
		site := &c.Profile.Sites[i]
		at := evidence.Innermost(site.Stack)
		if at < 0 || slices.ContainsFunc(others, func(s Suspect) bool { return s.explains(site) }) {
			continue
		}
		if s, idiom := c.inferred(site, at); wanted(idiom) {
			s.sites = []int{i}
			all = joined(all, s, site.Bytes/total)
		}
	}
	return all
}

// joined adds what one more site of a function allocates to its suspect.
func joined(all []Suspect, s Suspect, share float64) []Suspect {
	k := slices.IndexFunc(all, func(known Suspect) bool {
		return known.Isolate == s.Isolate && known.At.File == s.At.File && known.At.Function == s.At.Function && (known.Within == nil) == (s.Within == nil)
	})
	if k < 0 {
		s.score = share
		return append(all, s)
	}
	if all[k].At.Idiom == "" && s.At.Idiom != "" {
		all[k].At, all[k].Reasons = s.At, s.Reasons // another site tells the line
	}
	all[k].Bytes += s.Bytes
	all[k].sites = append(all[k].sites, s.sites...)
	all[k].score += share
	return all
}

// explains says that the site's memory belongs to the suspect already.
func (s *Suspect) explains(site *evidence.Site) bool {
	if s.Isolate != site.Isolate || !s.mayMake(site) {
		return false
	}
	return answers(s.At, site.Stack) || calledAt(site, s.At) || slices.ContainsFunc(s.Allocated, func(f evidence.Frame) bool { return answers(f, site.Stack) })
}

// mayMake says that a suspect may have to do with a site. One that is inferred
// from what a dependency allocates for the app's function knows nothing of what
// else this function does.
func (s *Suspect) mayMake(site *evidence.Site) bool {
	if s.stack == nil || s.Within == nil {
		return true
	}
	at := evidence.Innermost(site.Stack)
	return slices.ContainsFunc(site.Stack[:max(0, at)], func(f evidence.Frame) bool {
		return f.Origin == evidence.Dependency && f.Package == s.Within.Package
	})
}

// inferred takes the line of the function that most probably keeps something,
// and says by which idiom. Where a dependency allocates, its own line tells more
// of the pattern.
func (c *clues) inferred(site *evidence.Site, at int) (s Suspect, idiom evidence.Idiom) {
	s = Suspect{
		At: site.Stack[at], Within: withinOf(site.Stack, at), Isolate: site.Isolate, Thing: "object", Unit: c.unit, Confidence: Low,
		stack: site.Stack,
		Bytes: c.perUnit(site.Bytes),
	}
	keeps := &s.At
	if line := c.likeliest(site.Lines); line != nil {
		s.At = *line
	}
	if s.Within != nil {
		keeps = s.Within
		if line := c.likeliest(site.Within); line != nil {
			*s.Within = *line
		}
	}
	if keeps.Idiom != "" {
		s.Reasons = append(s.Reasons, fmt.Sprintf("of the lines of the function, %s is the likeliest to keep what it makes", keeps.Place()))
	}
	s.Pattern = c.patternOfIdiom(keeps.Idiom, site.Isolate)
	return s, keeps.Idiom
}

// likeliest is the first of the lines that can explain the leak: an assignment
// to process.env takes native memory, and what the watch sees was not seen.
func (c *clues) likeliest(lines []evidence.Frame) *evidence.Frame {
	var seen *evidence.Frame
	for i := range lines {
		switch f := &lines[i]; {
		case f.Idiom == evidence.IdiomEnvironment && !c.behind():
		case c.Watch.Units() > 0 && watchedIdioms[f.Idiom]:
			if seen == nil {
				seen = f
			}
		case seen != nil && makingIdioms[f.Idiom]:
			return seen
		default:
			return f
		}
	}
	return seen
}

// watchedIdioms are those of lines that the watch sees, and makingIdioms those
// of lines that only make something.
var (
	watchedIdioms = map[evidence.Idiom]bool{evidence.IdiomListen: true, evidence.IdiomTimer: true, evidence.IdiomPut: true}
	makingIdioms  = map[evidence.Idiom]bool{evidence.IdiomNew: true, evidence.IdiomLiteral: true, evidence.IdiomClosure: true}
)

func (c *clues) patternOfIdiom(idiom evidence.Idiom, isolate string) Pattern {
	switch {
	case isolate != "":
		return Worker
	case idiom == evidence.IdiomEnvironment:
		return Native
	case (idiom == evidence.IdiomListen || idiom == evidence.IdiomOpen) && c.leavesConnections():
		return Connections
	case idiom == evidence.IdiomListen, idiom == evidence.IdiomSignal:
		return Listeners
	case idiom == evidence.IdiomTimer:
		return Timers
	case idiom == evidence.IdiomRace:
		return PendingPromise
	case idiom == evidence.IdiomOpen:
		return Streams
	case c.behind():
		return Native
	case c.dependants(isolate):
		return Listeners
	case c.outside():
		return Buffers
	case idiom == evidence.IdiomClosure:
		return Closures
	case idiom == evidence.IdiomIndex:
		return Cache
	}
	return Collection
}

// leavesConnections says that the run counted connections which stay open.
func (c *clues) leavesConnections() bool {
	return c.open["socket"] >= leastRate || c.open["TCPSocketWrap"] >= leastRate
}

// dependants says that what grows most hangs on a signal that it waits for.
func (c *clues) dependants(isolate string) bool {
	if c.Growth == nil || len(c.Growth.Classes) == 0 {
		return false
	}
	first := &c.Growth.Classes[0]
	return first.Isolate == isolate && onSignal(first.Path)
}

// onSignal says that a path leads through the signals that AbortSignal.any made
// of another one, which keeps them as it does its listeners.
func onSignal(path []string) bool {
	return slices.ContainsFunc(path, func(step string) bool { return strings.HasSuffix(step, "[kDependantSignals]") })
}
