package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/history"
)

// revisions measures a scenario at commits of its repository. The load is that
// of the scenario as it stands in the user's checkout: it is the same for all.
type revisions struct {
	io       *streams
	settings settings
	scenario *scenarios.Scenario
	repo     *repository
	below    string // the target's folder in the repository
}

func newRevisions(ctx context.Context, io *streams, s settings, file string) (*revisions, error) {
	sc, err := loadScenario(file)
	if err != nil {
		return nil, err
	}
	if sc.Target.Attach != nil || sc.Target.Container != nil {
		return nil, badUsage("give it a target.command; runs of it in the history can be compared without --run",
			"%s: revisions are measured by starting target.command in a checkout, and this scenario has none", file)
	}
	repo, err := findRepository(ctx, sc.Target.Dir)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.EvalSymlinks(sc.Target.Dir)
	if err != nil {
		return nil, badUsage("", "find target.dir: %w", err)
	}
	below, err := filepath.Rel(repo.root, dir)
	if err != nil {
		return nil, badUsage("", "find target.dir in its repository: %w", err)
	}
	return &revisions{io: io, settings: s, scenario: sc, repo: repo, below: below}, nil
}

// notMeasured is a revision that cannot be run: it does not build, does not
// start, or ends before enough was measured.
type notMeasured struct{ error }

func (e notMeasured) Unwrap() error { return e.error }

// prepare makes a fresh checkout ready to run.
func (r *revisions) prepare(ctx context.Context, tree *worktree) error {
	err := prepareTree(ctx, r.scenario.Target.Prepare, filepath.Join(tree.dir, r.below))
	if err != nil && ctx.Err() == nil {
		return notMeasured{err}
	}
	return err
}

// measure runs the scenario once in a worktree, in a fresh process, and adds
// the run to the history. The seed decides the order of blocks.
func (r *revisions) measure(ctx context.Context, tree *worktree, seed uint64) (history.Run, error) {
	sc := *r.scenario
	sc.Target.Dir = filepath.Join(tree.dir, r.below)
	sc.Run.Seed = seed
	at := readGit(ctx, &sc)
	folder := newRunFolder(r.settings.runsDir)
	plan, err := harness.Compile(&sc, harness.Options{
		Dir: folder.dir, RunID: folder.id, Tool: readBuild().Version, Seed: seed,
		MaxDuration: r.settings.maxDuration, GitCommit: at.commit, GitTime: at.time, Repository: at.repository,
	})
	if err != nil {
		return history.Run{}, cannotRun(sc.Path, err)
	}
	if err := folder.create(); err != nil {
		return history.Run{}, err
	}
	view := newView(r.io, r.settings.quiet)
	rec, runErr := harness.Run(ctx, plan, fixedRounds(view))
	view.Close()
	if err := context.Cause(ctx); err != nil {
		return history.Run{}, err
	}
	return r.conclude(ctx, folder, rec, runErr)
}

// conclude judges, stores and remembers one run as the run command does.
func (r *revisions) conclude(ctx context.Context, folder *runFolder, rec *recording.Recording, runErr error) (history.Run, error) {
	if rec == nil {
		return history.Run{}, notMeasured{runErr}
	}
	doc, err := conclude(rec, nil, runErr, nil, exitInconclusive)
	if err != nil {
		return history.Run{}, err
	}
	doc.Dir, doc.Source = folder.dir, folder.dir
	if err := folder.store(doc); err != nil {
		return history.Run{}, err
	}
	if err := remember(ctx, r.settings, doc); err != nil {
		printError(r.io.err, err)
	}
	if doc.Verdict == nil || runErr != nil && doc.Outcome != verdict.Leak {
		return history.Run{}, notMeasured{runErr}
	}
	return runOf(doc), nil
}

// fixedRounds measures the fewest rounds and no more, so that all runs have
// seen as many requests: growth of a healthy process falls as it warms up.
func fixedRounds(view view) harness.Hooks {
	h := hooks(view)
	decide := h.Decide
	h.Decide = func(rec *recording.Recording) harness.Decision {
		d := decide(rec)
		return harness.Decision{Drain: d.Drain, Goes: d.Goes}
	}
	return h
}

// say prints a plain line of progress.
func (r *revisions) say(format string, args ...any) {
	if !r.settings.quiet {
		fmt.Fprintf(r.io.err, format+"\n", args...)
	}
}

// cannotMeasure is the command's error of a revision that cannot be run.
func cannotMeasure(revision string, err error) error {
	if _, ok := errors.AsType[notMeasured](err); !ok {
		return err
	}
	hint, detail := advice(err)
	if strings.Contains(detail, "Cannot find module") {
		hint = "a worktree has only what git keeps: let target.prepare install the rest, as [npm, ci]"
	}
	return &harness.Error{Kind: harness.TargetFailed, Err: fmt.Errorf("%s: %w", revision, err), Hint: hint, Detail: detail}
}
