package examine

import "github.com/leakcheck/leakcheck/sampler/evidence"

// mostExcerpts bounds the lines whose text is kept as evidence.
const mostExcerpts = 60

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
