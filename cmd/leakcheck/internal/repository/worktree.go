package repository

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
)

// Repository is the git repository that the code under test stands in.
type Repository struct {
	Root string
}

// Find is the one that holds dir.
func Find(ctx context.Context, dir string) (*Repository, error) {
	root, err := Git(ctx, dir, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, command.BadUsage("revisions are compared in a git repository", "%w", err)
	}
	return &Repository{Root: root}, nil
}

// Commit is the full hash of a revision.
func (r *Repository) Commit(ctx context.Context, revision string) (string, error) {
	commit, err := Git(ctx, r.Root, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil {
		return "", command.BadUsage("git log --oneline lists commits", "no revision %q in %s", revision, r.Root)
	}
	return commit, nil
}

// Worktree is a checkout of its own: the user's is never touched.
type Worktree struct {
	repo *Repository
	Dir  string
	// Dirty says that its files were not those of its commit when it was made.
	Dirty bool
}

// CheckOut makes a worktree of a commit in a temporary folder. No hook of the
// repository runs.
func (r *Repository) CheckOut(ctx context.Context, commit string) (*Worktree, error) {
	tmp, err := os.MkdirTemp("", "leakcheck-worktree-")
	if err != nil {
		return nil, command.BadMachine("", "make worktree: %w", err)
	}
	// Symbolic links would make git's paths and ours differ (/tmp on macOS).
	if real, err := filepath.EvalSymlinks(tmp); err == nil {
		tmp = real
	}
	w := &Worktree{repo: r, Dir: filepath.Join(tmp, "tree")}
	if _, err := Git(ctx, r.Root, "worktree", "add", "--quiet", "--detach", w.Dir, commit); err != nil {
		return nil, errors.Join(command.BadMachine("", "check out %s: %w", Short(commit), err), os.RemoveAll(tmp))
	}
	return w, nil
}

// Remove takes the worktree away, also when the run was interrupted.
func (w *Worktree) Remove(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	_, err := Git(ctx, w.repo.Root, "worktree", "remove", "--force", "--force", w.Dir)
	if err := errors.Join(err, os.RemoveAll(filepath.Dir(w.Dir))); err != nil {
		return command.BadMachine("git worktree prune forgets it", "remove worktree: %w", err)
	}
	return nil
}

// Git runs one git command in dir, without the repository's hooks, and returns
// what it prints, without the space around it. The error holds what git said.
func Git(ctx context.Context, dir string, args ...string) (string, error) {
	out, err := git(ctx, dir, args...)
	return strings.TrimSpace(out), err
}

// git is Git with all that is printed.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir, "-c", "core.hooksPath=/dev/null"}, args...)...)
	// Set by a hook that leakcheck runs in, they would name another repository.
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !strings.HasPrefix(name, "GIT_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "LC_ALL=C")
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("git %s: %w\n%s", args[0], err, strings.TrimSpace(said.String()))
	}
	return out.String(), nil
}

// Short is a commit as people read it.
func Short(commit string) string { return commit[:min(8, len(commit))] }
