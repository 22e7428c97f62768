package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// What Quick promises.
const (
	quickConfidence = 0.9
	quickDuration   = time.Minute
)

// Select returns the scenario with some of its endpoints only, by their names. All
// else of it stays, its Hash and what it is called among others.
func (s *Scenario) Select(names []string) *Scenario {
	out := *s
	var kept []int
	out.Endpoints, out.Others = nil, slices.Clone(s.Others)
	for i, e := range s.Endpoints {
		if slices.Contains(names, e.Name) {
			out.Endpoints, kept = append(out.Endpoints, e), append(kept, i)
		} else {
			out.Others = append(out.Others, e)
		}
	}
	if len(kept) == 1 {
		out.Run.Mode = "" // there is nothing to mix it with
	}
	if s.positions != nil {
		out.positions = s.positions.keep(kept)
	}
	return &out
}

// Quick returns the scenario with a smaller promise, for the time between an edit and
// the next: less confidence, within a minute.
func (s *Scenario) Quick() *Scenario {
	out := *s
	out.Hurried = true
	out.Run.Confidence = min(s.Run.Confidence, quickConfidence)
	out.Run.MaxDuration = min(s.Run.MaxDuration, quickDuration)
	return &out
}

// keep is p of a scenario that has the endpoints of these indices only.
func (p *positions) keep(indices []int) *positions {
	out := *p
	out.places = map[string]place{}
	for path, at := range p.places {
		if !strings.HasPrefix(path, "endpoints[") {
			out.places[path] = at
		}
	}
	for now, before := range indices {
		from, to := indexed("endpoints", before), indexed("endpoints", now)
		for path, at := range p.places {
			if rest, ok := strings.CutPrefix(path, from); ok {
				out.places[to+rest] = at
			}
		}
	}
	return &out
}

// NamesTagged are the endpoints that have one of the tags.
func (s *Scenario) NamesTagged(tags []string) []string {
	var names []string
	for i := range s.Endpoints {
		if slices.ContainsFunc(s.Endpoints[i].Tags, func(tag string) bool { return slices.Contains(tags, tag) }) {
			names = append(names, s.Endpoints[i].Name)
		}
	}
	return names
}

// Names are those of the endpoints, and the tags that they have, each once.
func (s *Scenario) Names() (endpoints, tags []string) {
	for i := range s.Endpoints {
		endpoints = append(endpoints, s.Endpoints[i].Name)
		for _, tag := range s.Endpoints[i].Tags {
			if !slices.Contains(tags, tag) {
				tags = append(tags, tag)
			}
		}
	}
	return endpoints, tags
}

// Suggest says in a hint which of the known words was meant, and which there are.
func Suggest(word string, known []string) string {
	there := "there are: " + strings.Join(known, ", ")
	if len(known) == 0 {
		there = "there are none"
	}
	if near := meant(word, known); near != "" {
		return fmt.Sprintf("did you mean %q? %s", near, there)
	}
	return there
}
