package testenv

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	ctx, cancel := context.WithTimeout(ctx, engineWithin)
	defer cancel()
	for {
		why := engineAnswers(ctx)
		if why == nil {
			return nil
		}
		select {
		case err := <-ended:
			if engineAnswers(ctx) == nil {
				return nil // another process has started one at the same time
			}
			return fmt.Errorf("%w: it ended at once (%w), see %s", ErrNoEngine, err, log.Name())
		case <-ctx.Done():
			return fmt.Errorf("%w: %w, see %s", ErrNoEngine, why, log.Name())
		case <-time.After(pollEvery):
		}
	}
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
