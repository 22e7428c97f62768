package container_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/harness/target/container"
	"github.com/leakcheck/leakcheck/harness/target/watchdog"
	"github.com/leakcheck/leakcheck/tools/testenv"
)

func TestMain(m *testing.M) {
	watchdog.Main(container.RemoveOrphans)
	goleak.VerifyTestMain(m)
}

// options run testdata/server.js.
func options(t *testing.T, env map[string]string) container.Options {
	t.Helper()
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return container.Options{
		Spec: container.Spec{
			Image: testenv.NeedHostImage(t), Pull: "never", Command: []string{"node", "/app/server.js"},
			Mounts: []container.Mount{{Source: dir, Target: "/app", ReadOnly: true}},
		},
		Env:     env,
		Ready:   target.Ready{Timeout: 20 * time.Second},
		LogPath: filepath.Join(t.TempDir(), "target.log"),
		RunID:   uuid.NewString(),
	}
}

// start starts a target and stops it with the test, after which nothing of it
// is left.
func start(t *testing.T, o container.Options) *container.Container {
	t.Helper()
	c, err := container.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
		nothingLeft(t, o.RunID)
	})
	return c
}

// refused starts what cannot be started, and returns its error.
func refused(t *testing.T, o container.Options) *target.Error {
	t.Helper()
	c, err := container.Start(t.Context(), o)
	if err == nil {
		t.Errorf("Start = nil, want an error: it runs at %s", c.URL())
		if err := c.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	nothingLeft(t, o.RunID)
	var e *target.Error
	if !errors.As(err, &e) {
		t.Fatalf("Start = %v, want a *target.Error", err)
	}
	return e
}

// nothingLeft asks the engine's own command for what carries the run's label.
func nothingLeft(t *testing.T, runID string) {
	t.Helper()
	if ids := left(t, runID); len(ids) > 0 {
		t.Errorf("the run left %v on the engine, want nothing", ids)
	}
}

// left are the names of what carries the run's label.
func left(t *testing.T, runID string) []string {
	t.Helper()
	var ids []string
	for _, list := range [][]string{{"ps", "-a", "-q"}, {"network", "ls", "-q"}, {"volume", "ls", "-q"}, {"images", "-q"}} {
		out, err := exec.Command("docker", append(list, "--filter", "label=org.leakcheck.run="+runID)...).CombinedOutput()
		if err != nil {
			t.Errorf("docker %s: %v\n%s", strings.Join(list, " "), err, out)
		}
		ids = append(ids, strings.Fields(string(out))...)
	}
	return ids
}

// environment is the app's.
func environment(t *testing.T, c *container.Container) map[string]string {
	t.Helper()
	var env map[string]string
	if err := json.Unmarshal([]byte(testenv.Get(t, c.URL()+"/env")), &env); err != nil {
		t.Fatal(err)
	}
	return env
}

func readLog(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
