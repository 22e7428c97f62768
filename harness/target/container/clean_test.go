package container_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/leakcheck/leakcheck/harness/target/container"
	"github.com/leakcheck/leakcheck/tools/testenv"
)

// victimVariable makes this test binary start a target and wait to be killed.
const victimVariable = "CONTAINER_TEST_VICTIM"

// victim starts a target under the run id given and never stops it.
func TestVictim(t *testing.T) {
	runID := os.Getenv(victimVariable)
	if runID == "" {
		t.Skip("started by the tests below")
	}
	o := options(t, nil)
	o.RunID = runID
	if _, err := container.Start(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// What a killed process leaves, its watchdog removes.
func TestKilled(t *testing.T) {
	testenv.NeedHostImage(t)
	runID := uuid.NewString()
	cmd := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	cmd.Env = append(os.Environ(), victimVariable+"="+runID)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("victim: %v, want it killed\n%s", err, out)
	}
	const patience = 20 * time.Second
	for begin := time.Now(); len(left(t, runID)) > 0 && time.Since(begin) < patience; {
		time.Sleep(100 * time.Millisecond)
	}
	nothingLeft(t, runID)
}

// Where no watchdog could, Sweep does, and the next run.
func TestSweep(t *testing.T) {
	image := testenv.NeedHostImage(t)
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	leave := func(pid string) string {
		runID := uuid.NewString()
		out, err := exec.Command("docker", "run", "-d", "--label=org.leakcheck.run="+runID, "--label=org.leakcheck.owner="+host+" "+pid,
			image, "node", "-e", "setInterval(() => {}, 1000)").CombinedOutput()
		if err != nil {
			t.Fatalf("docker run: %v\n%s", err, out)
		}
		return runID
	}
	dead, alive := leave(strconv.Itoa(ended.Process.Pid)), leave(strconv.Itoa(os.Getppid()))
	removed, err := container.Sweep(t.Context(), false)
	if err != nil || removed.Containers < 1 {
		t.Errorf("Sweep = %+v, %v, want the dead run's container removed", removed, err)
	}
	nothingLeft(t, dead)
	if len(left(t, alive)) == 0 {
		t.Error("Sweep removed a container of a run in progress")
	}
	if out, err := exec.Command("docker", "rm", "-f", left(t, alive)[0]).CombinedOutput(); err != nil {
		t.Errorf("docker rm: %v\n%s", err, out)
	}
}

// A start that is interrupted removes what it had made.
func TestInterrupted(t *testing.T) {
	o := options(t, map[string]string{"MODE": "silent"})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for len(left(t, o.RunID)) == 0 && ctx.Err() == nil {
			time.Sleep(20 * time.Millisecond)
		}
		cancel()
	}()
	if _, err := container.Start(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("Start = %v, want it canceled", err)
	}
	nothingLeft(t, o.RunID)
}
