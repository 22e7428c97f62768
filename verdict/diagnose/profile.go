package diagnose

import (
	"fmt"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// leastShare is the part of what survives that a function must allocate to be
// suspected for that alone.
const leastShare = 0.1

// fromProfile suspects the functions that allocate what survives and that no
// other suspect explains. Which of their lines keeps it is inferred.
func (c *clues) fromProfile(others []Suspect) []Suspect {
	total := c.survived()
	var all []Suspect
	for i := range c.Profile.Sites {
		site := &c.Profile.Sites[i]
		at := evidence.Innermost(site.Stack)
		if at < 0 || slices.ContainsFunc(others, func(s Suspect) bool { return s.explains(site) }) {
			continue
		}
		f := site.Stack[at]
		if k := slices.IndexFunc(all, func(s Suspect) bool {
			return s.Isolate == site.Isolate && s.At.File == f.File && s.At.Function == f.Function
		}); k >= 0 {
			all[k].Bytes += unit.BytesPerRequest(site.Bytes / c.Profile.Units())
			all[k].score += site.Bytes / total
			continue
		}
		all = append(all, c.inferred(site, at, site.Bytes/total))
	}
	all = slices.DeleteFunc(all, func(s Suspect) bool { return s.score < leastShare })
	for i := range all {
		c.explainShare(&all[i], all[i].score)
	}
	return all
}

// explains says that the site's memory belongs to the suspect already.
func (s *Suspect) explains(site *evidence.Site) bool {
	if s.Isolate != site.Isolate {
		return false
	}
	return inStack(s.At, site.Stack) || slices.ContainsFunc(s.Allocated, func(f evidence.Frame) bool { return inStack(f, site.Stack) })
}

// inferred takes the line of the function that most probably keeps something.
// Where a dependency allocates, its own line tells more of the pattern.
func (c *clues) inferred(site *evidence.Site, at int, share float64) Suspect {
	s := Suspect{
		At: site.Stack[at], Within: withinOf(site.Stack, at), Isolate: site.Isolate, Thing: "object", Unit: c.unit, Confidence: Low, score: share,
		Bytes: unit.BytesPerRequest(site.Bytes / c.Profile.Units()),
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
	return s
}

// likeliest is the first of the lines that can explain the leak: an assignment
// to process.env takes native memory.
func (c *clues) likeliest(lines []evidence.Frame) *evidence.Frame {
	for i := range lines {
		if lines[i].Idiom != environmentIdiom || c.behind() {
			return &lines[i]
		}
	}
	return nil
}

// environmentIdiom is that of a line which assigns to process.env.
const environmentIdiom = "environment"

func (c *clues) patternOfIdiom(idiom, isolate string) Pattern {
	switch {
	case isolate != "":
		return Worker
	case idiom == environmentIdiom:
		return Native
	case idiom == "listen":
		return Listeners
	case idiom == "timer":
		return Timers
	case idiom == "race":
		return PendingPromise
	case idiom == "open":
		return Streams
	case c.outside():
		return Buffers
	case idiom == "closure":
		return Closures
	case idiom == "index":
		return Cache
	}
	return Collection
}
