package comparecmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/archive"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/repository"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/runner"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/history"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// workingTree is how the files of the user's checkout are named, as they stand.
const workingTree = "."

// revisions measures a scenario at commits of its repository. The load is that
// of the scenario as it stands in the user's checkout: it is the same for all.
type revisions struct {
	runner   runner.Runner
	signals  *command.Signals
	scenario *scenarios.Scenario
	repo     *repository.Repository
	below    string // the target's folder in the repository
}

// newRevisions finds the repository. What is measured, all endpoints or some, is
// judged as the scenario says.
func newRevisions(ctx context.Context, io *command.Streams, s settings.Settings, file string) (*revisions, error) {
	s.Inconclusive = command.ExitInconclusive
	sc, err := runner.LoadScenario(file)
	if err != nil {
		return nil, err
	}
	if err := runner.CheckSelection(s, sc); err != nil {
		return nil, err
	}
	if sc, err = runner.Select(ctx, s, sc); err != nil {
		return nil, err
	}
	if sc.Target.Attach != nil || sc.Target.Container != nil {
		return nil, command.BadUsage("give it a target.command; runs of it in the history can be compared without --run",
			"%s: revisions are measured by starting target.command in a checkout, and this scenario has none", file)
	}
	repo, err := repository.Find(ctx, sc.Target.Dir)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.EvalSymlinks(sc.Target.Dir)
	if err != nil {
		return nil, command.BadUsage("", "find target.dir: %w", err)
	}
	below, err := filepath.Rel(repo.Root, dir)
	if err != nil {
		return nil, command.BadUsage("", "find target.dir in its repository: %w", err)
	}
	return &revisions{runner: runner.Runner{IO: io, Settings: s}, scenario: sc, repo: repo, below: below}, nil
}

// notMeasured is a revision that cannot be run: it does not build, does not
// start, or ends before enough was measured.
type notMeasured struct{ error }

func (e notMeasured) Unwrap() error { return e.error }

// prepare makes a fresh checkout ready to run.
func (r *revisions) prepare(ctx context.Context, tree *repository.Worktree) error {
	err := prepareTree(ctx, r.scenario.Target.Prepare, filepath.Join(tree.Dir, r.below))
	if err != nil && ctx.Err() == nil {
		return notMeasured{err}
	}
	return err
}

// accusation says what of a run to look into; nil for nothing.
type accusation func(report.Document) []recording.Subject

// measure runs the scenario once in a worktree, in a fresh process, and adds
// the run to the history. The seed decides the order of blocks.
func (r *revisions) measure(ctx context.Context, tree *repository.Worktree, seed uint64) (history.Run, error) {
	doc, err := r.look(ctx, tree, seed, nil)
	if err != nil {
		return history.Run{}, err
	}
	return archive.RunOf(doc), nil
}

// look is measure with what was found in the code of what is accused.
func (r *revisions) look(ctx context.Context, tree *repository.Worktree, seed uint64, accuse accusation) (report.Document, error) {
	sc := *r.scenario
	sc.Target.Dir = filepath.Join(tree.Dir, r.below)
	done, err := r.runner.Measure(ctx, runner.Job{Scenario: &sc, Seed: seed, Signals: r.signals, Compared: true, Dirty: tree.Dirty, Accuse: accuse})
	if err != nil {
		return report.Document{}, err
	}
	command.PrintError(r.runner.IO.Err, done.HistoryErr)
	v := done.Doc.Verdict
	switch {
	case done.StoreErr != nil:
		return report.Document{}, done.StoreErr
	case v == nil || done.Err != nil && done.Doc.Outcome != verdict.Leak:
		return report.Document{}, notMeasured{done.Err}
	}
	return done.Doc, nil
}

// say prints a plain line of progress.
func (r *revisions) say(format string, args ...any) {
	if !r.runner.Settings.Quiet {
		fmt.Fprintf(r.runner.IO.Err, format+"\n", args...)
	}
}

// cannotMeasure is the command's error of a revision that cannot be run.
func cannotMeasure(revision string, err error) error {
	if _, ok := errors.AsType[notMeasured](err); !ok {
		return err
	}
	hint, detail := command.Advice(err)
	if strings.Contains(detail, "Cannot find module") {
		hint = "a worktree has only what git keeps: let target.prepare install the rest, as [npm, ci]"
	}
	return &harness.Error{Kind: harness.TargetFailed, Err: fmt.Errorf("%s: %w", revision, err), Hint: hint, Detail: detail}
}

// prepare runs the scenario's command for a fresh checkout, such as npm ci.
func prepareTree(ctx context.Context, command []string, dir string) error {
	if len(command) == 0 {
		return nil
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return &harness.Error{
			Kind: harness.TargetFailed, Err: fmt.Errorf("prepare (%s): %w", strings.Join(command, " "), err),
			Detail: lastLines(said.String(), 10),
		}
	}
	return nil
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
