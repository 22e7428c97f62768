package cli

import (
	"context"
	"os/exec"
	"strconv"
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
	time   time.Time // of the commit
	dirty  bool
}

func readGit(ctx context.Context, dir string) gitState {
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
		return gitState{}
	}
	changes, ok := ask("--no-optional-locks", "status", "--porcelain")
	return gitState{commit: commit, time: time.Unix(unix, 0).UTC(), dirty: !ok || changes != ""}
}
