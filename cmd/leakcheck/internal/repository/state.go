// Package repository asks git about the code under test, and checks revisions out.
package repository

import (
	"context"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/scenarios"
)

// gitTimeout bounds what git is asked: a report without a commit is better
// than a run that waits for a slow disk.
const gitTimeout = 5 * time.Second

// State is the commit of the code under test, and where its files are. The
// commit is "" outside of a repository.
type State struct {
	Commit     string
	Time       time.Time // of the commit
	Dirty      bool
	Repository recording.Repository
}

// StateOf asks git about the code that a scenario runs.
func StateOf(ctx context.Context, s *scenarios.Scenario) State {
	dir := sourcesOf(s)
	ctx, cancel := context.WithTimeout(ctx, gitTimeout)
	defer cancel()
	ask := func(args ...string) (string, bool) {
		out, err := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...).Output()
		return strings.TrimSpace(string(out)), err == nil
	}
	head, ok := ask("log", "-1", "--no-show-signature", "--format=%H %ct")
	commit, at, parted := strings.Cut(head, " ")
	unix, err := strconv.ParseInt(at, 10, 64)
	if !ok || !parted || err != nil {
		return State{}
	}
	changes, ok := ask("--no-optional-locks", "status", "--porcelain")
	state := State{Commit: commit, Time: time.Unix(unix, 0).UTC(), Dirty: !ok || changes != ""}
	if root, ok := ask("rev-parse", "--show-toplevel"); ok {
		state.Repository = recording.Repository{Root: root, Target: below(root, dir), Scenario: below(root, s.Path)}
	}
	return state
}

// sourcesOf is the folder that the target's code stands in.
func sourcesOf(s *scenarios.Scenario) string {
	if c := s.Target.Container; c != nil && c.Build != nil {
		return c.Build.Context
	}
	return s.Target.Dir
}

// below is a file or folder relative to the root of its repository, "" when it
// is not in it. git follows symbolic links to the root.
func below(root, name string) string {
	name, err := filepath.Abs(name)
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	rel, err := filepath.Rel(root, name)
	if err != nil || !filepath.IsLocal(rel) {
		return ""
	}
	return filepath.ToSlash(rel)
}
