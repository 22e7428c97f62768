package comparecmd

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/archive"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/runner"
	"github.com/leakcheck/leakcheck/verdict/compare"
	"github.com/leakcheck/leakcheck/verdict/history"
)

// findSides finds what was measured of both, and holds that it is comparable.
func findSides(ctx context.Context, o compareOptions) (base, head compare.Side, err error) {
	f := &archive.Finder{Settings: o.settings, Dir: "."}
	defer func() { err = errors.Join(err, f.Close()) }()
	if o.scenario != "" {
		s, err := runner.LoadScenario(o.scenario)
		if err != nil {
			return base, head, err
		}
		f.Scenario, f.Dir = s.Name, s.Target.Dir
	}
	base, head = compare.Side{Name: o.base}, compare.Side{Name: o.head}
	for _, side := range []*compare.Side{&base, &head} {
		if side.Runs, err = f.Find(ctx, side.Name); err != nil {
			return base, head, err
		}
	}
	base, head = pairUp(identified(base, head))
	if differ := compare.Comparable(base, head); len(differ) > 0 {
		return base, head, command.BadUsage("--run measures both revisions here", "%s and %s are not comparable: %s",
			o.base, o.head, strings.Join(differ, "; "))
	}
	return base, head, nil
}

// identified gives both sides' endpoints the identities that older runs lack and others
// tell.
func identified(base, head compare.Side) (compare.Side, compare.Side) {
	all := history.Identified(slices.Concat(base.Runs, head.Runs))
	base.Runs, head.Runs = all[:len(base.Runs)], all[len(base.Runs):]
	return base, head
}

// pairUp keeps of both sides the runs of one kind: the latest that both have.
// Where they have none in common, it keeps the latest of each.
func pairUp(base, head compare.Side) (compare.Side, compare.Side) {
	for _, b := range slices.Backward(history.Groups(base.Runs)) {
		for _, h := range slices.Backward(history.Groups(head.Runs)) {
			if b.Kind == h.Kind {
				base.Runs, head.Runs = b.Runs, h.Runs
				return base, head
			}
		}
	}
	base.Runs, head.Runs = base.Runs[len(base.Runs)-1:], head.Runs[len(head.Runs)-1:]
	return base, head
}
