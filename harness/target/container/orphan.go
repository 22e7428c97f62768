package container

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/moby/moby/client"

	"github.com/leakcheck/leakcheck/harness/target"
)

// orphanVariable tells a watchdog that its run has containers, and on which
// engine.
const orphanVariable = "LEAKCHECK_CONTAINERS"

// orphanEnvironment is what a watchdog needs to reach the engine.
func (e *engine) orphanEnvironment() []string {
	env := []string{orphanVariable + "=" + e.about.Host}
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if name == "HOME" || name == "XDG_RUNTIME_DIR" || strings.HasPrefix(name, "DOCKER_") || strings.HasPrefix(name, "TESTCONTAINERS_") {
			env = append(env, entry)
		}
	}
	return env
}

const (
	// orphanPatience is how long a watchdog tries to reach an engine that does
	// not answer: one that is being restarted comes back.
	orphanPatience = 2 * time.Minute
	orphanPause    = time.Second
)

// RemoveOrphans is for watchdog.Main: it removes what the run with that marker
// has made on the engine, and goes on trying while that fails. It does nothing
// for a run without containers.
func RemoveOrphans(ctx context.Context, marker string) error {
	host := os.Getenv(orphanVariable)
	if host == "" {
		return nil
	}
	runID := strings.TrimPrefix(marker, target.Marker(""))
	ctx, cancel := context.WithTimeout(ctx, orphanPatience)
	defer cancel()
	for {
		err := removeRun(ctx, host, labels{runLabel: runID}.filter())
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(orphanPause):
		}
	}
}

// removeRun does without testcontainers, which looks for an engine once in a
// process: while the run's own is away it would find none for ever, or another.
func removeRun(ctx context.Context, host string, f client.Filters) error {
	api, err := client.New(client.FromEnv, client.WithHost(host))
	if err != nil {
		return fmt.Errorf("reach the container engine: %w", err)
	}
	defer api.Close()
	return (&engine{api: api}).remove(ctx, f)
}
