package comparecmd

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/archive"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/repository"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/runner"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/compare"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// measureSides measures two revisions in turns, A B B A, so that what drifts on
// the machine meets both alike.
func measureSides(ctx context.Context, o compareOptions) (base, head compare.Side, looked []*report.Document, err error) {
	base, head = compare.Side{Name: sideName(o.base)}, compare.Side{Name: sideName(o.head)}
	if o.scenario == "" {
		return base, head, nil, command.BadUsage("leakcheck compare BASE HEAD scenario.yaml --run", "--run needs the scenario")
	}
	if o.pairs < 1 {
		return base, head, nil, command.BadUsage("", "--pairs: %d is not 1 or more", o.pairs)
	}
	r, err := newRevisions(ctx, o.io, o.settings, o.scenario)
	if err != nil {
		return base, head, nil, err
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
			return base, head, nil, err
		}
	}
	looked, err = r.inTurns(ctx, o, a, b)
	return base, head, looked, err
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
	if fullHash.MatchString(revision) {
		return repository.Short(revision)
	}
	return revision
}

var fullHash = regexp.MustCompile(`^[0-9a-f]{40,64}$`)

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
// the order of blocks and the data are the same. The last of head is looked into,
// where it is worse than base.
func (r *revisions) inTurns(ctx context.Context, o compareOptions, a, b *turn) (looked []*report.Document, err error) {
	most, err := r.mostly(ctx, o, a.tree, b.tree)
	if err != nil {
		return nil, err
	}
	for i := range o.pairs {
		measured := r
		if i > 0 {
			measured = most
		}
		seed := cmp.Or(r.runner.Settings.Seed, runner.RandomSeed())
		turns := []*turn{a, b}
		if i%2 == 1 {
			slices.Reverse(turns)
		}
		for k, t := range turns {
			r.say("run %d of %d: %s %s", 2*i+k+1, 2*o.pairs, t.role, t.side.Name)
			var accuse accusation
			if last := o.pairs - 1; t == b && (i == last || i == 0 && most != r) {
				accuse = worseThan(a.side, b.side, o.judged)
			}
			doc, err := measured.look(ctx, t.tree, seed, accuse)
			if err != nil {
				return nil, cannotMeasure(t.side.Name, err)
			}
			t.side.Runs = append(t.side.Runs, archive.RunOf(doc))
			if doc.Diagnosis != nil {
				looked = append(looked, &doc)
			}
		}
	}
	return looked, nil
}

// mostly is what measures from the second pair on: all endpoints, or with --changed
// those that the change is about.
func (r *revisions) mostly(ctx context.Context, o compareOptions, base, head *repository.Worktree) (*revisions, error) {
	if !o.changed {
		return r, nil
	}
	names, err := r.touched(ctx, base, head)
	if err != nil || len(names) == 0 || len(names) == len(r.scenario.Endpoints) {
		return r, err
	}
	return r.only(names), nil
}

// worseThan accuses the endpoints of a run of head that retain more than base's, as
// far as is known by then: the last run of base may be still to come.
func worseThan(base, head *compare.Side, o compare.Options) accusation {
	return func(doc report.Document) []recording.Subject {
		now := compare.Side{Name: head.Name, Runs: append(slices.Clone(head.Runs), archive.RunOf(doc))}
		c := compare.Compare(*base, now, o)
		var out []recording.Subject
		for i, e := range doc.Verdict.Endpoints {
			k := slices.IndexFunc(c.Endpoints, func(x compare.Endpoint) bool { return x.Name == e.Name })
			if k >= 0 && (c.Endpoints[k].Outcome == compare.Regressed || c.Endpoints[k].Delta.Value > c.Endpoints[k].Tolerance && e.Outcome == verdict.Leak) {
				out = append(out, recording.Subject(i))
			}
		}
		return out
	}
}
