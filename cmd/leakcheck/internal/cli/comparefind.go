package cli

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/compare"
	"github.com/leakcheck/leakcheck/verdict/history"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/store"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// runIDPattern is what newRunID makes.
var runIDPattern = regexp.MustCompile(`^\d{8}-\d{6}-[0-9a-f]{6}$`)

// finder finds runs by what the user calls them. The history is opened when it
// is first needed.
type finder struct {
	settings settings
	scenario string // name, "" for any
	dir      string // in the repository
	history  *store.Store
}

// findSides finds what was measured of both, and holds that it is comparable.
func findSides(ctx context.Context, o compareOptions) (base, head compare.Side, err error) {
	f := &finder{settings: o.settings, dir: "."}
	defer func() { err = errors.Join(err, f.close()) }()
	if o.scenario != "" {
		s, err := loadScenario(o.scenario)
		if err != nil {
			return base, head, err
		}
		f.scenario, f.dir = s.Name, s.Target.Dir
	}
	base, head = compare.Side{Name: o.base}, compare.Side{Name: o.head}
	for _, side := range []*compare.Side{&base, &head} {
		if side.Runs, err = f.find(ctx, side.Name); err != nil {
			return base, head, err
		}
	}
	base, head = pairUp(base, head)
	if differ := compare.Comparable(base, head); len(differ) > 0 {
		return base, head, badUsage("--run measures both revisions here", "%s and %s are not comparable: %s",
			o.base, o.head, strings.Join(differ, "; "))
	}
	return base, head, nil
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

// find lists the runs of a recording, a run's id or a revision, at least one.
func (f *finder) find(ctx context.Context, name string) ([]history.Run, error) {
	switch {
	case isFile(name):
		r, err := judgeFile(name)
		return []history.Run{r}, err
	case runIDPattern.MatchString(name):
		if err := f.open(ctx); err != nil {
			return nil, err
		}
		r, err := findRun(ctx, f.history, name)
		return []history.Run{r}, err
	case filepath.Ext(name) == ".jsonl":
		return nil, badUsage("BASE and HEAD are recordings, ids of runs, or git revisions", "no file %s", name)
	}
	return f.ofRevision(ctx, name)
}

// ofRevision lists the runs of a commit that were made without other changes.
func (f *finder) ofRevision(ctx context.Context, revision string) ([]history.Run, error) {
	repo, err := findRepository(ctx, f.dir)
	if err != nil {
		return nil, err
	}
	commit, err := repo.commit(ctx, revision)
	if err != nil {
		return nil, err
	}
	if err := f.open(ctx); err != nil {
		return nil, err
	}
	runs, err := f.history.Runs(ctx, store.Filter{Commit: commit, Scenario: f.scenario})
	if err != nil {
		return nil, err
	}
	runs = slices.DeleteFunc(runs, func(r history.Run) bool { return r.Dirty || len(r.Endpoints) == 0 })
	if len(runs) == 0 {
		return nil, badUsage("--run measures it now", "no run of %s (%s) in the history", revision, short(commit))
	}
	return runs, f.oneScenario(revision, runs)
}

// oneScenario asks for a scenario where a commit was measured with several.
func (f *finder) oneScenario(revision string, runs []history.Run) error {
	var names []string
	for _, r := range runs {
		if !slices.Contains(names, r.Scenario) {
			names = append(names, r.Scenario)
		}
	}
	if len(names) > 1 {
		return badUsage("name its file behind BASE and HEAD", "%s was measured with several scenarios: %s", revision, joinComma(names))
	}
	return nil
}

func (f *finder) open(ctx context.Context) (err error) {
	if f.history == nil {
		f.history, err = openHistory(ctx, f.settings)
	}
	return err
}

func (f *finder) close() error {
	if f.history == nil {
		return nil
	}
	return f.history.Close()
}

// judgeFile judges a recording, or that of a run's folder.
func judgeFile(name string) (history.Run, error) {
	doc, err := documentOf(name)
	if err != nil {
		return history.Run{}, err
	}
	return runOf(doc), nil
}

// documentOf judges a recording as its run did.
func documentOf(name string) (report.Document, error) {
	path := recordingPath(name)
	rec, err := recording.ReadFile(path)
	if err != nil {
		return report.Document{}, badUsage("the recording of a run stands in its folder", "read %s: %w", path, err)
	}
	v, err := verdict.Judge(rec, verdict.Options{})
	if err != nil {
		return report.Document{}, badUsage("", "read %s: %w", path, err)
	}
	doc := report.Document{Verdict: v, Recording: rec, Dir: filepath.Dir(path), Source: name}
	failed := recordedFailure(rec)
	doc.Outcome, doc.ExitCode = settle(v, failed, nil, exitInconclusive)
	doc.Failure = failureOf(failed, nil)
	return doc, nil
}
