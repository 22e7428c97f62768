package container

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/moby/moby/client"

	"github.com/leakcheck/leakcheck/harness/target"
)

// orphanVariable tells a watchdog that its run has containers.
const orphanVariable = "LEAKCHECK_CONTAINERS"

// orphanEnvironment is what a watchdog needs to find the engine.
func orphanEnvironment() []string {
	env := []string{orphanVariable + "=1"}
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
	if os.Getenv(orphanVariable) == "" {
		return nil
	}
	runID := strings.TrimPrefix(marker, target.Marker(""))
	ctx, cancel := context.WithTimeout(ctx, orphanPatience)
	defer cancel()
	for {
		err := removeRun(ctx, labels{runLabel: runID}.filter())
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

func removeRun(ctx context.Context, f client.Filters) error {
	e, err := connect(ctx)
	if err != nil {
		return err
	}
	defer e.close()
	return e.remove(ctx, f)
}
