package comparecmd

import (
	"context"
	"path"
	"path/filepath"
	"slices"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/repository"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/scenarios/draft"
	"github.com/leakcheck/leakcheck/scenarios/routes"
)

// touched are the endpoints with a route in a file that differs between base and
// head. None and all of them come to the same: each gets as much time.
func (r *revisions) touched(ctx context.Context, base, head *repository.Worktree) ([]string, error) {
	files, err := head.Differs(ctx, base)
	if err != nil {
		return nil, err
	}
	target := filepath.Join(head.Dir, r.below)
	changed := slices.DeleteFunc(draft.Served(target, r.scenario.Target.Command), func(route routes.Route) bool {
		return !slices.Contains(files, path.Join(filepath.ToSlash(r.below), route.File))
	})
	var names []string
	for i := range r.scenario.Endpoints {
		if e := &r.scenario.Endpoints[i]; slices.ContainsFunc(changed, func(route routes.Route) bool { return asks(e, &route) }) {
			names = append(names, e.Name)
		}
	}
	if len(names) > 0 && len(names) < len(r.scenario.Endpoints) {
		r.say("the change is in the files of %s: the other endpoints are measured once", unit.List(names))
	}
	return names, nil
}

// asks reports whether a request of the endpoint is answered by a route.
func asks(e *scenarios.Endpoint, route *routes.Route) bool {
	if draft.Answers(route, e.Method, e.URLPath) {
		return true
	}
	return slices.ContainsFunc(e.Flow, func(s scenarios.Step) bool { return draft.Answers(route, s.Method, s.URLPath) })
}

// only is what measures some of the endpoints.
func (r *revisions) only(names []string) *revisions {
	some := *r
	some.scenario = r.scenario.Select(names)
	return &some
}
