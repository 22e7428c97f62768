package cli

import (
	"context"
	"os/exec"
	"strings"
	"time"
)

// gitTimeout bounds what git is asked: a report without a commit is better
// than a run that waits for a slow disk.
const gitTimeout = 5 * time.Second

// gitState is the commit of the code under test. The commit is "" outside of a
// repository.
type gitState struct {
	commit string
	dirty  bool
}

func readGit(ctx context.Context, dir string) gitState {
	ctx, cancel := context.WithTimeout(ctx, gitTimeout)
	defer cancel()
	ask := func(args ...string) (string, bool) {
		out, err := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...).Output()
		return strings.TrimSpace(string(out)), err == nil
	}
	commit, ok := ask("rev-parse", "--verify", "--quiet", "HEAD")
	if !ok {
		return gitState{}
	}
	changes, ok := ask("--no-optional-locks", "status", "--porcelain")
	return gitState{commit: commit, dirty: !ok || changes != ""}
}
