package diagnose

import (
	"cmp"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/verdict"
)

// maxSuspects is how many explanations of one leak are kept.
const maxSuspects = 5

// Diagnose explains the leaks of v by the evidence of each. The verdict may be
// nil: what grows is then not known.
func Diagnose(v *verdict.Verdict, all []evidence.Evidence) *Diagnosis {
	d := &Diagnosis{Schema: Schema, Findings: []Finding{}}
	for _, e := range all {
		d.Findings = append(d.Findings, find(symptomsOf(v, &e), e))
	}
	return d
}

func find(s symptoms, e evidence.Evidence) Finding {
	f := Finding{Endpoint: s.endpoint, Notes: slices.Clone(e.Notes), Seconds: e.Took.Seconds(), Evidence: e}
	c := &clues{symptoms: s, Evidence: e}
	all := slices.Concat(c.fromStores(), c.fromHandles(), c.fromEnvironment(), c.fromHeld())
	all = append(all, c.fromProfile(all)...)
	slices.SortStableFunc(all, func(a, b Suspect) int { return cmp.Compare(b.score, a.score) })
	f.Suspects = distinct(all)
	if thin := c.thin(f.Suspects); thin != "" {
		f.Notes = append(f.Notes, thin)
	}
	return f
}

// distinct drops later suspects at a place that an earlier one names.
func distinct(all []Suspect) []Suspect {
	kept := []Suspect{}
	for _, s := range all {
		same := slices.ContainsFunc(kept, func(k Suspect) bool {
			return k.At.File == s.At.File && k.At.Line == s.At.Line && k.Isolate == s.Isolate
		})
		if !same && len(kept) < maxSuspects {
			kept = append(kept, s)
		}
	}
	return kept
}

// clues are the evidence of one leak beside its symptoms.
type clues struct {
	symptoms
	evidence.Evidence
}

// thin says where the evidence leaves a doubt.
func (c *clues) thin(suspects []Suspect) string {
	switch {
	case len(suspects) == 0 && c.behind():
		return "native memory grows, and nothing that is kept on the heap leads to it: it is an add-on's, or of a part of Node that this load calls"
	case len(suspects) == 0:
		return "nothing that was seen to be kept leads back to the app's code"
	case suspects[0].Confidence == Low:
		return "the evidence is thin: the line is inferred from the function that allocates, and was not seen to keep anything"
	case len(suspects) > 1 && suspects[1].score > 0.9*suspects[0].score:
		return "the second suspect is supported about as well as the first"
	}
	return ""
}
