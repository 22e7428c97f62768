package examine

import (
	"slices"

	"github.com/leakcheck/leakcheck/sampler/evidence"
)

// mostExcerpts bounds the lines whose text is kept as evidence.
const mostExcerpts = 60

// located names the files that are there, once all is read of the sources that
// source maps hold.
func (x *examination) located() {
	locate := x.places.resolver.Locate
	stack := func(frames []evidence.Frame) {
		for i := range frames {
			locate(&frames[i])
		}
	}
	one := func(f *evidence.Frame) {
		if f != nil {
			locate(f)
		}
	}
	stores := x.found.Watch.Stores
	if g := x.found.Growth; g != nil {
		for i := range g.Classes {
			one(g.Classes[i].Function)
		}
		stores = slices.Concat(stores, g.Held) // whose stacks are shared
	}
	for i := range stores {
		stack(stores[i].Stack)
		one(stores[i].Declared)
		one(stores[i].Removed)
	}
	for _, s := range x.found.Profile.Sites {
		stack(s.Stack)
		stack(s.Lines)
		stack(s.Within)
	}
	for _, h := range slices.Concat(x.found.Watch.Handles, x.found.Watch.Environment) {
		stack(h.Stack)
	}
}

// excerpts keeps the text of the lines that may be suspected, of the app and of
// the dependency that does the work for it.
func (x *examination) excerpts() {
	if x.options.NoSource {
		return
	}
	for _, s := range x.found.Watch.Stores {
		x.excerptsOf(s.Stack)
	}
	for _, h := range x.found.Watch.Handles {
		x.excerptsOf(h.Stack)
	}
	if x.found.Growth != nil {
		for _, s := range x.found.Growth.Held {
			x.excerptsOf(s.Stack)
		}
	}
	for _, s := range x.found.Profile.Sites {
		for _, lines := range [][]evidence.Frame{s.Lines, s.Within} {
			if len(lines) > 0 {
				x.excerpt(lines[0])
			}
		}
	}
}

func (x *examination) excerptsOf(stack []evidence.Frame) {
	if i := evidence.Innermost(stack); i >= 0 {
		x.excerpt(stack[i])
		if k := evidence.Within(stack, i); k >= 0 {
			x.excerpt(stack[k])
		}
	}
}

func (x *examination) excerpt(at evidence.Frame) {
	if len(x.found.Excerpts) == mostExcerpts || x.found.ExcerptOf(&at) != nil {
		return
	}
	if e := x.places.resolver.Excerpt(at); e != nil {
		x.found.Excerpts = append(x.found.Excerpts, *e)
	}
}
