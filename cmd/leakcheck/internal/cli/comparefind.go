package cli

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/store"
	"github.com/leakcheck/leakcheck/verdict/history"
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

// isFile says whether a name on the command line is one of a file or folder.
func isFile(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
