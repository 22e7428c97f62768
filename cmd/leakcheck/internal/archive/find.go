package archive

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/repository"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/store"
	"github.com/leakcheck/leakcheck/verdict/history"
)

// runIDPattern is what newRunID makes.
var runIDPattern = regexp.MustCompile(`^\d{8}-\d{6}-[0-9a-f]{6}$`)

// Finder finds runs by what the user calls them. The history is opened when it
// is first needed.
type Finder struct {
	Settings settings.Settings
	Scenario string // name, "" for any
	Dir      string // in the repository
	history  *store.Store
}

// Find lists the runs of a recording, a run's id or a revision, at least one.
func (f *Finder) Find(ctx context.Context, name string) ([]history.Run, error) {
	switch {
	case isFile(name):
		r, err := judgeFile(name)
		return []history.Run{r}, err
	case runIDPattern.MatchString(name):
		if err := f.open(ctx); err != nil {
			return nil, err
		}
		r, err := FindRun(ctx, f.history, name)
		return []history.Run{r}, err
	case filepath.Ext(name) == ".jsonl":
		return nil, command.BadUsage("BASE and HEAD are recordings, ids of runs, or git revisions", "no file %s", name)
	}
	return f.ofRevision(ctx, name)
}

// ofRevision lists the runs of a commit that were made without other changes.
func (f *Finder) ofRevision(ctx context.Context, revision string) ([]history.Run, error) {
	repo, err := repository.Find(ctx, f.Dir)
	if err != nil {
		return nil, err
	}
	commit, err := repo.Commit(ctx, revision)
	if err != nil {
		return nil, err
	}
	if err := f.open(ctx); err != nil {
		return nil, err
	}
	runs, err := f.history.Runs(ctx, store.Filter{Commit: commit, Scenario: f.Scenario})
	if err != nil {
		return nil, err
	}
	runs = slices.DeleteFunc(runs, func(r history.Run) bool { return r.Dirty || len(r.Endpoints) == 0 })
	if len(runs) == 0 {
		return nil, command.BadUsage("--run measures it now", "no run of %s (%s) in the history", revision, repository.Short(commit))
	}
	return runs, f.oneScenario(revision, runs)
}

// oneScenario asks for a scenario where a commit was measured with several.
func (f *Finder) oneScenario(revision string, runs []history.Run) error {
	var names []string
	for _, r := range runs {
		if !slices.Contains(names, r.Scenario) {
			names = append(names, r.Scenario)
		}
	}
	if len(names) > 1 {
		return command.BadUsage("name its file behind BASE and HEAD", "%s was measured with several scenarios: %s", revision, strings.Join(names, ", "))
	}
	return nil
}

func (f *Finder) open(ctx context.Context) (err error) {
	if f.history == nil {
		f.history, err = OpenHistory(ctx, f.Settings)
	}
	return err
}

// Close closes the history, if it was opened.
func (f *Finder) Close() error {
	if f.history == nil {
		return nil
	}
	return f.history.Close()
}

// judgeFile judges a recording, or that of a run's folder.
func judgeFile(name string) (history.Run, error) {
	doc, err := DocumentOf(name)
	if err != nil {
		return history.Run{}, err
	}
	return RunOf(doc), nil
}

// isFile reports whether a name on the command line is one of a file or folder.
func isFile(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
