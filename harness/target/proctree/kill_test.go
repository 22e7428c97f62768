package proctree

import (
	"bufio"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startTree runs a shell script in a group of its own; its first line of
// output is a pid.
func startTree(t *testing.T, script string) (Tree, *exec.Cmd, int) {
	t.Helper()
	cmd := exec.Command("sh", "-c", script)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return Tree{Root: cmd.Process.Pid}, cmd, pid
}

func TestKill(t *testing.T) {
	tests := []struct {
		name, script string
		want         syscall.Signal // that ends the root
	}{
		{"in order", "sleep 60 & echo $!; wait", syscall.SIGTERM},
		{"by force", "trap '' TERM; sleep 60 & echo $!; wait", syscall.SIGKILL},
		{"stopped", "sleep 60 & echo $!; kill -STOP $$", syscall.SIGKILL},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree, cmd, child := startTree(t, tt.script)
			if !Alive(child) {
				t.Fatal("the child is not seen alive")
			}
			if err := tree.Kill(t.Context(), 300*time.Millisecond); err != nil {
				t.Fatal(err)
			}
			if Alive(child) || Alive(tree.Root) {
				t.Error("alive after Kill")
			}
			_ = cmd.Wait()
			if got := cmd.ProcessState.Sys().(syscall.WaitStatus).Signal(); got != tt.want {
				t.Errorf("root ended by %v, want %v", got, tt.want)
			}
		})
	}
}

func TestKillOfNothing(t *testing.T) {
	if err := (Tree{Marker: "LEAKCHECK_TEST=nobody"}).Kill(t.Context(), time.Minute); err != nil {
		t.Error(err)
	}
}
