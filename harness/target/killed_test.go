package target_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/tools/testenv"
)

// helperVariable turns the test binary into a program that starts the command
// in it, prints the URL, and waits.
const helperVariable = "TARGET_TEST_HELPER"

func helper(command string) {
	o := target.Options{Command: strings.Fields(command), Dir: "testdata", RunID: os.Getenv("TARGET_TEST_RUN")}
	p, err := target.Start(context.Background(), o)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(p.URL())
	<-p.Done()
}

// startHelper runs the helper through a shell command that ends in "exec".
func startHelper(t *testing.T, shell, command, runID string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command("sh", "-c", shell+` "$0"`, os.Args[0])
	cmd.Env = append(os.Environ(), helperVariable+"="+command, "TARGET_TEST_RUN="+runID)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		awaitGone(t, runID)
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "http://") {
		t.Fatalf("helper: got %q, %v", line, err)
	}
	return cmd, strings.TrimSpace(line)
}

func TestSIGKILLLeavesNothing(t *testing.T) {
	for _, script := range []string{"plain.js", "daemon.js", "stubborn.js"} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			runID := uuid.NewString()
			cmd, _ := startHelper(t, "exec", "node "+script, runID)
			if len(members(t, runID)) == 0 {
				t.Fatal("no process of the target found while it runs")
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			awaitGone(t, runID)
		})
	}
}

// awaitGone fails the test unless the target is gone within 2 s.
func awaitGone(t *testing.T, runID string) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Second)
	for len(members(t, runID)) > 0 {
		if time.Now().After(deadline) {
			t.Fatalf("processes left 2 s after SIGKILL: %v", members(t, runID))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestOpenFileLimitIsRaised(t *testing.T) {
	_, url := startHelper(t, "ulimit -Sn 256; exec", "sh limit.sh", uuid.NewString())
	if got := testenv.Get(t, url+"/env?name=LIMIT"); got == "256" {
		t.Errorf("soft limit of the target: got %s, want the hard one", got)
	}
}
