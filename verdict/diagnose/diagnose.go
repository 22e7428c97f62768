package diagnose

import (
	"cmp"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
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
	all = joinThreads(all)
	slices.SortStableFunc(all, func(a, b Suspect) int { return cmp.Compare(b.score, a.score) })
	f.Suspects = c.divided(distinct(all))
	for i := range f.Suspects {
		c.mend(&f.Suspects[i])
	}
	if thin := c.thin(f.Suspects); thin != "" {
		f.Notes = append(f.Notes, thin)
	}
	return f
}

// joinThreads makes one suspect of those that threads of one script have at one line:
// each thread has a part of the requests.
func joinThreads(all []Suspect) []Suspect {
	var joined []Suspect
	for _, s := range all {
		k := slices.IndexFunc(joined, func(o Suspect) bool {
			return o.Isolate != s.Isolate && o.Isolate != "" && s.Isolate != "" &&
				o.At.File == s.At.File && o.At.Line == s.At.Line && o.Thing == s.Thing
		})
		if k < 0 {
			joined = append(joined, s)
			continue
		}
		o := &joined[k]
		o.score = max(o.score, s.score) + counted*(min(1, o.PerUnit+s.PerUnit)-min(1, max(o.PerUnit, s.PerUnit)))
		o.PerUnit += s.PerUnit
		o.Bytes += s.Bytes
		o.held += s.held
		o.sites = append(o.sites, s.sites...)
		o.Isolate += ", " + s.Isolate
	}
	return joined
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

// divided shares the leak among its suspects, the likeliest first: what one explains
// counts for no other, and one that explains less than a tenth of it beside
// others is none. All are kept where the memory is not known.
func (c *clues) divided(all []Suspect) []Suspect {
	rest := c.whole()
	if rest <= 0 || len(all) == 0 {
		return all
	}
	least := leastShare * rest
	claimed := make(map[int]bool)
	kept := all[:0]
	for i, s := range all {
		if i > 0 {
			s.Bytes = max(c.unclaimed(&s, claimed), s.held)
		}
		s.Bytes = min(s.Bytes, rest)
		if i > 0 && s.Bytes < least && !s.counted {
			continue
		}
		rest -= s.Bytes
		for _, site := range s.sites {
			claimed[site] = true
		}
		kept = append(kept, s)
	}
	return kept
}

// unclaimed is what the sites of a suspect leave that no likelier one has claimed.
func (c *clues) unclaimed(s *Suspect, claimed map[int]bool) unit.BytesPerRequest {
	var bytes float64
	for _, site := range s.sites {
		if !claimed[site] {
			bytes += c.Profile.Sites[site].Bytes
		}
	}
	return c.perUnit(bytes)
}

// whole is what each request leaves in all: what the verdict says, or else what
// survived the profiled block.
func (c *clues) whole() unit.BytesPerRequest {
	if c.retained > 0 || c.Profile.Units() == 0 {
		return c.retained
	}
	return unit.BytesPerRequest(c.survived() / c.Profile.Units())
}

// clues are the evidence of one leak beside its symptoms.
type clues struct {
	symptoms
	evidence.Evidence
}

// thin says where the evidence leaves a doubt.
func (c *clues) thin(suspects []Suspect) string {
	switch {
	case len(suspects) == 0 && len(c.Notes) > 0 && c.Profile.Units() == 0 && c.Watch.Units() == 0:
		return "" // the notes say why nothing was looked at
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
