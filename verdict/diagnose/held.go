package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/evidence"
)

// fromHeld suspects the lines that put objects where snapshots show them. The
// lines are found by the names on the way, and were not seen at it: what was seen
// to be put or opened comes first where it explains as much.
func (c *clues) fromHeld() []Suspect {
	if c.Growth == nil {
		return nil
	}
	var all []Suspect
	for i := range c.Growth.Held {
		store := &c.Growth.Held[i]
		at := evidence.Innermost(store.Stack)
		if at < 0 {
			continue
		}
		s := Suspect{
			At: store.Stack[at], Within: withinOf(store.Stack, at), Isolate: store.Isolate, Unit: c.unit,
			PerUnit: store.Grown / c.Growth.Units(), Thing: things[store.Kind], Confidence: Medium, kind: store.Kind,
			Holder: &Holder{Name: store.Receiver, At: store.Declared, Path: store.Path},
		}
		s.Pattern = c.patternOf(store)
		share := c.support(&s, store.Stack)
		s.score = shown + counted*min(1, s.PerUnit) + share
		if s.At.Origin == evidence.Dependency {
			s.score *= foreign
		}
		if len(store.Stack) == 1 {
			s.score *= textAlone
		}
		s.Reasons = append(s.Reasons, fmt.Sprintf("snapshots show %s, held by %s, and %s is where the code puts something there",
			c.proportions(s.Isolate), Way(store.Path), store.Stack[0].Place()))
		if store.Removed != nil {
			s.Reasons = append(s.Reasons, fmt.Sprintf("%s takes entries out again, but not those of these requests", store.Removed.Place()))
		}
		c.explainShare(&s, share)
		all = append(all, s)
	}
	return all
}

// mostSteps is how many steps of a path people are told in a sentence.
const mostSteps = 6

// Way is a path in words. Of a long one, the beginning and the end tell most.
func Way(path []string) string {
	if n := len(path); n > mostSteps {
		path = slices.Concat(path[:1], []string{"..."}, path[n-mostSteps+2:])
	}
	return strings.Join(path, " -> ")
}
