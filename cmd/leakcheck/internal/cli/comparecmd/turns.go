package comparecmd

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/repository"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/runner"
	"github.com/leakcheck/leakcheck/verdict/compare"
)

// measureSides measures two revisions in turns, A B B A, so that what drifts on
// the machine meets both alike.
func measureSides(ctx context.Context, o compareOptions) (base, head compare.Side, err error) {
	base, head = compare.Side{Name: sideName(o.base)}, compare.Side{Name: sideName(o.head)}
	if o.scenario == "" {
		return base, head, command.BadUsage("leakcheck compare BASE HEAD scenario.yaml --run", "--run needs the scenario")
	}
	if o.pairs < 1 {
		return base, head, command.BadUsage("", "--pairs: %d is not 1 or more", o.pairs)
	}
	r, err := newRevisions(ctx, o.io, o.settings, o.scenario)
	if err != nil {
		return base, head, err
	}
	sigs, ctx := command.CatchSignals(ctx)
	r.signals = sigs
	defer func() {
		sigs.Release()
		err = interrupted(sigs, err)
	}()
	a := &turn{role: "base", revision: o.base, side: &base}
	b := &turn{role: "head", revision: o.head, side: &head}
	defer func() { err = errors.Join(err, b.remove(ctx), a.remove(ctx)) }()
	for _, t := range []*turn{a, b} {
		if t.tree, err = r.ready(ctx, t.revision); err != nil {
			return base, head, err
		}
	}
	err = r.inTurns(ctx, o.pairs, a, b)
	return base, head, err
}

// turn is one side that is measured.
type turn struct {
	role     string
	revision string
	side     *compare.Side
	tree     *repository.Worktree // nil until it is ready
}

// sideName is how a revision is shown.
func sideName(revision string) string {
	if revision == workingTree {
		return "working tree"
	}
	return revision
}

func (t *turn) remove(ctx context.Context) error {
	if t.tree == nil {
		return nil
	}
	return t.tree.Remove(ctx)
}

// interrupted is the error of a command that a signal ended.
func interrupted(sigs *command.Signals, err error) error {
	if sig := sigs.Caught(); sig != nil {
		return command.Reported(command.SignalCode(sig))
	}
	return err
}

// ready checks a revision out and prepares it.
func (r *revisions) ready(ctx context.Context, revision string) (*repository.Worktree, error) {
	tree, err := r.checkOut(ctx, revision)
	if err != nil {
		return nil, err
	}
	if err := r.prepare(ctx, tree); err != nil {
		return nil, errors.Join(cannotMeasure(revision, err), tree.Remove(ctx))
	}
	return tree, nil
}

func (r *revisions) checkOut(ctx context.Context, revision string) (*repository.Worktree, error) {
	if revision == workingTree {
		return r.repo.CheckOutWorking(ctx)
	}
	commit, err := r.repo.Commit(ctx, revision)
	if err != nil {
		return nil, err
	}
	return r.repo.CheckOut(ctx, commit)
}

// inTurns measures each side so many times. Both runs of a pair have one seed:
// the order of blocks and the data are the same.
func (r *revisions) inTurns(ctx context.Context, pairs int, a, b *turn) error {
	for i := range pairs {
		seed := cmp.Or(r.runner.Settings.Seed, runner.RandomSeed())
		turns := []*turn{a, b}
		if i%2 == 1 {
			slices.Reverse(turns)
		}
		for k, t := range turns {
			r.say("run %d of %d: %s %s", 2*i+k+1, 2*pairs, t.role, t.side.Name)
			run, err := r.measure(ctx, t.tree, seed)
			if err != nil {
				return cannotMeasure(t.side.Name, err)
			}
			t.side.Runs = append(t.side.Runs, run)
		}
	}
	return nil
}
