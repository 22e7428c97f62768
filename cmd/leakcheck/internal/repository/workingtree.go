package repository

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
)

// CheckOutWorking makes a worktree of the files as they stand in the user's
// checkout: HEAD, what was changed since, and what is new. Files that git
// ignores stay out, as in a worktree of any commit. The checkout is only read.
func (r *Repository) CheckOutWorking(ctx context.Context) (*Worktree, error) {
	commit, err := r.Commit(ctx, "HEAD")
	if err != nil {
		return nil, err
	}
	w, err := r.CheckOut(ctx, commit)
	if err != nil {
		return nil, err
	}
	if err := w.follow(ctx, r.Root); err != nil {
		return nil, errors.Join(command.BadMachine("", "copy the working tree: %w", err), w.Remove(ctx))
	}
	return w, nil
}

// follow makes the worktree's files those of a checkout.
func (w *Worktree) follow(ctx context.Context, root string) error {
	before, err := filesIn(ctx, w.Dir, "--cached")
	if err != nil {
		return err
	}
	for _, name := range before {
		// What follows may need a folder in the place of a file.
		if err := removeFile(filepath.Join(w.Dir, name)); err != nil {
			return err
		}
	}
	now, err := filesIn(ctx, root, "--cached", "--others", "--exclude-standard")
	if err != nil {
		return err
	}
	for _, name := range now {
		if err := copyFile(filepath.Join(root, name), filepath.Join(w.Dir, name)); err != nil {
			return err
		}
	}
	changes, err := Git(ctx, w.Dir, "status", "--porcelain")
	w.Dirty = changes != ""
	return err
}

// filesIn lists what git knows of a checkout, without asking to lock anything.
func filesIn(ctx context.Context, dir string, which ...string) ([]string, error) {
	out, err := git(ctx, dir, append([]string{"--no-optional-locks", "ls-files", "-z", "--deduplicate"}, which...)...)
	if err != nil {
		return nil, err
	}
	return names(out), nil
}

// removeFile removes a file or a link, and the folders that it leaves empty. The
// folder of a submodule stays, and that of the worktree has git's own file.
func removeFile(name string) error {
	if info, err := os.Lstat(name); err != nil || info.IsDir() {
		return nil //nolint:nilerr // a file that a sparse checkout left out
	}
	err := os.Remove(name)
	for dir := filepath.Dir(name); os.Remove(dir) == nil; dir = filepath.Dir(dir) {
	}
	return err
}

// copyFile copies a file or a link. One that the user has deleted is none, and
// a repository within the repository is not git's to show.
func copyFile(from, to string) error {
	info, err := os.Lstat(from)
	switch {
	case errors.Is(err, fs.ErrNotExist) || isNotDir(err):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	}
	return copyContent(from, to, info.Mode().Perm())
}

// isNotDir reports whether a folder of the path has become a file.
func isNotDir(err error) bool { return errors.Is(err, syscall.ENOTDIR) }

func copyContent(from, to string, mode fs.FileMode) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode|0o200)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// Differs lists the files that are not the same in a worktree and in base's commit.
func (w *Worktree) Differs(ctx context.Context, base *Worktree) ([]string, error) {
	commit, err := Git(ctx, base.Dir, "rev-parse", "HEAD")
	if err != nil {
		return nil, command.BadMachine("", "%w", err)
	}
	known, err := git(ctx, w.Dir, "diff", "--name-only", "-z", "--no-renames", commit)
	if err != nil {
		return nil, command.BadMachine("", "%w", err)
	}
	fresh, err := filesIn(ctx, w.Dir, "--others", "--exclude-standard")
	if err != nil {
		return nil, command.BadMachine("", "%w", err)
	}
	return append(names(known), fresh...), nil
}

// names are what git lists with -z.
func names(out string) []string { return strings.FieldsFunc(out, func(c rune) bool { return c == 0 }) }
