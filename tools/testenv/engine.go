package testenv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ErrNoEngine says that no container engine answers and none can be started.
var ErrNoEngine = errors.New("no container engine")

// engineWithin bounds the start of the engine, which takes 2 s.
const engineWithin = 30 * time.Second

// StartEngine returns when a container engine answers. As root, where one is
// installed and not running, it starts it in a session of its own: it goes on
// to run, for the tests to come. Otherwise the error is ErrNoEngine, wrapped.
func StartEngine(ctx context.Context) error {
	if _, err := exec.LookPath("docker"); err != nil {
		return fmt.Errorf("%w: docker is not on PATH", ErrNoEngine)
	}
	why := engineAnswers(ctx)
	if why == nil {
		return nil
	}
	daemon, err := lookServer("dockerd")
	if err != nil || os.Getuid() != 0 || os.Getenv("DOCKER_HOST") != "" {
		return fmt.Errorf("%w: %w", ErrNoEngine, why)
	}
	return launchEngine(ctx, daemon)
}

func launchEngine(ctx context.Context, daemon string) error {
	for program, file := range enginePIDs {
		if err := removeStale(file, program); err != nil {
			return fmt.Errorf("start the container engine: %w", err)
		}
	}
	log, err := os.Create(filepath.Join(os.TempDir(), "dockerd.log"))
	if err != nil {
		return fmt.Errorf("start the container engine: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(daemon) //nolint:noctx // it outlives whoever starts it
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Dir, cmd.SysProcAttr = "/", &syscall.SysProcAttr{Setsid: true}
	// Debian has the servers' programs where not every PATH leads.
	cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the container engine: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, engineWithin)
	defer cancel()
	for {
		why := engineAnswers(ctx)
		if why == nil {
			return cmd.Process.Release()
		}
		// Asked for, not waited for: a wait would go on as long as the engine.
		var status syscall.WaitStatus
		if pid, _ := syscall.Wait4(cmd.Process.Pid, &status, syscall.WNOHANG, nil); pid == cmd.Process.Pid {
			if engineAnswers(ctx) == nil {
				return nil // another process has started one at the same time
			}
			return fmt.Errorf("%w: it ended at once (exit status %d): %s", ErrNoEngine, status.ExitStatus(), lastLine(log.Name()))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w: %s", ErrNoEngine, why, lastLine(log.Name()))
		case <-time.After(pollEvery):
		}
	}
}

// enginePIDs are the files in which the engine's programs keep their process
// IDs.
var enginePIDs = map[string]string{
	"dockerd":    "/var/run/docker.pid",
	"containerd": "/var/run/docker/containerd/containerd.pid",
}

// removeStale removes a PID file that does not name a process of the program.
// An engine that was killed leaves such files behind, and where the ID is that
// of another process by now, a new engine takes it for its own and fails.
func removeStale(file, program string) error {
	pid, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	name, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/comm")
	if err == nil && strings.TrimSpace(string(name)) == program {
		return nil
	}
	return os.Remove(file)
}

// lastLine returns the last line of a log, which is the error of whoever wrote
// it and ended.
func lastLine(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	text = bytes.TrimSpace(text)
	return string(text[bytes.LastIndexByte(text, '\n')+1:])
}

func engineAnswers(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "docker", "version", "--format", "{{.Server.Version}}").CombinedOutput()
	if err != nil {
		return fmt.Errorf("docker version: %w: %s", err, firstLine(out))
	}
	return nil
}

// NeedEngine skips the test where there is no container engine, and fails it
// where CI=true: there, these tests must run.
func NeedEngine(t testing.TB) {
	t.Helper()
	err := StartEngine(t.Context())
	if err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("CI must run this test: %v", err)
	}
	t.Skip(err)
}
