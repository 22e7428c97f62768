package diagnose

import "github.com/leakcheck/leakcheck/sampler/evidence"

// OfDeath gives what filled the heap of a target a pattern each.
func OfDeath(e evidence.Death) *Death {
	d := &Death{Death: e}
	for i := range e.Groups {
		d.Patterns = append(d.Patterns, patternOfGroup(&e.Groups[i]))
	}
	return d
}

func patternOfGroup(g *evidence.Group) Pattern {
	switch {
	case g.Closures:
		return Closures
	case g.LooksUp:
		return Cache
	case g.Count > 1 && g.Holder != "":
		return Collection
	}
	return ""
}
