package cli

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
)

// repository is the git repository that the code under test stands in.
type repository struct {
	root string
}

// findRepository is the one that holds dir.
func findRepository(ctx context.Context, dir string) (*repository, error) {
	root, err := git(ctx, dir, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, badUsage("revisions are compared in a git repository", "%w", err)
	}
	return &repository{root: root}, nil
}

// commit is the full hash of a revision.
func (r *repository) commit(ctx context.Context, revision string) (string, error) {
	commit, err := git(ctx, r.root, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil {
		return "", badUsage("git log --oneline lists commits", "no revision %q in %s", revision, r.root)
	}
	return commit, nil
}

// worktree is a checkout of its own: the user's is never touched.
type worktree struct {
	repo *repository
	dir  string
}

// checkOut makes a worktree of a commit in a temporary folder. No hook of the
// repository runs.
func (r *repository) checkOut(ctx context.Context, commit string) (*worktree, error) {
	tmp, err := os.MkdirTemp("", "leakcheck-worktree-")
	if err != nil {
		return nil, badMachine("", "make worktree: %w", err)
	}
	// Symbolic links would make git's paths and ours differ (/tmp on macOS).
	if real, err := filepath.EvalSymlinks(tmp); err == nil {
		tmp = real
	}
	w := &worktree{repo: r, dir: filepath.Join(tmp, "tree")}
	if _, err := git(ctx, r.root, "worktree", "add", "--quiet", "--detach", w.dir, commit); err != nil {
		return nil, errors.Join(badMachine("", "check out %s: %w", short(commit), err), os.RemoveAll(tmp))
	}
	return w, nil
}

// remove takes the worktree away, also when the run was interrupted.
func (w *worktree) remove(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	_, err := git(ctx, w.repo.root, "worktree", "remove", "--force", "--force", w.dir)
	if err := errors.Join(err, os.RemoveAll(filepath.Dir(w.dir))); err != nil {
		return badMachine("git worktree prune forgets it", "remove worktree: %w", err)
	}
	return nil
}

// git runs one git command in dir, without the repository's hooks, and returns
// what it prints. The error holds what git said.
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
	return strings.TrimSpace(out.String()), nil
}

func short(commit string) string { return commit[:min(8, len(commit))] }
