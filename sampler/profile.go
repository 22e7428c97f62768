package sampler

import (
	"context"
	"fmt"
	"slices"
)

// sampleEvery is the mean distance of samples in bytes: a leak of 30 B/request
// over 3,000 requests leaves about 90 samples.
const sampleEvery = 1024

// RawFrame is a place in a script as V8 names it: line and column from 1.
type RawFrame struct {
	Function, URL string
	Line, Column  int
}

// RawSite is one stack, innermost first, and what of its allocations survived.
type RawSite struct {
	Isolate string // "" is the main thread
	Stack   []RawFrame
	Bytes   float64
}

// StartProfile begins to sample allocations, in all isolates.
func (s *Sampler) StartProfile(ctx context.Context) error {
	s.findIsolates()
	err := s.each(ctx, func(i *isolate, ctx context.Context) error {
		params := map[string]any{"samplingInterval": sampleEvery}
		return i.ask(ctx, "HeapProfiler.startSampling", params, nil)
	})
	if err != nil {
		return fmt.Errorf("start allocation profile: %w", err)
	}
	return nil
}

// StopProfile returns what was allocated since StartProfile and lives now. The
// target should be settled before.
func (s *Sampler) StopProfile(ctx context.Context) ([]RawSite, error) {
	found := make([][]RawSite, len(s.isolates))
	index := make(map[*isolate]int, len(s.isolates))
	for n, i := range s.isolates {
		index[i] = n
	}
	err := s.each(ctx, func(i *isolate, ctx context.Context) error {
		var answer struct {
			Profile struct {
				Head profileNode `json:"head"`
			} `json:"profile"`
		}
		err := i.ask(ctx, "HeapProfiler.stopSampling", nil, &answer)
		found[index[i]] = answer.Profile.Head.sites(i.label(), nil, nil)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("stop allocation profile: %w", err)
	}
	var all []RawSite
	for _, sites := range found {
		all = append(all, sites...)
	}
	return all, nil
}

// profileNode is a function in the tree of V8's profile.
type profileNode struct {
	CallFrame struct {
		FunctionName string `json:"functionName"`
		URL          string `json:"url"`
		LineNumber   int    `json:"lineNumber"` // from 0, -1 when unknown
		ColumnNumber int    `json:"columnNumber"`
	} `json:"callFrame"`
	SelfSize float64       `json:"selfSize"`
	Children []profileNode `json:"children"`
}

// sites appends the tree's stacks to into; callers are outermost first.
func (n *profileNode) sites(isolate string, callers []RawFrame, into []RawSite) []RawSite {
	f := n.CallFrame
	stack := slices.Concat(callers, []RawFrame{{f.FunctionName, f.URL, f.LineNumber + 1, f.ColumnNumber + 1}})
	if n.SelfSize > 0 {
		site := RawSite{Isolate: isolate, Bytes: n.SelfSize}
		for i := len(stack) - 1; i > 0; i-- { // without the root
			site.Stack = append(site.Stack, stack[i])
		}
		into = append(into, site)
	}
	for i := range n.Children {
		into = n.Children[i].sites(isolate, stack, into)
	}
	return into
}
