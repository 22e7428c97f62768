package comparecmd

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/repository"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/runner"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/compare"
	"github.com/leakcheck/leakcheck/verdict/history"
)

// search is a bisection in progress.
type search struct {
	r         *revisions
	tree      *repository.Worktree
	good, bad string // commits
	bounds    compare.Boundary
	steps     []step
	runs      map[compare.Place][]history.Run // in the order of measuring
	firstBad  string
}

// step is one commit that was tried.
type step struct {
	Commit  string          `json:"commit"`
	Place   compare.Place   `json:"place"`
	Outcome verdict.Outcome `json:"outcome"`
	Growth  string          `json:"growth"`
	RunID   string          `json:"run"`
	Reason  string          `json:"reason,omitempty"` // why it was skipped
}

// newSearch measures both ends in the worktree that the search will use, and
// compares them. On an error the worktree is gone.
func newSearch(ctx context.Context, r *revisions, o bisectOptions) (*search, *compare.Comparison, error) {
	s := &search{r: r, runs: map[compare.Place][]history.Run{}}
	var err error
	if s.good, err = r.repo.Commit(ctx, o.good); err != nil {
		return nil, nil, err
	}
	if s.bad, err = r.repo.Commit(ctx, o.bad); err != nil {
		return nil, nil, err
	}
	if s.tree, err = r.repo.CheckOut(ctx, s.good); err != nil {
		return nil, nil, err
	}
	c, err := s.ends(ctx, o)
	if err != nil {
		return nil, nil, errors.Join(err, s.tree.Remove(ctx))
	}
	return s, c, nil
}

func (s *search) ends(ctx context.Context, o bisectOptions) (*compare.Comparison, error) {
	var sides []compare.Side
	for _, end := range []struct {
		name, commit string
		place        compare.Place
	}{{o.good, s.good, compare.Good}, {o.bad, s.bad, compare.Bad}} {
		s.r.say("%s: %s (%s)", end.place, end.name, repository.Short(end.commit))
		if err := s.goTo(ctx, end.commit); err != nil {
			return nil, err
		}
		run, err := s.r.measure(ctx, s.tree, cmp.Or(s.r.runner.Settings.Seed, runner.RandomSeed()))
		if err != nil {
			return nil, cannotMeasure(end.name, err)
		}
		s.note(end.commit, end.place, &run)
		sides = append(sides, compare.Side{Name: end.name, Runs: []history.Run{run}})
	}
	if differ := compare.Comparable(sides[0], sides[1]); len(differ) > 0 {
		return nil, command.BadUsage("", "%s and %s are not comparable: %s", o.good, o.bad, strings.Join(differ, "; "))
	}
	c := compare.Compare(sides[0], sides[1], o.judged)
	return &c, nil
}

// goTo checks a commit out and prepares it as a fresh checkout.
func (s *search) goTo(ctx context.Context, commit string) error {
	if _, err := repository.Git(ctx, s.tree.Dir, "checkout", "--quiet", "--force", "--detach", commit); err != nil {
		return command.BadMachine("", "check out %s: %w", repository.Short(commit), err)
	}
	return s.freshen(ctx)
}

// freshen removes what a commit before has left, and prepares this one.
func (s *search) freshen(ctx context.Context) error {
	if _, err := repository.Git(ctx, s.tree.Dir, "clean", "-ffdxq"); err != nil {
		return command.BadMachine("", "clean worktree: %w", err)
	}
	return s.r.prepare(ctx, s.tree)
}

func (s *search) note(commit string, place compare.Place, run *history.Run) {
	s.steps = append(s.steps, step{Commit: commit, Place: place, Outcome: run.Outcome, Growth: growthOf(run), RunID: run.ID})
	if place == compare.Good || place == compare.Bad {
		s.runs[place] = append(s.runs[place], *run)
	}
}

// growthOf is "upload 40.2 B/request, list ~".
func growthOf(run *history.Run) string {
	parts := make([]string, len(run.Endpoints))
	for i := range run.Endpoints {
		e := &run.Endpoints[i]
		switch {
		case !e.Measured():
			parts[i] = e.Name + " ?"
		case e.Retained.Low <= 0:
			parts[i] = e.Name + " ~"
		default:
			parts[i] = e.Name + " " + e.Retained.Value.String()
		}
	}
	return strings.Join(parts, ", ")
}

// firstBadLine is how git bisect says that it is done.
var firstBadLine = regexp.MustCompile(`(?m)^([0-9a-f]{40,64}) is the first '?bad'? commit`)

// search lets git bisect choose commits until it names the first bad one, or
// only skipped ones are left.
func (s *search) search(ctx context.Context) error {
	said, err := repository.Git(ctx, s.tree.Dir, "bisect", "start", s.bad, s.good)
	if err != nil {
		return command.BadUsage("GOOD must be an ancestor of BAD", "%w", err)
	}
	for {
		if m := firstBadLine.FindStringSubmatch(said); m != nil {
			s.firstBad = m[1]
			return nil
		}
		place, err := s.try(ctx)
		if err != nil {
			return err
		}
		said, err = repository.Git(ctx, s.tree.Dir, "bisect", string(place))
		if strings.Contains(said, "only 'skip'ped commits left") {
			return nil
		}
		if err != nil {
			return command.BadMachine("", "%w", err)
		}
	}
}

// try measures the commit that git has checked out. One that cannot be run is
// skipped.
func (s *search) try(ctx context.Context) (compare.Place, error) {
	commit, err := repository.Git(ctx, s.tree.Dir, "rev-parse", "HEAD")
	if err != nil {
		return "", command.BadMachine("", "%w", err)
	}
	s.r.say("trying %s", repository.Short(commit))
	run, err := s.measured(ctx)
	if _, broken := errors.AsType[notMeasured](err); broken {
		s.r.say("  skipped: %v", err)
		s.steps = append(s.steps, step{Commit: commit, Place: compare.Skip, Outcome: "failed", Reason: err.Error()})
		return compare.Skip, nil
	}
	if err != nil {
		return "", err
	}
	place := s.bounds.Place(&run)
	s.note(commit, place, &run)
	s.r.say("  %s: %s", place, growthOf(&run))
	return place, nil
}

func (s *search) measured(ctx context.Context) (history.Run, error) {
	if err := s.freshen(ctx); err != nil {
		return history.Run{}, err
	}
	return s.r.measure(ctx, s.tree, cmp.Or(s.r.runner.Settings.Seed, runner.RandomSeed()))
}
